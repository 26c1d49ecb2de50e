//! The sum of a batch's shards over a fixed binary tree of their numbers.
//!
//! A node of the tree is an aligned range of shards: it begins at a multiple of its size, a power of two, and ends
//! where the batch ends if that is earlier. What a node gives is what its left half gives plus what its right half
//! gives, always in this order; so whoever has a range, a thread, a process or a machine, may sum it up, and the
//! root is the same to the last bit.

use std::ops::Range;

use super::frame::{Kind, Reader, Writer};
use crate::error::{Error, Result};
use crate::kernels::{Real, add_scaled};

/// What an aligned range of a batch's shards gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<T> {
    /// The shards.
    pub shards: Range<usize>,
    /// Sum of the gradients with respect to the parameters; empty where nothing is learnt.
    pub gradient: Vec<T>,
    /// Output vectors at the targets, sample by sample; of a list its loss, and 1 where it was read right.
    pub outputs: Vec<T>,
    /// Contexts of the samples that go on, where the batch is one pass of each.
    pub contexts: Vec<T>,
}

/// A part in bytes, of the second version.
const PART: Kind = Kind { magic: *b"engprt\x00\x02", oldest: 2, name: "part of a batch" };

/// Which batch a part is of: its number, and its shards.
pub type Whole = (u64, usize);

impl<T: Real> Part<T> {
    /// The part of a batch as bytes.
    pub fn to_bytes(&self, (number, count): Whole) -> Vec<u8> {
        let mut writer = Writer::new(PART);
        for value in [number, count as u64, self.shards.start as u64, self.shards.end as u64] {
            writer.number(value);
        }
        writer.packed(&self.gradient);
        writer.packed(&self.outputs);
        writer.packed(&self.contexts);
        writer.finish()
    }

    /// The part that [`Part::to_bytes`] wrote, and which batch it is of.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Whole, Self)> {
        let mut reader = Reader::new(PART, bytes)?;
        let whole = (reader.number()?, reader.number()? as usize);
        let shards = reader.number()? as usize..reader.number()? as usize;
        let (gradient, outputs, contexts) = (reader.packed(None)?, reader.packed(None)?, reader.packed(None)?);
        reader.finish()?;
        Tree::<T>::new(whole.1).check_node(&shards)?;
        Ok((whole, Part { shards, gradient, outputs, contexts }))
    }

    /// Adds what the range after this one gives.
    fn join(&mut self, right: &Part<T>) {
        self.shards.end = right.shards.end;
        add_scaled(&mut self.gradient, T::ONE, &right.gradient);
        self.outputs.extend_from_slice(&right.outputs);
        self.contexts.extend_from_slice(&right.contexts);
    }
}

/// The sum as far as it has come: parts that are given in any order.
#[derive(Debug)]
pub struct Tree<T> {
    /// Shards of the batch.
    count: usize,
    /// What has not met its sibling, in the order of the shards: few, as parts that come in order meet at once.
    parts: Vec<Part<T>>,
}

/// Shards of a node, were it not cut off where the batch ends.
fn size(shards: &Range<usize>) -> usize {
    shards.len().next_power_of_two()
}

impl<T: Real> Tree<T> {
    /// The sum of `count` shards before any is given.
    pub fn new(count: usize) -> Self {
        Tree { count, parts: Vec::new() }
    }

    /// Whether a range is a node of the tree.
    fn is_node(&self, shards: &Range<usize>) -> bool {
        let Range { start, end } = *shards;
        let is_aligned = start < end && end <= self.count && start.is_multiple_of(size(shards));
        is_aligned && (end == self.count || shards.len().is_power_of_two())
    }

    /// Refuses ranges that are no node of the tree.
    pub fn check_node(&self, shards: &Range<usize>) -> Result<()> {
        if self.is_node(shards) {
            return Ok(());
        }
        let (Range { start, end }, count) = (shards, self.count);
        Err(Error::Range(format!("shards {start} to {end} of {count} are no node of the tree")))
    }

