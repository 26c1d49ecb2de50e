//! Vectors of the machine: a few numbers that go through the arithmetic together.
//!
//! [`Vector`] is what the kernels are written in. On WebAssembly it is a simd128 register
//! (`simd128`); elsewhere an array with the same arithmetic one by one (`scalar`), which is also
//! its twin in the tests: both give the same bits.

#![allow(unsafe_code)]

use super::Real;

#[cfg(not(target_arch = "wasm32"))]
pub use super::scalar::{F32, F64};
#[cfg(target_arch = "wasm32")]
pub use super::simd128::{F32, F64};

/// A few numbers side by side. Operations go number by number, rounded as in IEEE 754.
pub trait Vector: Copy {
    /// What it holds.
    type Element: Real<Vector = Self>;
    /// How many.
    const WIDTH: usize;

    /// Reads `WIDTH` numbers.
    ///
    /// # Safety
    /// `from` points to as many.
    unsafe fn load(from: *const Self::Element) -> Self;
    /// Writes `WIDTH` numbers.
    ///
    /// # Safety
    /// `into` points to as many.
    unsafe fn store(self, into: *mut Self::Element);
    /// The same number everywhere.
    fn splat(value: Self::Element) -> Self;
    /// Sum.
    fn add(self, other: Self) -> Self;
    /// Difference.
    fn sub(self, other: Self) -> Self;
    /// Product.
    fn mul(self, other: Self) -> Self;
    /// Quotient.
    fn div(self, other: Self) -> Self;
    /// Negative.
    fn neg(self) -> Self;
    /// The lesser; `self` where either is not a number.
    fn lesser(self, other: Self) -> Self;
    /// The greater; `self` where either is not a number.
    fn greater(self, other: Self) -> Self;
    /// `self` where `condition` is above 0, else 0.
    fn where_positive(self, condition: Self) -> Self;
    /// `self` times 2 to the integer that stands in the low bits of `rounded`, see
    /// [`exponential`](super::exponential).
    fn scale_by_power(self, rounded: Self) -> Self;
    /// Swaps rows and columns of [`Vector::WIDTH`] vectors.
    fn transpose(rows: &mut [Self]);
    /// Sum of its numbers: neighbours first.
    fn sum(self) -> Self::Element;
}

/// Sum of `weights[i] * values[i]`.
#[inline]
pub fn dot<T: Real>(weights: &[T], values: &[T]) -> T {
    sum_by_fours(weights.len().min(values.len()), |index| weights[index] * values[index])
}

/// Sum of `weights[i] * values[i] * gains[i]`.
#[inline]
pub fn dot_gated<T: Real>(weights: &[T], values: &[T], gains: &[T]) -> T {
    let count = weights.len().min(values.len()).min(gains.len());
    sum_by_fours(count, |index| weights[index] * values[index] * gains[index])
}

/// Adds terms in four sums and what is left one by one: the order that [`crate::compile`] follows.
#[inline(always)]
fn sum_by_fours<T: Real>(count: usize, term: impl Fn(usize) -> T) -> T {
    let mut sums = [T::ZERO; 4];
    let whole = count / 4 * 4;
    for first in (0..whole).step_by(4) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(first + lane);
        }
    }
    let rest: T = (whole..count).map(term).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// `into[i] += scale * values[i]`.
#[inline]
pub fn add_scaled<T: Real>(into: &mut [T], scale: T, values: &[T]) {
    for (into, &value) in into.iter_mut().zip(values) {
        *into += scale * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_equals_the_plain_sum_at_every_length() {
        for length in 0..20 {
            let a: Vec<f64> = (0..length).map(|i| i as f64 + 0.5).collect();
            let b: Vec<f64> = (0..length).map(|i| 2.0 - i as f64).collect();
            let plain: f64 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            assert!((dot(&a, &b) - plain).abs() < 1e-9);
            let ones = vec![1.0; length];
            assert!((dot_gated(&a, &b, &ones) - plain).abs() < 1e-9);
        }
    }
}
