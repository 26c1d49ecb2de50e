//! Dropout between layers: a random part of a layer's neurons is not seen by later layers.
//!
//! One mask per sequence, the same at all of its steps (Gal & Ghahramani 2016); what is left is
//! scaled up, so that sums keep their mean. Within a layer, along time, nothing is dropped.

use std::ops::Range;

use super::Bptt;
use crate::data::Sample;
use crate::kernels::{LANES, Real};
use crate::program::{Block, BlockKind, Program};
use crate::random::Random;

/// How much is dropped, and by which draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Share of the neurons of a layer, in [0, 1).
    pub share: f64,
    /// Fixes the draw of a pass over the data; every sequence has its own from it.
    pub seed: u64,
}

impl<T: Real> Bptt<T> {
    /// Draws the masks of the passes that follow, which must be of this batch; `None` for no dropout.
    pub fn drop_out(&mut self, program: &Program, batch: &[Sample], dropout: Option<Dropout>) {
        self.mask.clear();
        let Some(Dropout { share, seed }) = dropout.filter(|dropout| dropout.share > 0.0) else { return };
        let lanes = batch.len().next_multiple_of(LANES);
        self.mask.resize((program.units - program.inputs) * lanes, T::ZERO);
        let scale = T::of(1.0 / (1.0 - share));
        for (lane, sample) in batch.iter().enumerate() {
            // A sequence has one mask, on any thread and at any index of a batch.
            let mut random = Random::new(seed ^ (sample.first as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            for unit in 0..program.outputs.start {
                // The inputs are part of the draw, though none of them is dropped.
                if random.unit() >= share && unit >= program.inputs {
                    self.mask[(unit - program.inputs) * lanes + lane] = scale;
                }
            }
        }
    }

    /// The factors of the sources of a block that drops: a projection from a hidden layer, all to all,
    /// to a later one.
    pub(super) fn drops(&self, program: &Program, block: &Block) -> Option<&[T]> {
        self.factors(program, block).map(|factors| &self.mask[factors])
    }

    /// Where [`Bptt::drops`] stands in `mask`.
    pub(super) fn factors(&self, program: &Program, block: &Block) -> Option<Range<usize>> {
        let BlockKind::Dense { source, columns } = block.kind else { return None };
        let hidden = (program.inputs..program.outputs.start).contains(&source);
        if self.mask.is_empty() || !hidden || block.late {
            return None;
        }
        let first = source - program.inputs;
        Some(first * self.lanes..(first + columns) * self.lanes)
    }
}
