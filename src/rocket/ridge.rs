//! Ridge regression on classes, with a penalty chosen by leaving one sample out.
//!
//! With standardised features X (samples, features), K = X Xᵀ and G = K + penalty, the weights are Xᵀ G⁻¹ y. The error
//! of a sample by the model of all others is (G⁻¹ y)ᵢ / (G⁻¹)ᵢᵢ, so no model is fitted anew (Rifkin & Lippert 2007). G is
//! factored by Cholesky for each penalty: that needs less work than eigenvectors, always ends, and does all its sums in an
//! order of its own.

use crate::error::{Error, Result};
use crate::kernels::{add_scaled, dot};

/// Penalties to choose from: ten, evenly spaced as logarithms from 10^-3 to 10^3.
pub const PENALTIES: [f64; 10] = [
    1e-3,
    4.641588833612777e-3,
    2.154434690031882e-2,
    1e-1,
    4.641588833612777e-1,
    2.154434690031884,
    1e1,
    4.641588833612777e1,
    2.154434690031882e2,
    1e3,
];

/// Products of samples with each other: X Xᵀ. (samples, samples)
#[derive(Clone, Debug)]
pub struct Gram {
    samples: usize,
    sums: Vec<f64>,
}

/// What ridge regression has found.
#[derive(Clone, Debug)]
pub struct Ridge {
    /// The penalty that was chosen, one of [`PENALTIES`].
    pub penalty: f64,
    /// What the weights are made of: G⁻¹ y. (classes, samples)
    pub duals: Vec<f64>,
    /// What the outputs are without features. (classes)
    pub intercepts: Vec<f64>,
    /// Outputs for each sample by the model of all others. (samples, classes)
    pub left_out: Vec<f64>,
}

impl Ridge {
    /// How many samples the model of all others gives their label.
    pub fn right(&self, labels: &[u32]) -> usize {
        let classes = self.intercepts.len();
        let first_largest =
            |outputs: &[f64]| (1..classes).fold(0, |best, at| if outputs[at] > outputs[best] { at } else { best });
        self.left_out
            .chunks_exact(classes)
            .zip(labels)
            .filter(|(outputs, label)| first_largest(outputs) == **label as usize)
            .count()
    }
}

impl Gram {
    /// Products of no features yet.
    pub fn new(samples: usize) -> Self {
        Gram { samples, sums: vec![0.0; samples * samples] }
    }

    /// Adds the products of some features. (samples, samples)
    pub fn add(&mut self, part: &[f64]) -> Result<()> {
        if part.len() != self.sums.len() {
            return Err(Error::Range(format!("{} products, expected {}", part.len(), self.sums.len())));
        }
        add_scaled(&mut self.sums, 1.0, part);
        Ok(())
    }

    /// Learns to tell classes apart: outputs are 1 for a sample's own class and -1 for others.
    pub fn solve(&self, labels: &[u32], classes: usize) -> Result<Ridge> {
        let samples = self.samples;
        if labels.len() != samples || labels.iter().any(|&label| label as usize >= classes) || samples < 2 {
            return Err(Error::Range("labels are one for each of two samples at least, each below classes".to_owned()));
        }
        let mut intercepts = vec![-1.0; classes];
        for &label in labels {
            intercepts[label as usize] += 2.0 / samples as f64;
        }
        let target = |class: usize, sample: usize| if labels[sample] as usize == class { 1.0 } else { -1.0 };
        let mut best: Option<(f64, Ridge)> = None;
        for penalty in PENALTIES {
            let factor = Factor::new(self, penalty);
            let mut error = 0.0;
            let mut duals = vec![0.0; classes * samples];
            let mut left_out = vec![0.0; samples * classes];
            for (class, dual) in duals.chunks_exact_mut(samples).enumerate() {
                for (sample, value) in dual.iter_mut().enumerate() {
                    *value = target(class, sample) - intercepts[class];
                }
                factor.solve(dual);
                for (sample, &value) in dual.iter().enumerate() {
                    let wrong = value / factor.diagonal[sample];
                    left_out[sample * classes + class] = target(class, sample) - wrong;
                    error += wrong * wrong;
                }
            }
            if best.as_ref().is_none_or(|(least, _)| error < *least) {
                best = Some((error, Ridge { penalty, duals, intercepts: intercepts.clone(), left_out }));
            }
        }
        best.map(|(_, ridge)| ridge)
            .ok_or_else(|| Error::Range("no penalty gives an error that is a number".to_owned()))
    }
}

/// The Cholesky factor of G.
struct Factor {
    samples: usize,
    /// L, of which L Lᵀ = G; row after row, below the diagonal and on it. (samples, samples)
    rows: Vec<f64>,
    /// Diagonal of the inverse of G, on what is orthogonal to a constant: the intercept has no penalty. (samples)
    diagonal: Vec<f64>,
}

