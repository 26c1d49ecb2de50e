//! What a pass need not compute, or keep.

use crate::data::DataSet;
use crate::kernels::can_gather;
use crate::program::{Block, BlockKind, Program, Retention, Segment, SegmentGain};

/// No unit reads an output or is gated by one, and outputs keep no state: they need not be computed at every step.
pub(super) fn outputs_are_sinks(program: &Program) -> bool {
    let outputs = &program.outputs;
    let gates = |gater: usize, count: usize| gater < outputs.end && gater + count > outputs.start;
    let retains = |retention: &Retention| matches!(retention, Retention::Gated(gater) if outputs.contains(gater));
    let reads = |segment: &Segment| {
        gates(segment.source, segment.len)
            || match segment.gain {
                SegmentGain::One => false,
                SegmentGain::Same(gater) => outputs.contains(&gater),
                SegmentGain::Each(gater) => gates(gater, segment.len),
            }
    };
    !program.segments.iter().any(reads)
        && !program.retention.iter().any(retains)
        && program.retention[outputs.clone()].iter().all(|retention| *retention == Retention::None)
}

/// Units of a program that a pass over a set need not keep: the inputs, where these are symbols, and all that reads
/// an input is a matrix of weights over them that learns nothing of gates of its columns.
pub fn skipped(program: &Program, data: &DataSet) -> usize {
    let inputs = program.inputs;
    let gathers = |block: &Block| match &block.kind {
        &BlockKind::Dense { source, columns } if source < inputs => {
            (source, columns) == (0, inputs)
                && can_gather(columns)
                && !block.late
                && block.gating.of_columns().is_none()
        }
        BlockKind::Dense { .. } => true,
        BlockKind::Diagonal { source } => *source >= inputs,
        BlockKind::Sparse(edges) => edges.iter().all(|edge| edge.source >= inputs),
    };
    if data.symbols().is_some() && program.blocks.iter().all(gathers) { inputs } else { 0 }
}
