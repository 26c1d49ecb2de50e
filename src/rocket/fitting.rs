//! A set that is learnt, dilation by dilation.

use super::dilations::Dilation;
use super::features::Dilated;
use super::series::SeriesSet;
use crate::error::{Error, Result};
use crate::kernels::{add_scaled, dot};
use crate::random::Random;

/// The samples of a fit, and the dilations that this thread has computed. Which thread computes which does not matter.
#[derive(Debug)]
pub struct Fitting {
    set: SeriesSet,
    parts: Vec<Part>,
}

/// The kernels of one dilation, fitted, and the features that they make of all samples.
#[derive(Debug)]
pub struct Part {
    place: usize,
    /// The kernels.
    pub kernels: Dilated,
    /// (samples, features)
    features: Vec<f32>,
    /// Mean of each feature. (features)
    means: Vec<f64>,
    /// One by the deviation of each feature; 0 where it stands still. (features)
    scales: Vec<f64>,
}

impl Part {
    /// The features of a sample with mean 0 and deviation 1.
    fn standardised(&self, sample: usize, into: &mut [f64]) {
        let own = &self.features[sample * into.len()..][..into.len()];
        for (((into, &value), mean), scale) in into.iter_mut().zip(own).zip(&self.means).zip(&self.scales) {
            *into = (f64::from(value) - mean) * scale;
        }
    }

    /// Products of the samples with each other, by these features. (samples, samples)
    pub fn gram(&self) -> Vec<f64> {
        let features = self.kernels.len();
        let samples = self.features.len() / features;
        let mut rows = vec![0.0; samples * features];
        rows.chunks_exact_mut(features).enumerate().for_each(|(sample, row)| self.standardised(sample, row));
        let row = |sample: usize| &rows[sample * features..][..features];
        let mut gram = vec![0.0; samples * samples];
        for a in 0..samples {
            for b in 0..=a {
                let product = dot(row(a), row(b));
                gram[a * samples + b] = product;
                gram[b * samples + a] = product;
            }
        }
        gram
    }
}

impl Fitting {
    /// Samples to be learnt, at least one.
    pub fn new(set: SeriesSet) -> Result<Self> {
        if set.is_empty() {
            return Err(Error::Range("a fit needs at least one series".to_owned()));
        }
        Ok(Fitting { set, parts: Vec::new() })
    }

    /// Draws the kernels of a dilation and computes what they make of all samples. `place` is the dilation's place among
    /// all, `first` the number of features before it; what is drawn depends on these and `seed`.
    pub fn part(&mut self, place: usize, first: usize, of: Dilation, seed: u64) -> Result<&Part> {
        if of.dilation == 0 || of.features == 0 {
            return Err(Error::Range("a dilation and its features are at least 1".to_owned()));
        }
        // A stream of its own for each dilation: multiples of 2^64 by the golden ratio are far apart.
        let mut random = Random::new(seed ^ (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let kernels = Dilated::draw(&self.set, place, first, of, &mut random);
        let (samples, count) = (self.set.len(), kernels.len());
        let mut features = vec![0.0; samples * count];
        for (sample, into) in features.chunks_exact_mut(count).enumerate() {
            kernels.features(&self.set.series(sample), into);
        }
        let (mut means, mut scales) = (vec![0.0; count], vec![0.0; count]);
        for row in features.chunks_exact(count) {
            means.iter_mut().zip(row).for_each(|(mean, &value)| *mean += f64::from(value));
        }
        means.iter_mut().for_each(|mean| *mean /= samples as f64);
        for row in features.chunks_exact(count) {
            for ((sum, &value), mean) in scales.iter_mut().zip(row).zip(&means) {
                *sum += (f64::from(value) - mean) * (f64::from(value) - mean);
            }
        }
        for scale in &mut scales {
            let deviation = (*scale / samples as f64).sqrt();
            // A share is a multiple of one by the steps: what is below is rounding.
            *scale = if deviation > 1e-9 { 1.0 / deviation } else { 0.0 };
        }
        self.parts.retain(|part| part.place != place);
        self.parts.push(Part { place, kernels, features, means, scales });
        self.parts.last().ok_or_else(|| Error::Range("no part".to_owned()))
    }

    /// Weights of a dilation's features, as they are, from `duals (classes, samples)`; behind them what each class's output
    /// has to be raised by, as the features have means. (classes, features + 1)
    pub fn weights(&self, place: usize, duals: &[f64]) -> Result<Vec<f64>> {
        let part = self.parts.iter().find(|part| part.place == place);
        let part = part.ok_or_else(|| Error::Range(format!("dilation {place} was not computed here")))?;
        let samples = self.set.len();
        if !duals.len().is_multiple_of(samples) {
            return Err(Error::Range(format!("{} numbers for {samples} samples", duals.len())));
        }
        let count = part.kernels.len();
        let mut weights = vec![0.0; duals.len() / samples * (count + 1)];
        let mut row = vec![0.0; count];
        for sample in 0..samples {
            part.standardised(sample, &mut row);
            for (weights, duals) in weights.chunks_exact_mut(count + 1).zip(duals.chunks_exact(samples)) {
                add_scaled(&mut weights[..count], duals[sample], &row);
            }
        }
        for weights in weights.chunks_exact_mut(count + 1) {
            weights.iter_mut().zip(&part.scales).for_each(|(weight, scale)| *weight *= scale);
            weights[count] = -dot(&weights[..count], &part.means);
        }
        Ok(weights)
    }
}
