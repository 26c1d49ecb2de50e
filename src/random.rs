//! Seeded random numbers: one generator for weights, shuffles and topologies.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A seeded stream of random numbers; the same seed gives the same stream on every platform.
#[derive(Clone, Debug)]
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// A stream fixed by `seed`.
    pub fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The state of the stream, in four words.
    pub fn state(&self) -> [u64; 4] {
        let seed = self.0.state();
        let words = seed.as_chunks::<8>().0;
        std::array::from_fn(|index| u64::from_le_bytes(words[index]))
    }

    /// A stream that goes on from a [`Random::state`]; `None` for a state that no stream has.
    pub fn from_state(state: [u64; 4]) -> Option<Self> {
        let mut seed = [0; 32];
        for (bytes, word) in seed.as_chunks_mut::<8>().0.iter_mut().zip(state) {
            *bytes = word.to_le_bytes();
        }
        // The generator's seed is its state.
        (state != [0; 4]).then(|| Random(Xoshiro256PlusPlus::from_seed(seed)))
    }

    /// Any 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`, with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (-53f64).exp2()
    }

    /// Uniform in `[-0.1, 0.1)`: Synaptic's range for new weights and biases.
    pub fn weight(&mut self) -> f64 {
        self.unit() * 0.2 - 0.1
    }

    /// Uniform in `0..bound`; `bound` must be positive.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.unit() * bound as f64) as usize
    }

    /// Puts `items` in a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_within_range() {
        let (mut a, mut b) = (Random::new(7), Random::new(7));
        for _ in 0..1000 {
            let value = a.weight();
            assert_eq!(value, b.weight());
            assert!((-0.1..0.1).contains(&value));
        }
    }

    #[test]
    fn a_stream_goes_on_from_its_state() {
        let mut random = Random::new(3);
        random.unit();
        let mut copy = Random::from_state(random.state()).unwrap();
        assert_eq!(copy.unit(), random.unit());
        assert!(Random::from_state([0; 4]).is_none());
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<usize> = (0..100).collect();
        Random::new(1).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