    /// Shards that nobody has given.
    pub fn missing(&self) -> Vec<usize> {
        let mut missing = Vec::new();
        let mut next = 0;
        for part in &self.parts {
            missing.extend(next..part.shards.start);
            next = part.shards.end;
        }
        missing.extend(next..self.count);
        missing
    }

    /// How many parts begin before a shard.
    fn before(&self, shard: usize) -> usize {
        self.parts.partition_point(|part| part.shards.start < shard)
    }

    /// Whether any shard of a range was given.
    pub fn overlaps(&self, shards: &Range<usize>) -> bool {
        self.parts[..self.before(shards.end)].last().is_some_and(|part| part.shards.end > shards.start)
    }

    /// Takes what a node gives that overlaps with none that was given.
    pub fn give(&mut self, mut part: Part<T>) {
        debug_assert!(self.is_node(&part.shards) && !self.overlaps(&part.shards));
        let mut place = self.before(part.shards.start);
        let mut size = size(&part.shards);
        while size < self.count {
            let Range { start, end } = part.shards;
            if start.is_multiple_of(2 * size) {
                // The left half; the right one may be missing yet, or lie beyond the batch.
                if end < self.count {
                    match self.parts.get(place) {
                        Some(right) if right.shards == (end..(end + size).min(self.count)) => part.join(right),
                        _ => break,
                    }
                    self.parts.remove(place);
                }
            } else {
                match self.parts[..place].last() {
                    Some(left) if left.shards == (start - size..start) => place -= 1,
                    _ => break,
                }
                let right = std::mem::replace(&mut part, self.parts.remove(place));
                part.join(&right);
            }
            size *= 2;
        }
        self.parts.insert(place, part);
    }

    /// What a node gives, once all of its shards were given.
    pub fn take(&mut self, shards: &Range<usize>) -> Option<Part<T>> {
        let place = self.before(shards.start);
        let is_whole = self.parts.get(place).is_some_and(|part| part.shards == *shards);
        is_whole.then(|| self.parts.remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A gradient whose sum shows in its bits in which order it was made.
    fn part(shards: Range<usize>) -> Part<f32> {
        let gradient = |shard: usize| Random::new(shard as u64).unit() as f32 - 0.5;
        let mut part = Part {
            shards: shards.clone(),
            gradient: vec![plain(shards.clone(), gradient)],
            outputs: vec![],
            contexts: vec![],
        };
        part.outputs.extend(shards.map(|shard| shard as f32));
        part
    }

    /// The definition: left half plus right half.
    fn plain(shards: Range<usize>, gradient: impl Fn(usize) -> f32 + Copy) -> f32 {
        if shards.len() == 1 {
            return gradient(shards.start);
        }
        let middle = shards.start + shards.len().next_power_of_two() / 2;
        plain(shards.start..middle, gradient) + plain(middle..shards.end, gradient)
    }

    #[test]
    fn parts_of_any_size_in_any_order_have_one_sum() {
        let mut random = Random::new(11);
        for count in 1..24 {
            let whole = part(0..count);
            for _ in 0..60 {
                let mut tree = Tree::new(count);
                while tree.parts.iter().all(|part| part.shards != (0..count)) {
                    let missing = tree.missing();
                    let start = missing[random.below(missing.len())];
                    let size = 1 << random.below(6);
                    let shards = start..(start + size).min(count);
                    if tree.is_node(&shards) && !tree.overlaps(&shards) {
                        tree.give(part(shards));
                    }
                }
                assert!(tree.missing().is_empty());
                assert_eq!(tree.take(&(0..count)).unwrap(), whole);
            }
        }
    }

    #[test]
    fn nodes_are_aligned_and_end_with_the_batch() {
        let tree = Tree::<f32>::new(11);
        let nodes = [0..1, 10..11, 2..4, 8..10, 4..8, 8..11, 0..8, 0..11];
        let others = [0..0, 1..3, 0..3, 4..7, 9..11, 2..6, 8..12, 11..12, 0..16];
        assert!(nodes.iter().all(|shards| tree.is_node(shards)));
        assert!(others.iter().all(|shards| !tree.is_node(shards)));
    }
}
