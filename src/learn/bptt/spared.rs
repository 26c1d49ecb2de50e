//! What a pass need not compute.

use crate::program::{Program, Retention, Segment, SegmentGain};

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