impl Factor {
    fn new(gram: &Gram, penalty: f64) -> Self {
        let samples = gram.samples;
        let mut rows = gram.sums.clone();
        // Features have mean 0, so a constant is an eigenvector of K with eigenvalue 0. It is given one like the others,
        // and its share of the inverse is taken back: a sum of sizes that do not cancel.
        let trace: f64 = (0..samples).map(|sample| rows[sample * (samples + 1)]).sum();
        let shift = (trace / samples as f64).max(1.0) / samples as f64;
        rows.iter_mut().for_each(|value| *value += shift);
        for row in 0..samples {
            let (before, own) = rows.split_at_mut(row * samples);
            let own = &mut own[..samples];
            for column in 0..row {
                let other = &before[column * samples..][..=column];
                own[column] = (own[column] - dot(&own[..column], &other[..column])) / other[column];
            }
            let rest = own[row] + penalty - dot(&own[..row], &own[..row]);
            // What rounding may have made of a penalty that is small beside K.
            own[row] = rest.max(penalty * 1e-3).sqrt();
        }
        let mut factor = Factor { samples, rows, diagonal: Vec::with_capacity(samples) };
        let constant = 1.0 / (samples as f64 * (samples as f64 * shift + penalty));
        let mut column = vec![0.0; samples];
        for first in 0..samples {
            // Column `first` of the inverse of L, which begins there.
            column[first] = 1.0 / factor.at(first, first);
            for row in first + 1..samples {
                let known = dot(&factor.row(row)[first..row], &column[first..row]);
                column[row] = -known / factor.at(row, row);
            }
            factor.diagonal.push(dot(&column[first..], &column[first..]) - constant);
        }
        factor
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.rows[row * self.samples..][..=row]
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.rows[row * self.samples + column]
    }

    /// Puts the inverse of G times `values` in their place.
    fn solve(&self, values: &mut [f64]) {
        for row in 0..self.samples {
            let known = dot(&self.row(row)[..row], &values[..row]);
            values[row] = (values[row] - known) / self.at(row, row);
        }
        for row in (0..self.samples).rev() {
            values[row] /= self.at(row, row);
            let value = values[row];
            add_scaled(&mut values[..row], -value, &self.row(row)[..row]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Features of mean 0. (samples, features)
    fn centred(samples: usize, features: usize, random: &mut Random) -> Vec<f64> {
        let mut rows: Vec<f64> = (0..samples * features).map(|_| random.unit()).collect();
        for feature in 0..features {
            let mean: f64 = (0..samples).map(|sample| rows[sample * features + feature]).sum::<f64>() / samples as f64;
            (0..samples).for_each(|sample| rows[sample * features + feature] -= mean);
        }
        rows
    }

    fn gram_of(rows: &[f64], samples: usize) -> Gram {
        let features = rows.len() / samples;
        let row = |sample: usize| &rows[sample * features..][..features];
        let products: Vec<f64> =
            (0..samples * samples).map(|index| dot(row(index / samples), row(index % samples))).collect();
        let mut gram = Gram::new(samples);
        gram.add(&products).unwrap();
        gram
    }

    #[test]
    fn what_is_left_out_is_what_a_model_of_the_others_says() {
        let (samples, features, classes) = (12, 30, 3);
        let mut random = Random::new(9);
        let rows = centred(samples, features, &mut random);
        let labels: Vec<u32> = (0..samples as u32).map(|sample| sample % 3).collect();
        let found = gram_of(&rows, samples).solve(&labels, classes).unwrap();
        for out in 0..samples {
            // The others, centred anew, and a model of them.
            let kept: Vec<usize> = (0..samples).filter(|&sample| sample != out).collect();
            let mean: Vec<f64> = (0..features)
                .map(|feature| kept.iter().map(|&s| rows[s * features + feature]).sum::<f64>() / kept.len() as f64)
                .collect();
            let less = |sample: usize| -> Vec<f64> {
                (0..features).map(|feature| rows[sample * features + feature] - mean[feature]).collect()
            };
            let gram = gram_of(&kept.iter().flat_map(|&sample| less(sample)).collect::<Vec<f64>>(), kept.len());
            let factor = Factor::new(&gram, found.penalty);
            for class in 0..classes {
                let mut dual: Vec<f64> =
                    kept.iter().map(|&s| if labels[s] as usize == class { 1.0 } else { -1.0 }).collect();
                let intercept = dual.iter().sum::<f64>() / kept.len() as f64;
                dual.iter_mut().for_each(|value| *value -= intercept);
                factor.solve(&mut dual);
                let said: f64 = kept.iter().zip(&dual).map(|(&s, dual)| dual * dot(&less(s), &less(out))).sum();
                let difference = said + intercept - found.left_out[out * classes + class];
                assert!(difference.abs() < 1e-9, "{out} {class} {difference}");
            }
        }
    }

    #[test]
    fn features_that_say_nothing_give_the_shares_of_the_classes() {
        let found = Gram::new(4).solve(&[0, 0, 0, 1], 2).unwrap();
        assert!((found.intercepts[0] - 0.5).abs() < 1e-12 && (found.intercepts[1] + 0.5).abs() < 1e-12);
        assert!(found.left_out.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(Gram::new(3).add(&[0.0; 4]).is_err());
        assert!(Gram::new(3).solve(&[0, 1], 2).is_err());
        assert!(Gram::new(2).solve(&[0, 2], 2).is_err());
    }
}
