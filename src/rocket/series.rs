//! A set of series.

use crate::error::{Error, Result};

/// Series of the same channels, of equal or unequal lengths.
#[derive(Clone, Debug)]
pub struct SeriesSet {
    channels: usize,
    /// Where each series ends in `values`.
    ends: Vec<usize>,
    /// Series after series, each channel after channel. (series, channels, steps)
    values: Vec<f32>,
}

impl SeriesSet {
    /// A set from the numbers of all series, one after the other, each channel after channel.
    pub fn new(channels: usize, lengths: &[u32], values: Vec<f32>) -> Result<Self> {
        let mut end = 0usize;
        let mut ends = Vec::with_capacity(lengths.len());
        for &length in lengths {
            let size = (length as usize).checked_mul(channels).filter(|&size| size > 0);
            end = size
                .and_then(|size| end.checked_add(size))
                .ok_or_else(|| Error::Range("series have at least one channel and one step".to_owned()))?;
            ends.push(end);
        }
        if end != values.len() {
            let message = format!("series of such lengths have {end} numbers, there are {}", values.len());
            return Err(Error::Range(message));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::Range("a number of a series is not finite".to_owned()));
        }
        Ok(SeriesSet { channels, ends, values })
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Values per step.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The channels of a series, each its steps.
    pub fn series(&self, index: usize) -> Vec<&[f32]> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let own = &self.values[start..self.ends[index]];
        own.chunks_exact(own.len() / self.channels).collect()
    }
}
