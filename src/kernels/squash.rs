//! Squashing functions and their derivatives.

use super::Real;
use super::lanes::{Formula, each, formula};
use super::vector::Vector;
use crate::field::{Choice, choice};

choice! {
    /// The function that turns a neuron's state into its activation; its place is its code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(u8)]
    pub enum Squash {
        /// `1 / (1 + e^-x)`.
        Logistic,
        /// `tanh x`.
        Tanh,
        /// `x`.
        Identity,
        /// Hard limit: 1 for `x > 0`, else 0. Its derivative counts as 1, as in Synaptic.
        Hlim,
        /// `max(x, 0)`.
        Relu,
        /// `e^x` over the sum of `e^x` in the output layer; for output layers only.
        Softmax,
        /// `0.2 x + 0.5`, between 0 and 1: the hard sigmoid of Keras before version 3, TensorFlow.js and ONNX.
        HardSigmoid,
    }
}

/// Slope of [`Squash::HardSigmoid`] between its limits.
pub const HARD_SLOPE: f64 = 0.2;

impl Squash {
    /// The squash of a code (see the enum's discriminants).
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Activation for state `x`. [`Squash::Softmax`] is not a function of one state: it gives the
    /// state, and [`softmax`] finishes the layer.
    #[inline]
    pub fn forward<T: Real>(self, x: T) -> T {
        match self {
            Squash::Logistic => x.logistic(),
            Squash::Tanh => x.tanh(),
            Squash::Identity | Squash::Softmax => x,
            Squash::Hlim => {
                if x > T::ZERO {
                    T::ONE
                } else {
                    T::ZERO
                }
            }
            Squash::Relu => {
                if x > T::ZERO {
                    x
                } else {
                    T::ZERO
                }
            }
            Squash::HardSigmoid => {
                let y = x * T::of(HARD_SLOPE) + T::of(0.5);
                if y > T::ONE {
                    T::ONE
                } else if y > T::ZERO {
                    y
                } else {
                    T::ZERO
                }
            }
        }
    }

    /// [`Squash::forward`] of states, `(rows, stride)`, over the first `lanes` of every row.
    #[inline(never)]
    pub fn forward_rows<T: Real>(self, states: &[T], activations: &mut [T], stride: usize, lanes: usize) {
        // One loop per squash, so that none decides number by number.
        let at = (stride, lanes);
        match self {
            Squash::Logistic => each(activations, states, states, at, Logistic),
            Squash::Tanh => each(activations, states, states, at, Tanh),
            Squash::Identity | Squash::Softmax => each(activations, states, states, at, Copied),
            Squash::Hlim => each(activations, states, states, at, Hlim),
            Squash::Relu | Squash::HardSigmoid => each(activations, states, states, at, Clipped::of_squash(self)),
        }
    }

    /// The backward of [`Squash::forward_rows`]: adds each slope (towards the activation) times the
    /// derivative to the delta (towards the state).
    #[inline(never)]
    pub fn backward_rows<T: Real>(
        self,
        activations: &[T],
        slopes: &[T],
        deltas: &mut [T],
        stride: usize,
        lanes: usize,
    ) {
        let at = (stride, lanes);
        match self {
            Squash::Logistic | Squash::Softmax => each(deltas, activations, slopes, at, ThroughLogistic),
            Squash::Tanh => each(deltas, activations, slopes, at, ThroughTanh),
            Squash::Identity | Squash::Hlim => each(deltas, activations, slopes, at, Through),
            Squash::Relu | Squash::HardSigmoid => {
                each(deltas, activations, slopes, at, ThroughClipped(Clipped::of_squash(self)))
            }
        }
    }

    /// Derivative at the state whose activation is `y`. For [`Squash::Softmax`] this is the
    /// diagonal of the Jacobian.
    #[inline]
    pub fn derivative<T: Real>(self, y: T) -> T {
        match self {
            Squash::Logistic | Squash::Softmax => y * (T::ONE - y),
            Squash::Tanh => T::ONE - y * y,
            Squash::Identity | Squash::Hlim => T::ONE,
            Squash::Relu => {
                if y > T::ZERO {
                    T::ONE
                } else {
                    T::ZERO
                }
            }
            Squash::HardSigmoid => {
                if y > T::ZERO && T::ONE - y > T::ZERO {
                    T::of(HARD_SLOPE)
                } else {
                    T::ZERO
                }
            }
        }
    }
}

