//! What a pass need not compute.

use super::Bptt;
use crate::kernels::Real;
use crate::program::{Group, Program, Retention, Segment, SegmentGain};

impl<T: Real> Bptt<T> {
    /// Whether a group matters at steps with a target only.
    pub(super) fn is_idle(&self, program: &Program, group: &Group) -> bool {
        self.outputs_are_sinks && group.first >= program.outputs.start
    }
}

/// Whether no unit reads an output or is gated by one, and outputs keep no state.
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
