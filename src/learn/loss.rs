//! Costs that are reported, and losses whose gradient is followed.

use crate::field::choice;
use crate::kernels::{Real, Squash, ln};

/// Added inside logarithms, as Synaptic does, so that a certain mistake costs much, not infinity.
const PUSH: f64 = 1e-15;

choice! {
    /// What a trainer reports as its error, per target; Synaptic's three.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Cost {
        /// Cross-entropy, summed over the outputs: of a distribution for a softmax layer, of
        /// independent probabilities for any other.
        CrossEntropy,
        /// Squared error, averaged over the outputs.
        Mse,
        /// Number of outputs that round to another half than their target.
        Binary,
    }
}

impl Cost {
    /// The cost that is reported where none is asked for: squared error of the online rule, and the loss that
    /// fits the outputs of the sequence rule.
    pub fn usual(outputs: &[Squash], sequences: bool) -> Self {
        if sequences { Loss::choose(outputs, None).cost() } else { Cost::Mse }
    }

    /// Cost of one output vector against its target; `softmax` tells the output layer's kind.
    #[inline]
    pub fn of(self, target: &[f64], output: &[f64], softmax: bool) -> f64 {
        let pairs = target.iter().zip(output);
        match self {
            Cost::CrossEntropy => cross_entropy(target, output, softmax),
            Cost::Mse => pairs.map(|(t, o)| (t - o) * (t - o)).sum::<f64>() / output.len() as f64,
            // Math.round rounds halves up.
            Cost::Binary => {
                let half = |value: f64| (value * 2.0 + 0.5).floor();
                pairs.filter(|&(&t, &o)| half(t) != half(o)).count() as f64
            }
        }
    }
}

fn cross_entropy(target: &[f64], output: &[f64], softmax: bool) -> f64 {
    // What is pushed does not get beyond certainty, which costs nothing, and no less.
    let log = |pushed: f64, share: f64| {
        let most = if share > 1.0 { share } else { 1.0 };
        // What is not a number stays so.
        ln(if pushed > most { most } else { pushed })
    };
    let of = |target: f64, output: f64| {
        let wanted = target * log(output + PUSH, output);
        if softmax { wanted } else { wanted + (1.0 - target) * log(1.0 + PUSH - output, 1.0 - output) }
    };
    -target.iter().zip(output).map(|(&target, &output)| of(target, output)).sum::<f64>()
}

/// The loss of the sequence rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Cross-entropy on logistic or softmax outputs: with respect to the states, its gradient is
    /// activation minus target.
    CrossEntropy,
    /// Squared error averaged over the outputs.
    Mse,
}

impl Loss {
    /// The loss that fits the squashes of the output layer, unless squared error is asked for.
    pub fn choose(outputs: &[Squash], cost: Option<Cost>) -> Self {
        let probable = outputs.iter().all(|squash| matches!(squash, Squash::Logistic | Squash::Softmax));
        if probable && cost != Some(Cost::Mse) { Loss::CrossEntropy } else { Loss::Mse }
    }

    /// The cost that equals this loss.
    pub fn cost(self) -> Cost {
        match self {
            Loss::CrossEntropy => Cost::CrossEntropy,
            Loss::Mse => Cost::Mse,
        }
    }

    /// Gradient for one output of `count`. For [`Loss::CrossEntropy`] with respect to the state
    /// (`total` is the sum of the target, 1 on logistic outputs), for [`Loss::Mse`] with respect
    /// to the activation.
    pub fn gradient<T: Real>(self, activation: T, target: T, total: T, count: usize) -> T {
        match self {
            Loss::CrossEntropy => activation * total - target,
            Loss::Mse => (activation - target) * T::of(2.0 / count as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_equal_their_formulas() {
        let (target, output) = ([1.0, 0.0], [0.8, 0.4]);
        assert!((Cost::Mse.of(&target, &output, false) - 0.1).abs() < 1e-15);
        let entropy = -(0.8f64.ln() + 0.6f64.ln());
        assert!((Cost::CrossEntropy.of(&target, &output, false) - entropy).abs() < 1e-12);
        assert!((Cost::CrossEntropy.of(&target, &output, true) + 0.8f64.ln()).abs() < 1e-12);
        assert_eq!(Cost::Binary.of(&target, &output, false), 1.0);
    }

    #[test]
    fn certainty_costs_nothing_and_a_certain_mistake_no_infinity() {
        for softmax in [true, false] {
            for near in [1.0, 1.0 - f64::EPSILON / 2.0] {
                let cost = Cost::CrossEntropy.of(&[1.0, 0.0], &[near, 1.0 - near], softmax);
                assert!((0.0..1e-15).contains(&cost), "{cost}");
            }
            let cost = Cost::CrossEntropy.of(&[1.0, 0.0], &[0.0, 1.0], softmax);
            assert!((30.0..80.0).contains(&cost), "{cost}");
            assert!(Cost::CrossEntropy.of(&[1.0, 0.0], &[f64::NAN, f64::NAN], softmax).is_nan());
        }
    }
}