// Activations, of states.
formula!(Logistic, (_, x, _) => T::logistic_vector(x));
formula!(Tanh, (_, x, _) => T::tanh_vector(x));
formula!(Copied, (_, x, _) => x);
formula!(Hlim, (_, x, _) => V::splat(T::ONE).where_positive(x));

// Deltas, of activations and slopes: plus each slope times the derivative.
formula!(ThroughLogistic, (delta, y, slope) => delta.add(slope.mul(y.mul(V::splat(T::ONE).sub(y)))));
formula!(ThroughTanh, (delta, y, slope) => delta.add(slope.mul(V::splat(T::ONE).sub(y.mul(y)))));
formula!(Through, (delta, _, slope) => delta.add(slope.mul(V::splat(T::ONE))));

/// A line between 0 and a limit, `slope x + offset`: one loop for the squashes that are one.
#[derive(Clone, Copy)]
struct Clipped<T> {
    slope: T,
    offset: T,
    limit: T,
}

impl<T: Real> Clipped<T> {
    /// What [`Squash::HardSigmoid`] is, and else [`Squash::Relu`].
    fn of_squash(squash: Squash) -> Self {
        let [slope, offset, limit] = match squash {
            Squash::HardSigmoid => [HARD_SLOPE, 0.5, 1.0],
            _ => [1.0, 0.0, f64::INFINITY],
        };
        Clipped { slope: T::of(slope), offset: T::of(offset), limit: T::of(limit) }
    }
}

impl<T: Real> Formula<T> for Clipped<T> {
    #[inline(always)]
    fn of<V: Vector<Element = T>>(self, _: V, x: V, _: V) -> V {
        let line = x.mul(V::splat(self.slope)).add(V::splat(self.offset));
        V::splat(T::ZERO).greater(line).lesser(V::splat(self.limit))
    }
}

/// The backward of [`Clipped`].
#[derive(Clone, Copy)]
struct ThroughClipped<T>(Clipped<T>);

impl<T: Real> Formula<T> for ThroughClipped<T> {
    #[inline(always)]
    fn of<V: Vector<Element = T>>(self, delta: V, y: V, slope: V) -> V {
        let below = V::splat(self.0.limit).sub(y);
        delta.add(slope.mul(V::splat(self.0.slope).where_positive(y).where_positive(below)))
    }
}

/// Softmax of `values` in place, shifted by the largest so that nothing overflows.
pub fn softmax<T: Real>(values: &mut [T]) {
    let Some(&first) = values.first() else {
        return;
    };
    let largest = values.iter().fold(first, |a, &b| if b > a { b } else { a });
    let mut sum = T::ZERO;
    for value in values.iter_mut() {
        *value = (*value - largest).exp();
        sum += *value;
    }
    for value in values.iter_mut() {
        *value = *value / sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_equal_finite_differences() {
        for squash in [Squash::Logistic, Squash::Tanh, Squash::Identity, Squash::Relu, Squash::HardSigmoid] {
            for x in [-2.0, -0.3, 0.4, 3.0] {
                let h = 1e-6;
                let slope = (squash.forward(x + h) - squash.forward(x - h)) / (2.0 * h);
                let exact: f64 = squash.derivative(squash.forward(x));
                assert!((slope - exact).abs() < 1e-8, "{squash:?} at {x}");
            }
        }
    }

    #[test]
    fn the_hard_sigmoid_has_limits() {
        let of = |x: f64| Squash::HardSigmoid.forward(x);
        assert_eq!([-1e300, -2.5, 0.0, 1.0, 2.5, 1e300].map(of), [0.0, 0.0, 0.5, 0.7, 1.0, 1.0]);
        assert_eq!([0.0, 1.0].map(|y: f64| Squash::HardSigmoid.derivative(y)), [0.0, 0.0]);
    }

    #[test]
    fn softmax_sums_to_one_and_survives_large_states() {
        let mut values = [1000.0, 999.0, -1000.0];
        softmax(&mut values);
        assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((values[0] / values[1] - std::f64::consts::E).abs() < 1e-12);
    }
}
