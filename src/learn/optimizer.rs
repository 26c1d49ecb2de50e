//! From gradient to step: clipping, weight decay, and the optimisers.

use crate::field::choice;
use crate::kernels::{Real, Vector, update};
use crate::program::{BlockKind, Program};

choice! {
    /// Which rule turns the gradient into a step. The numbers are those of the papers and of PyTorch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Method {
        /// Rate times gradient.
        Sgd,
        /// Rate times a sum of gradients that fades by the momentum, 0.9.
        Momentum,
        /// Gradient over the root of its mean square (Tieleman & Hinton 2012), smoothed by 0.99.
        Rmsprop,
        /// Kingma & Ba 2015, with beta 0.9 and 0.999, epsilon 1e-8.
        Adam,
        /// Adam with the weight decay beside the step, not in the gradient (Loshchilov & Hutter 2019).
        Adamw,
    }
}

const MOMENTUM: f64 = 0.9;
const SMOOTHING: f64 = 0.99;
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// An optimiser and what it remembers.
#[derive(Clone, Debug)]
pub struct Optimizer<T> {
    method: Method,
    step: i32,
    decay: f64,
    /// Which parameters decay: weights that learn, but no bias. Empty without decay.
    decays: Vec<bool>,
    /// Mean (or, for momentum, sum) of gradients.
    first_moment: Vec<T>,
    /// Mean of squared gradients.
    second_moment: Vec<T>,
}

impl<T: Real> Optimizer<T> {
    /// An optimiser of a program's parameters; `decay` is the weight decay, 0 for none.
    pub fn new(method: Method, program: &Program, decay: f64) -> Self {
        let count = program.layout.parameters().len();
        let moment = |used: bool| vec![T::ZERO; if used { count } else { 0 }];
        Optimizer {
            method,
            step: 0,
            decay,
            decays: if decay > 0.0 { decaying(program) } else { Vec::new() },
            first_moment: moment(matches!(method, Method::Momentum | Method::Adam | Method::Adamw)),
            second_moment: moment(matches!(method, Method::Rmsprop | Method::Adam | Method::Adamw)),
        }
    }

    /// The optimiser's memory: steps, first and second moments; the latter are empty for optimisers
    /// without.
    pub fn memory(&self) -> (i32, &[T], &[T]) {
        (self.step, &self.first_moment, &self.second_moment)
    }

    /// Takes back what [`Optimizer::memory`] gave, of the same sizes.
    pub fn remember(&mut self, step: i32, first_moment: Vec<T>, second_moment: Vec<T>) {
        debug_assert_eq!(first_moment.len(), self.first_moment.len());
        debug_assert_eq!(second_moment.len(), self.second_moment.len());
        (self.step, self.first_moment, self.second_moment) = (step, first_moment, second_moment);
    }

    /// Moves `parameters` against `gradient`, to which weight decay may be added.
    pub fn step(&mut self, parameters: &mut [T], gradient: &mut [T], rate: f64) {
        let decaying = self.decays.iter().zip(parameters.iter_mut()).filter(|(decays, _)| **decays);
        if self.method == Method::Adamw {
            let keep = T::of(1.0 - rate * self.decay);
            decaying.for_each(|(_, parameter)| *parameter *= keep);
        } else {
            let decay = T::of(self.decay);
            let slopes = self.decays.iter().zip(gradient.iter_mut()).zip(parameters.iter());
            for ((_, slope), &parameter) in slopes.filter(|((decays, _), _)| **decays) {
                *slope += decay * parameter;
            }
        }
        let of = |number: f64| T::Vector::splat(T::of(number));
        let (first, second) = (&mut self.first_moment[..], &mut self.second_moment[..]);
        match self.method {
            Method::Sgd => {
                let rate = of(rate);
                update([parameters, gradient], |[parameter, slope]| [parameter.sub(rate.mul(slope)), slope]);
            }
            Method::Momentum => {
                let (rate, keep) = (of(rate), of(MOMENTUM));
                update([parameters, gradient, first], |[parameter, slope, sum]| {
                    let sum = keep.mul(sum).add(slope);
                    [parameter.sub(rate.mul(sum)), slope, sum]
                });
            }
            Method::Rmsprop => {
                let (rate, keep, take) = (of(rate), of(SMOOTHING), of(1.0 - SMOOTHING));
                let epsilon = of(EPSILON);
                update([parameters, gradient, second], |[parameter, slope, square]| {
                    let square = keep.mul(square).add(take.mul(slope).mul(slope));
                    [parameter.sub(rate.mul(slope).div(square.sqrt().add(epsilon))), slope, square]
                });
            }
            Method::Adam | Method::Adamw => {
                self.step = self.step.saturating_add(1);
                let correction1 = 1.0 - BETA1.powi(self.step);
                let correction2 = 1.0 - BETA2.powi(self.step);
                let (scale, root) = (of(rate / correction1), of(correction2.sqrt()));
                let (keep1, take1) = (of(BETA1), of(1.0 - BETA1));
                let (keep2, take2) = (of(BETA2), of(1.0 - BETA2));
                let epsilon = of(EPSILON);
                update([parameters, gradient, first, second], |[parameter, slope, first, second]| {
                    let first = keep1.mul(first).add(take1.mul(slope));
                    let second = keep2.mul(second).add(take2.mul(slope).mul(slope));
                    let step = scale.mul(first).div(second.sqrt().div(root).add(epsilon));
                    [parameter.sub(step), slope, first, second]
                });
            }
        }
    }
}

