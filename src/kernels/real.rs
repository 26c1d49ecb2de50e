//! The two precisions the engine computes in.
#![allow(unsafe_code)]

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use super::elementary;
use super::exponential::{exp_double, exp_single, logistic_double, logistic_single, tanh_single};
use super::vector::{F32, F64, Kernel, LANES, Vector, run_double, run_single};

/// A floating-point number: `f64` for the online rule, `f32` or `f64` for sequences.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Div<Output = Self>
    + Mul<Output = Self>
    + MulAssign
    + Neg<Output = Self>
    + Sub<Output = Self>
    + SubAssign
    + Sum
    + Send
    + Sync
    + 'static
{
    /// A few numbers side by side, in a register that every machine of this kind has.
    type Vector: Vector<Element = Self>;
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// Rounds from double precision.
    fn of(value: f64) -> Self;
    /// Widens to double precision.
    fn wide(self) -> f64;
    /// `e` to the power of this number.
    fn exp(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// `1 / (1 + e^-x)`.
    fn logistic(self) -> Self;
    /// Runs a kernel in the widest vectors that the machine has.
    fn run<K: Kernel<Self>>(kernel: K);
    /// [`Real::exp`] of each, to the same bits.
    fn exp_vector<V: Vector<Element = Self>>(x: V) -> V;
    /// [`Real::tanh`] of each, to the same bits.
    fn tanh_vector<V: Vector<Element = Self>>(x: V) -> V;
    /// [`Real::logistic`] of each, to the same bits.
    fn logistic_vector<V: Vector<Element = Self>>(x: V) -> V;
}

/// Applies a function of vectors to a single number.
#[inline]
fn single<T: Real>(x: T, of_vector: impl Fn(T::Vector) -> T::Vector) -> T {
    first(of_vector(T::Vector::splat(x)))
}

/// The first number of a vector.
#[inline]
fn first<T: Real>(vector: T::Vector) -> T {
    let mut numbers = [T::ZERO; 4];
    // SAFETY: a vector has at most four numbers.
    unsafe { vector.store(numbers.as_mut_ptr()) };
    numbers[0]
}

/// The double hyperbolic tangent, number by number: the library's is exact near 0, where the
/// exponential's difference is not.
#[inline]
fn tanh_double<V: Vector<Element = f64>>(x: V) -> V {
    let mut numbers = [0.0; LANES];
    // SAFETY: a vector of double numbers has at most as many.
    unsafe {
        x.store(numbers.as_mut_ptr());
        numbers[..V::WIDTH].iter_mut().for_each(|number| *number = elementary::tanh(*number));
        V::load(numbers.as_ptr())
    }
}

macro_rules! real {
    ($float:ident, $vector:ident, $run:ident, $exp:expr, $tanh:expr, $tanh_vector:expr, $logistic:expr) => {
        impl Real for $float {
            type Vector = $vector;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline]
            fn of(value: f64) -> Self {
                value as $float
            }
            #[inline]
            fn wide(self) -> f64 {
                self as f64
            }
            #[inline]
            fn exp(self) -> Self {
                single(self, $exp)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $float::sqrt(self)
            }
            #[inline]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline]
            fn logistic(self) -> Self {
                single(self, $logistic)
            }
            #[inline(always)]
            fn run<K: Kernel<Self>>(kernel: K) {
                $run(kernel);
            }
            #[inline(always)]
            fn exp_vector<V: Vector<Element = Self>>(x: V) -> V {
                $exp(x)
            }
            #[inline(always)]
            fn tanh_vector<V: Vector<Element = Self>>(x: V) -> V {
                $tanh_vector(x)
            }
            #[inline(always)]
            fn logistic_vector<V: Vector<Element = Self>>(x: V) -> V {
                $logistic(x)
            }
        }
    };
}
real!(f32, F32, run_single, exp_single, |x| single(x, tanh_single), tanh_single, logistic_single);
real!(f64, F64, run_double, exp_double, elementary::tanh, tanh_double, logistic_double);
