//! How sequences are cut into passes, each of which goes on where another ended.

use super::SHARD;
use crate::data::Sample;
use crate::program::Program;

/// Numbers that are kept of the steps of a pass where nothing is learnt: what fits a processor's cache, for passes of
/// 4 to 256 steps.
const KEPT_TO_LOOK: usize = 1 << 16;

/// The states and activations that a forward pass begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// States and activations 0, gains 1.
    Fresh,
    /// States and activations at the end of the last pass of the same batch.
    Carried,
    /// Those that the last pass of the same batch began with: it is taken back.
    Same,
}

/// Cuts sequences, ordered from long to short, into passes of at most `most` steps: what each pass
/// runs, and with which context.
pub fn passes(samples: &[Sample], most: usize) -> impl Iterator<Item = (Vec<Sample>, Context)> {
    let longest = samples.first().map_or(0, |sample| sample.steps);
    (0..longest).step_by(most.max(1)).map(move |done| {
        let running = samples.iter().take_while(|sample| sample.steps > done);
        let cut = running.map(|sample| sample.cut(done, most)).collect();
        (cut, if done == 0 { Context::Fresh } else { Context::Carried })
    })
}

/// Steps of a pass where nothing is learnt: few, so that long sequences take little memory, and what a pass keeps stays
/// in the processor's cache. All, where sequences are run in phases.
pub fn steps_to_look(program: &Program) -> usize {
    if program.is_phased() {
        return usize::MAX;
    }
    // No shorter than the context that each has to copy.
    (KEPT_TO_LOOK / (program.units * SHARD)).clamp(4, 256).max(program.past.depth)
}