/// The weights that learn; biases and what is fixed do not decay.
fn decaying(program: &Program) -> Vec<bool> {
    let mut decays = vec![false; program.layout.parameters().len()];
    for block in &program.blocks {
        match &block.kind {
            BlockKind::Sparse(edges) => {
                for (offset, edge) in edges.iter().enumerate() {
                    decays[block.weight + offset] = !edge.fixed;
                }
            }
            _ => decays[block.weight..block.weight + block.count].fill(!block.fixed),
        }
    }
    decays
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
    use std::sync::Arc;

    use super::*;
    use crate::graph::architect::{Initializer, LstmOptions, Output, Variant, lstm, perceptron};
    use crate::program::{Lowered, Lowering};
    use crate::random::Random;

    fn program(standard: bool) -> Arc<Program> {
        let random = &mut Random::new(1);
        let options = LstmOptions { variant: Variant::Standard, ..LstmOptions::default() };
        let blueprint = if standard {
            lstm(&[1, 2, 1], &options, random)
        } else {
            perceptron(&[1, 1, 1], Output::Linear, Initializer::Synaptic, random)
        };
        let blueprint = blueprint.unwrap();
        Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap().program
    }

    /// Where two steps against the gradients 3 and -1 lead from 1, with rate 0.1.
    fn after_two_steps(method: Method, decay: f64) -> f64 {
        let program = program(false);
        let mut optimizer = Optimizer::new(method, &program, decay);
        let mut parameters = vec![1.0f64; program.layout.parameters().len()];
        for slope in [3.0, -1.0] {
            let mut gradient = vec![slope; parameters.len()];
            optimizer.step(&mut parameters, &mut gradient, 0.1);
        }
        parameters[0]
    }

    #[test]
    fn steps_equal_their_formulas() {
        let close = |actual: f64, expected: f64| assert!((actual - expected).abs() < 1e-9, "{actual} {expected}");
        close(after_two_steps(Method::Sgd, 0.0), 1.0 - 0.3 + 0.1);
        close(after_two_steps(Method::Momentum, 0.0), 1.0 - 0.3 - 0.1 * (2.7 - 1.0));
        let (first, second): (f64, f64) = (0.01 * 9.0, 0.99 * 0.01 * 9.0 + 0.01);
        close(after_two_steps(Method::Rmsprop, 0.0), 1.0 - 0.3 / (first.sqrt() + 1e-8) + 0.1 / (second.sqrt() + 1e-8));
        let mean: f64 = (0.9 * 0.3 - 0.1) / (1.0 - 0.81);
        let square: f64 = (0.999 * 0.009 + 0.001) / (1.0 - 0.999f64.powi(2));
        let adam = |start: f64| start - 0.1 * mean / (square.sqrt() + 1e-8);
        close(after_two_steps(Method::Adam, 0.0), adam(0.9));
        close(after_two_steps(Method::Adamw, 0.5), adam((0.95 - 0.1) * 0.95));
        close(after_two_steps(Method::Sgd, 0.5), 0.65 * 0.95 + 0.1);
    }

    #[test]
    fn fixed_weights_and_biases_do_not_decay() {
        let program = program(true);
        let mut optimizer = Optimizer::new(Method::Adamw, &program, 0.5);
        let mut parameters = vec![1.0f64; program.layout.parameters().len()];
        let mut gradient = vec![0.0; parameters.len()];
        optimizer.step(&mut parameters, &mut gradient, 0.1);
        for block in &program.blocks {
            assert!(parameters[block.weight..block.weight + block.count].iter().all(|&w| (w == 1.0) == block.fixed));
        }
        assert!(program.blocks.iter().any(|block| block.fixed));
        assert!(parameters[program.layout.weights..].iter().all(|&bias| bias == 1.0));
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let mut gradient = [3.0f64, 4.0];
        assert_eq!(clip_norm(&mut gradient, 1.0), 5.0);
        assert!((gradient[0] - 0.6).abs() < 1e-15 && (gradient[1] - 0.8).abs() < 1e-15);
    }
}
