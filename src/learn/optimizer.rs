//! From gradient to step: clipping, SGD and Adam.

use serde::{Deserialize, Serialize};

use crate::kernels::Real;

/// Which rule turns the gradient into a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Rate times gradient.
    Sgd,
    /// Kingma & Ba 2015, with beta 0.9 and 0.999, epsilon 1e-8.
    #[default]
    Adam,
}

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// An optimiser and what it remembers.
#[derive(Clone, Debug)]
pub struct Optimizer<T> {
    method: Method,
    step: i32,
    first_moment: Vec<T>,
    second_moment: Vec<T>,
}

impl<T: Real> Optimizer<T> {
    /// An optimiser of `parameters` numbers.
    pub fn new(method: Method, parameters: usize) -> Self {
        let moments = if method == Method::Adam { parameters } else { 0 };
        Optimizer { method, step: 0, first_moment: vec![T::ZERO; moments], second_moment: vec![T::ZERO; moments] }
    }

    /// Moves `parameters` against `gradient`.
    pub fn step(&mut self, parameters: &mut [T], gradient: &[T], rate: f64) {
        match self.method {
            Method::Sgd => {
                let rate = T::of(rate);
                for (parameter, &slope) in parameters.iter_mut().zip(gradient) {
                    *parameter -= rate * slope;
                }
            }
            Method::Adam => {
                self.step = self.step.saturating_add(1);
                let correction1 = 1.0 - BETA1.powi(self.step);
                let correction2 = 1.0 - BETA2.powi(self.step);
                let scale = T::of(rate / correction1);
                let root = T::of(correction2.sqrt());
                let (keep1, take1) = (T::of(BETA1), T::of(1.0 - BETA1));
                let (keep2, take2) = (T::of(BETA2), T::of(1.0 - BETA2));
                let epsilon = T::of(EPSILON);
                let moments = self.first_moment.iter_mut().zip(&mut self.second_moment);
                for ((parameter, &slope), (first, second)) in parameters.iter_mut().zip(gradient).zip(moments) {
                    *first = keep1 * *first + take1 * slope;
                    *second = keep2 * *second + take2 * slope * slope;
                    *parameter -= scale * *first / (second.sqrt() / root + epsilon);
                }
            }
        }
    }
}

/// Shortens `gradient` to the Euclidean norm `limit` if it is longer; gives the norm it had.
pub fn clip_norm<T: Real>(gradient: &mut [T], limit: f64) -> f64 {
    let norm = gradient.iter().map(|value| value.wide() * value.wide()).sum::<f64>().sqrt();
    if norm > limit {
        let scale = T::of(limit / norm);
        for value in gradient {
            *value *= scale;
        }
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_adam_step_is_the_rate_in_every_direction() {
        let mut adam = Optimizer::new(Method::Adam, 2);
        let mut parameters = [1.0f64, 1.0];
        adam.step(&mut parameters, &[3.0, -0.02], 0.1);
        assert!((parameters[0] - 0.9).abs() < 1e-6 && (parameters[1] - 1.1).abs() < 1e-6);
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let mut gradient = [3.0f64, 4.0];
        assert_eq!(clip_norm(&mut gradient, 1.0), 5.0);
        assert!((gradient[0] - 0.6).abs() < 1e-15 && (gradient[1] - 0.8).abs() < 1e-15);
    }
}
