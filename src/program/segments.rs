//! The rows that the online rule walks: the blocks, cut into segments unit by unit.

use super::{BlockKind, Gating, Past, Program, Segment, SegmentGain};

/// Fills a program's segments and rows from its blocks, and what single steps keep for them.
pub(super) fn collect(program: &mut Program) {
    for group in &program.groups {
        for row in 0..group.size {
            let unit = group.first + row;
            let start = program.segments.len();
            for block in &program.blocks[group.blocks.clone()] {
                let gain = |index: usize| match block.gating {
                    Gating::None => SegmentGain::One,
                    Gating::Rows { gater, .. } => SegmentGain::Same(gater + row),
                    Gating::Columns { gater, .. } => SegmentGain::Each(gater + index),
                };
                let segment = |weight, source, len, index| Segment {
                    weight,
                    source,
                    len,
                    gain: gain(index),
                    late: block.late,
                    delay: 0,
                    fixed: block.fixed,
                };
                match &block.kind {
                    &BlockKind::Dense { source, columns } => {
                        let first = block.weight + row * block.taps() * columns;
                        if block.delays.is_empty() {
                            program.segments.push(segment(first, source, columns, 0));
                        }
                        program.segments.extend(block.delays.iter().enumerate().map(|(tap, &delay)| Segment {
                            delay,
                            ..segment(first + tap * columns, source, columns, 0)
                        }));
                    }
                    &BlockKind::Diagonal { source } => {
                        program.segments.push(segment(block.weight + row, source + row, 1, row));
                    }
                    BlockKind::Sparse(edges) => {
                        let first = edges.partition_point(|edge| edge.target < unit);
                        let own = edges[first..].iter().take_while(|edge| edge.target == unit);
                        program.segments.extend(own.enumerate().map(|(index, edge)| Segment {
                            weight: block.weight + first + index,
                            source: edge.source,
                            len: 1,
                            gain: edge.gater.map_or(SegmentGain::One, |(gater, _)| SegmentGain::Same(gater)),
                            late: edge.late,
                            delay: edge.delay,
                            fixed: edge.fixed,
                        }));
                    }
                }
            }
            program.rows[unit] = start..program.segments.len();
        }
    }
    program.past = Past::default();
    let mut end = 0;
    for segment in program.segments.iter().filter(|segment| segment.delay > 0) {
        let past = &mut program.past;
        past.first = if past.depth == 0 { segment.source } else { past.first.min(segment.source) };
        past.depth = past.depth.max(segment.delay);
        end = end.max(segment.source + segment.len);
        past.span = end - past.first;
    }
    program.layout.past = program.past.span * program.past.depth;
}
