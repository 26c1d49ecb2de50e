//! What a run learns from, and what it is judged by.

use std::sync::Arc;

use super::frame::{EMPTY, mixed};
use crate::data::{DataSet, Sample};

/// The sets of a run: one to learn from, of which the samples at the end may be held out, and perhaps a second
/// one that is held out as a whole. Samples are numbered through both.
#[derive(Clone, Debug)]
pub struct Sets {
    /// What the run learns from.
    pub data: Arc<DataSet>,
    /// A set of its own that the run is judged by.
    pub held_out: Option<Arc<DataSet>>,
}

impl Sets {
    /// Number of samples of both.
    pub fn count(&self) -> usize {
        self.data.len() + self.held_out.as_ref().map_or(0, |set| set.len())
    }

    /// Samples that are not learnt from; `last` is how many at the end of the first set are held out.
    pub fn held_out_count(&self, last: usize) -> usize {
        self.held_out.as_ref().map_or(last, |set| set.len())
    }

    /// The set of a sample.
    #[inline]
    pub fn of(&self, index: usize) -> &Arc<DataSet> {
        match &self.held_out {
            Some(held_out) if index >= self.data.len() => held_out,
            _ => &self.data,
        }
    }

    /// Where a sample lies in its set.
    #[inline]
    pub fn sample(&self, index: usize) -> Sample {
        let first = if index >= self.data.len() { self.data.len() } else { 0 };
        self.of(index).sample(index - first)
    }

    /// Steps before those of a sample's set, where steps are numbered through both, too.
    #[inline]
    pub fn first_step(&self, index: usize) -> u32 {
        if index >= self.data.len() { self.data.steps() as u32 } else { 0 }
    }

    /// Steps of both.
    pub fn steps(&self) -> usize {
        self.data.steps() + self.held_out.as_ref().map_or(0, |set| set.steps())
    }

    /// True where no sample has a target before its last step.
    pub fn judge_ends_alone(&self) -> bool {
        self.data.judges_ends_alone() && self.held_out.as_ref().is_none_or(|set| set.judges_ends_alone())
    }

    /// Whether targets are lists of symbols.
    pub fn has_lists(&self) -> bool {
        self.data.has_lists()
    }

    /// Numbers that are given back for a target: an output vector, or what judges a list.
    pub fn numbers_per_target(&self) -> usize {
        if self.has_lists() { 2 } else { self.data.output_size() }
    }

    /// Whether samples have weights.
    pub fn are_weighted(&self) -> bool {
        self.data.is_weighted() || self.held_out.as_ref().is_some_and(|set| set.is_weighted())
    }

    /// A checksum of all samples, the same in whatever form they are stored.
    pub fn checksum(&self) -> u64 {
        let mut sum = EMPTY;
        for set in [Some(&self.data), self.held_out.as_ref()].into_iter().flatten() {
            set.visit_words(&mut |word| sum = mixed(sum, word));
        }
        sum
    }

    /// Steps of the longest sample.
    pub fn longest(&self) -> usize {
        (0..self.count()).map(|index| self.sample(index).steps).max().unwrap_or(0)
    }
}

#[cfg(test)]
impl From<DataSet> for Sets {
    fn from(data: DataSet) -> Self {
        Sets { data: Arc::new(data), held_out: None }
    }
}
