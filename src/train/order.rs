//! The order in which the samples of a set are used: shuffles, grouping by length, and the samples
//! held out of training.

use super::frame::{Reader, Writer};
use super::options::Options;
use super::sets::Sets;
use crate::data::{DataSet, longest_first};
use crate::error::{Error, Result};
use crate::random::Random;

/// Batches among which sequences are sorted by length.
const POOL: usize = 16;

/// The order of a run's samples.
#[derive(Debug)]
pub struct Order {
    /// Indices of the samples to train on, in their order, then of the held-out ones.
    indices: Vec<usize>,
    held_out: usize,
    /// Sequences per batch, where batches are made of sequences of like length.
    group_by_length: Option<usize>,
    random: Random,
}

impl Order {
    /// The order of the sets.
    pub fn new(sets: &Sets, options: &Options) -> Self {
        Order {
            indices: (0..sets.count()).collect(),
            held_out: sets.held_out_count(options.held_out),
            group_by_length: options.group_by_length.then_some(options.batch_size),
            random: Random::new(options.seed),
        }
    }

    /// Number of samples to train on; the held-out ones come after them.
    #[inline]
    pub fn train_count(&self) -> usize {
        self.indices.len() - self.held_out
    }

    /// Whether there are held-out samples.
    pub fn holds_out(&self) -> bool {
        self.held_out > 0
    }

    /// Number of all samples.
    #[inline]
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Indices of the samples, in their order.
    #[inline]
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// A new order of the samples to train on. Where sequences are grouped by length, pools of batches
    /// are sorted by length, and then the batches of each pool shuffled.
    pub fn shuffle(&mut self, data: &DataSet) {
        let train_count = self.train_count();
        let order = &mut self.indices[..train_count];
        self.random.shuffle(order);
        let Some(batch) = self.group_by_length else { return };
        for pool in order.chunks_mut(POOL * batch) {
            longest_first(pool, &|index| data.sample(index).steps);
            // Only whole batches change places, so that the smaller batch at the end stays the last one.
            let mut batches: Vec<usize> = (0..pool.len() / batch).collect();
            self.random.shuffle(&mut batches);
            let sorted = pool.to_vec();
            for (to, from) in batches.into_iter().enumerate() {
                pool[to * batch..][..batch].copy_from_slice(&sorted[from * batch..][..batch]);
            }
        }
    }

    /// Writes down the order, and where the random numbers stand that shuffle it.
    pub fn write(&self, writer: &mut Writer) {
        writer.numbers(self.indices.iter().map(|&index| index as u64));
        writer.numbers(self.random.state().into_iter());
    }

    /// Takes back what [`Order::write`] wrote.
    pub fn read(&mut self, reader: &mut Reader) -> Result<()> {
        let mut seen = vec![false; self.indices.len()];
        for (own, index) in self.indices.iter_mut().zip(reader.numbers(Some(seen.len()))?) {
            *own = index as usize;
            if seen.get(*own) != Some(&false) {
                return Err(Error::Range("the checkpoint has an order that is none".into()));
            }
            seen[*own] = true;
        }
        let state = reader.numbers(Some(4))?;
        self.random = Random::from_state([state[0], state[1], state[2], state[3]])
            .ok_or_else(|| Error::Range("the checkpoint has a broken random state".into()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::options;
    use super::*;
    use crate::data::NO_TARGET;
    use crate::train::Learner;

    /// Sequences of one input and these lengths.
    fn sequences(lengths: &[u32]) -> Sets {
        let steps = lengths.iter().sum::<u32>() as usize;
        DataSet::new(1, 1, vec![0.0; steps], Vec::new(), vec![NO_TARGET; steps], lengths).unwrap().into()
    }

    #[test]
    fn a_shuffle_leaves_held_out_samples_where_they_are() {
        let sets = sequences(&[1; 40]);
        let mut order = Order::new(&sets, &Options { held_out: 10, ..options(Learner::Bptt) });
        order.shuffle(&sets.data);
        let (trained, held_out) = order.indices().split_at(order.train_count());
        assert_eq!(held_out, (30..40).collect::<Vec<_>>());
        assert_ne!(trained, (0..30).collect::<Vec<_>>());
        let mut sorted = trained.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..30).collect::<Vec<_>>());
    }

    #[test]
    fn batches_grouped_by_length_are_of_like_length() {
        let lengths: Vec<u32> = (0..64).map(|index| 1 + index * 37 % 64).collect();
        let sets = sequences(&lengths);
        let options = Options { group_by_length: true, batch_size: 4, ..options(Learner::Bptt) };
        let mut order = Order::new(&sets, &options);
        order.shuffle(&sets.data);
        for batch in order.indices().chunks(4) {
            let steps = batch.iter().map(|&index| sets.sample(index).steps);
            assert_eq!(steps.clone().max().unwrap() - steps.min().unwrap(), 3);
        }
    }
}
