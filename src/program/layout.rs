//! Where a program's numbers lie in its one flat memory.

use std::ops::Range;

/// Sizes of the parts of the memory, in the order in which they lie there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Number of weights.
    pub weights: usize,
    /// Number of units.
    pub units: usize,
    /// Number of stored extended traces.
    pub extended: usize,
    /// Number of pairs of a gater and a gated unit.
    pub pairs: usize,
    /// Number of activations of steps before, see [`Past`](super::Past).
    pub past: usize,
}

/// The parts of a memory, by name; those with one number per unit are indexed by unit.
#[derive(Debug)]
pub struct Views<'a> {
    /// Weight of every connection but self-connections, block by block.
    pub weights: &'a mut [f64],
    /// Bias per unit.
    pub biases: &'a mut [f64],
    /// State per unit.
    pub states: &'a mut [f64],
    /// State of the step before, per unit.
    pub olds: &'a mut [f64],
    /// Activation per unit.
    pub activations: &'a mut [f64],
    /// Gain that each unit applies to what it gates.
    pub gains: &'a mut [f64],
    /// Derivative of the squash per unit.
    pub derivatives: &'a mut [f64],
    /// Error responsibility per unit.
    pub responsibilities: &'a mut [f64],
    /// Eligibility trace per weight.
    pub eligibilities: &'a mut [f64],
    /// Extended eligibility traces, pair by pair.
    pub extended: &'a mut [f64],
    /// Derivative times influence per pair, from the last activation.
    pub influences: &'a mut [f64],
    /// Activations of steps before, see [`Past`](super::Past).
    pub past: &'a mut [f64],
}

impl Layout {
    /// Names and sizes of the parts, in their order.
    pub fn parts(&self) -> [(&'static str, usize); 12] {
        [
            ("weights", self.weights),
            ("biases", self.units),
            ("states", self.units),
            ("olds", self.units),
            ("activations", self.units),
            ("gains", self.units),
            ("derivatives", self.units),
            ("responsibilities", self.units),
            ("eligibilities", self.weights),
            ("extended", self.extended),
            ("influences", self.pairs),
            ("past", self.past),
        ]
    }

    /// Numbers in the whole memory.
    pub fn size(&self) -> usize {
        self.parts().iter().map(|(_, size)| size).sum()
    }

    /// The trainable numbers: weights, then biases. They lead the memory.
    pub fn parameters(&self) -> Range<usize> {
        0..self.weights + self.units
    }

    /// Where the activations start.
    pub fn activations(&self) -> usize {
        self.weights + 3 * self.units
    }

    /// The parts of `memory`, which must be of this layout's size.
    pub fn split<'a>(&self, memory: &'a mut [f64]) -> Views<'a> {
        assert_eq!(memory.len(), self.size(), "a memory fits its layout");
        let mut rest = memory;
        let mut part = |size: usize| {
            let (part, others) = std::mem::take(&mut rest).split_at_mut(size);
            rest = others;
            part
        };
        Views {
            weights: part(self.weights),
            biases: part(self.units),
            states: part(self.units),
            olds: part(self.units),
            activations: part(self.units),
            gains: part(self.units),
            derivatives: part(self.units),
            responsibilities: part(self.units),
            eligibilities: part(self.weights),
            extended: part(self.extended),
            influences: part(self.pairs),
            past: part(self.past),
        }
    }
}

impl Views<'_> {
    /// Forgets traces, states and gains: the next step is the first.
    pub fn reset_context(&mut self) {
        self.responsibilities.fill(0.0);
        self.eligibilities.fill(0.0);
        self.extended.fill(0.0);
        self.influences.fill(0.0);
        let parts = [&mut self.states, &mut self.olds, &mut self.activations, &mut self.derivatives, &mut self.past];
        for part in parts {
            part.fill(0.0);
        }
        self.gains.fill(1.0);
    }
}
