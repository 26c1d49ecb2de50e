//! What a fit came to: kernels, and the weights of their features.

use super::features::Dilated;
use super::series::SeriesSet;
use crate::error::{Error, Result};
use crate::kernels::{dot, softmax};

/// Kernels of all dilations; and, where classes are told apart, weights of their features.
#[derive(Clone, Debug)]
pub struct Classifier {
    channels: usize,
    kernels: Vec<Dilated>,
    /// (classes, features)
    weights: Vec<f64>,
    /// (classes)
    intercepts: Vec<f64>,
    /// What outputs are multiplied by before the softmax.
    factor: f64,
}

impl Classifier {
    /// From parts that belong together: `weights (classes, features)`, `intercepts (classes)`, both empty where features are
    /// all that is asked for.
    pub fn new(
        channels: usize,
        kernels: Vec<Dilated>,
        weights: Vec<f64>,
        intercepts: Vec<f64>,
        factor: f64,
    ) -> Result<Self> {
        let features: usize = kernels.iter().map(Dilated::len).sum();
        let finite = weights.iter().chain(&intercepts).chain([&factor]).all(|value| value.is_finite());
        if weights.len() != features * intercepts.len() || !finite {
            return Err(Error::Range("weights are finite numbers, one for each feature and class".to_owned()));
        }
        Ok(Classifier { channels, kernels, weights, intercepts, factor })
    }

    /// Features of series. (series, features)
    pub fn features(&self, set: &SeriesSet) -> Result<Vec<f32>> {
        if set.channels() != self.channels {
            return Err(Error::Range(format!("series of {} channels, expected {}", set.channels(), self.channels)));
        }
        let count: usize = self.kernels.iter().map(Dilated::len).sum();
        let mut all = vec![0.0; set.len() * count];
        if count == 0 {
            return Ok(all);
        }
        for (sample, mut row) in all.chunks_exact_mut(count).enumerate() {
            let series = set.series(sample);
            for kernels in &self.kernels {
                let (own, rest) = row.split_at_mut(kernels.len());
                kernels.features(&series, own);
                row = rest;
            }
        }
        Ok(all)
    }

    /// Probabilities of the classes for series. (series, classes)
    pub fn probabilities(&self, set: &SeriesSet) -> Result<Vec<f64>> {
        let features = self.features(set)?;
        let count: usize = self.kernels.iter().map(Dilated::len).sum();
        let mut all = Vec::with_capacity(set.len() * self.intercepts.len());
        for row in features.chunks_exact(count.max(1)) {
            let row: Vec<f64> = row.iter().map(|&value| f64::from(value)).collect();
            let outputs = self.weights.chunks_exact(count).zip(&self.intercepts);
            let start = all.len();
            all.extend(outputs.map(|(weights, intercept)| (dot(weights, &row) + intercept) * self.factor));
            softmax(&mut all[start..]);
        }
        Ok(all)
    }
}
