//! The rows that the online rule walks: the blocks, cut into segments unit by unit.

use super::{BlockKind, Gating, Program, Segment, SegmentGain};

/// Fills a program's segments and rows from its blocks.
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
                    fixed: block.fixed,
                };
                match &block.kind {
                    &BlockKind::Dense { source, columns } => {
                        program.segments.push(segment(block.weight + row * columns, source, columns, 0));
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
                            fixed: edge.fixed,
                        }));
                    }
                }
            }
            program.rows[unit] = start..program.segments.len();
        }
    }
}
