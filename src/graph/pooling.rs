//! Read-outs: neurons whose activation is not of one step but of all that were read.

use super::NeuronId;
use crate::field::choice;
use crate::kernels::Real;

choice! {
    /// How the steps of a sequence become one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Readout {
        /// The last step that is read: of a reversed neuron the sequence's first one.
        Last,
        /// The mean over the steps.
        Mean,
        /// The largest value of the steps, neuron by neuron.
        Max,
        /// The mean over the steps, each weighted by the softmax over the steps of a learnt score.
        Attention,
    }
}

/// How a neuron pools. What it squashes at every step, `y`, is read in; its activation, which
/// others see, is the pool of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// See [`Readout::Last`].
    Last,
    /// See [`Readout::Mean`].
    Mean,
    /// See [`Readout::Max`].
    Max,
    /// See [`Readout::Attention`]: the weight of a step is the softmax over the steps of the
    /// activation of the neuron `score` (in a program, of the unit).
    Attention {
        /// What scores the steps.
        score: NeuronId,
    },
}

/// What a pooling neuron keeps from step to step; all 0 before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pooled {
    /// Sum of the weights read so far: the number of steps, or for attention the sum of
    /// `exp(score - largest)`. Kept as the neuron's state.
    pub weight: f64,
    /// Largest score so far. Kept as the neuron's old state.
    pub largest: f64,
    /// The pool. Kept as the neuron's activation.
    pub value: f64,
}

impl Pooling {
    /// The kind and, for attention, the scoring neuron.
    pub fn parts(self) -> (Readout, Option<NeuronId>) {
        match self {
            Pooling::Last => (Readout::Last, None),
            Pooling::Mean => (Readout::Mean, None),
            Pooling::Max => (Readout::Max, None),
            Pooling::Attention { score } => (Readout::Attention, Some(score)),
        }
    }

    /// A pooling of this kind; `None` for attention without a score.
    pub fn new(kind: Readout, score: Option<NeuronId>) -> Option<Self> {
        Some(match kind {
            Readout::Last => Pooling::Last,
            Readout::Mean => Pooling::Mean,
            Readout::Max => Pooling::Max,
            Readout::Attention => Pooling::Attention { score: score? },
        })
    }

    /// Reads one step's value in, in constant memory; `score` counts for attention only. The softmax is
    /// kept relative to the largest score so far, so that nothing overflows (Milakov & Gimelshein 2018,
    /// algorithm 3).
    pub fn read(self, Pooled { weight, largest, value }: Pooled, y: f64, score: f64) -> Pooled {
        let first = weight == 0.0;
        match self {
            Pooling::Last => Pooled { weight: weight + 1.0, largest, value: y },
            Pooling::Mean => {
                let weight = weight + 1.0;
                Pooled { weight, largest, value: value + (y - value) / weight }
            }
            Pooling::Max => Pooled { weight: weight + 1.0, largest, value: if first || y > value { y } else { value } },
            Pooling::Attention { .. } => {
                let highest = if first || score > largest { score } else { largest };
                let own = Real::exp(score - highest);
                let weight = if first { own } else { weight * Real::exp(largest - highest) + own };
                Pooled { weight, largest: highest, value: value + (y - value) * (own / weight) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn what_is_read_step_by_step_is_the_pool_of_all() {
        let mut random = Random::new(41);
        for _ in 0..50 {
            let steps: Vec<(f64, f64)> = (0..1 + random.below(20))
                .map(|_| (random.unit() * 2.0 - 1.0, random.unit() * 2000.0 - 1000.0))
                .collect();
            let pool = |pooling: Pooling| {
                steps.iter().fold(Pooled::default(), |read, &(y, score)| pooling.read(read, y, score)).value
            };
            let largest = steps.iter().map(|&(_, score)| score).fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = steps.iter().map(|&(_, score)| (score - largest).exp()).collect();
            let attended = steps.iter().zip(&weights).map(|((y, _), weight)| y * weight).sum::<f64>();
            let expected = [
                (Pooling::Last, steps[steps.len() - 1].0),
                (Pooling::Mean, steps.iter().map(|&(y, _)| y).sum::<f64>() / steps.len() as f64),
                (Pooling::Max, steps.iter().map(|&(y, _)| y).fold(f64::NEG_INFINITY, f64::max)),
                (Pooling::Attention { score: 0 }, attended / weights.iter().sum::<f64>()),
            ];
            for (pooling, expected) in expected {
                let pooled = pool(pooling);
                assert!((pooled - expected).abs() < 1e-12, "{pooling:?}: {pooled} against {expected}");
            }
        }
    }
}
