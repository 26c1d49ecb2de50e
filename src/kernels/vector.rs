//! Vectors of the machine: a few numbers that go through the arithmetic together.
//!
//! [`Vector`] is what the kernels are written in. On WebAssembly it is a simd128 register (`simd128`). Natively it is
//! what the machine has when the engine runs (`native`): a [`Kernel`] is compiled for every form of register, and the
//! widest is used. On machines of other kinds it is an array with the same arithmetic one by one (`scalar`), which is
//! also the twin of all others in the tests: they give the same bits, as no operation goes across lanes but those
//! whose order is fixed.

#![allow(unsafe_code)]

use super::Real;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub use super::native::{F32, F64, run_double, run_single};
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64", target_arch = "aarch64")))]
pub use super::scalar::{F32, F64};
#[cfg(target_arch = "wasm32")]
pub use super::simd128::{F32, F64};
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub use one_form::{run_double, run_single};

/// Machines for which kernels are compiled in one form.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod one_form {
    use super::{F32, F64, Kernel};

    #[inline(always)]
    pub fn run_single<K: Kernel<f32>>(kernel: K) {
        kernel.run::<F32>();
    }
    #[inline(always)]
    pub fn run_double<K: Kernel<f64>>(kernel: K) {
        kernel.run::<F64>();
    }
}

/// The batch is padded to a multiple of this many sequences: two simd128 registers of f32.
pub const LANES: usize = 8;

/// Work on slices that is written for vectors of any width.
pub trait Kernel<T: Real> {
    /// Does the work. What it computes does not depend on the width.
    fn run<V: Vector<Element = T>>(self);
}

/// A few numbers side by side. Operations go number by number, rounded as in IEEE 754.
pub trait Vector: Copy {
    /// Type of the numbers.
    type Element: Real;
    /// Count of the numbers: a divisor of [`LANES`], or twice as many.
    const WIDTH: usize;
    /// Rows of the part of a matrix product that stays in registers: 4, 6, 8 or 12.
    const TILE_ROWS: usize = 4;
    /// Vectors of each of these rows: 1 or 2.
    const TILE_VECTORS: usize = 2;

    /// Reads `WIDTH` numbers.
    ///
    /// # Safety
    /// `from` points to `WIDTH` numbers.
    unsafe fn load(from: *const Self::Element) -> Self;
    /// Writes `WIDTH` numbers.
    ///
    /// # Safety
    /// `into` points to `WIDTH` numbers.
    unsafe fn store(self, into: *mut Self::Element);
    /// Reads [`LANES`] numbers; the rest is 0. For vectors that are wider.
    ///
    /// # Safety
    /// `from` points to [`LANES`] numbers.
    unsafe fn load_lanes(from: *const Self::Element) -> Self {
        // SAFETY: the caller's promise, for vectors that are not wider.
        unsafe { Self::load(from) }
    }
    /// Writes the first [`LANES`] numbers. For vectors that are wider.
    ///
    /// # Safety
    /// `into` points to [`LANES`] numbers.
    unsafe fn store_lanes(self, into: *mut Self::Element) {
        // SAFETY: as in `load_lanes`.
        unsafe { self.store(into) }
    }
    /// The same number in every lane.
    fn splat(value: Self::Element) -> Self;
    /// Sum.
    fn add(self, other: Self) -> Self;
    /// Difference.
    fn sub(self, other: Self) -> Self;
    /// Product.
    fn mul(self, other: Self) -> Self;
    /// Quotient.
    fn div(self, other: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Negative.
    fn neg(self) -> Self;
    /// The lesser; `self` where either is not a number.
    fn lesser(self, other: Self) -> Self;
    /// The greater; `self` where either is not a number.
    fn greater(self, other: Self) -> Self;
    /// `self` where `condition` is above 0, else 0.
    fn where_positive(self, condition: Self) -> Self;
    /// `self` times 2 to the integer that stands in the low bits of `rounded`, see
    /// `exponential`.
    fn scale_by_power(self, rounded: Self) -> Self;
    /// Swaps rows and columns of [`Vector::WIDTH`] vectors.
    fn transpose(rows: &mut [Self]);
    /// Sum of the numbers: neighbours first.
    fn sum(self) -> Self::Element;
}

/// Reads whole blocks of lanes from `first` to `end`: a vector, or what is left of it.
///
/// # Safety
/// `row` has `end` numbers, a multiple of [`LANES`], and `first` is below.
#[inline(always)]
pub(super) unsafe fn load_row<V: Vector>(row: *const V::Element, first: usize, end: usize) -> V {
    let is_whole = V::WIDTH <= LANES || end - first >= V::WIDTH;
    // SAFETY: as many numbers are left.
    unsafe { if is_whole { V::load(row.add(first)) } else { V::load_lanes(row.add(first)) } }
}

/// Writes what [`load_row`] reads.
///
/// # Safety
/// As for [`load_row`].
#[inline(always)]
pub(super) unsafe fn store_row<V: Vector>(vector: V, row: *mut V::Element, first: usize, end: usize) {
    let is_whole = V::WIDTH <= LANES || end - first >= V::WIDTH;
    // SAFETY: as many numbers are left.
    unsafe { if is_whole { vector.store(row.add(first)) } else { vector.store_lanes(row.add(first)) } }
}

/// Sum of `weights[i] * values[i]`.
#[inline(never)]
pub fn dot<T: Real>(weights: &[T], values: &[T]) -> T {
    let count = weights.len().min(values.len());
    // SAFETY: whole vectors are asked for below `count` only.
    let vector = |index: usize| unsafe { at(weights, index).mul(at(values, index)) };
    sum_by_fours(count, vector, |index| weights[index] * values[index])
}

/// Sum of `weights[i] * values[i] * gains[i]`.
#[inline(never)]
pub fn dot_gated<T: Real>(weights: &[T], values: &[T], gains: &[T]) -> T {
    let count = weights.len().min(values.len()).min(gains.len());
    // SAFETY: whole vectors are asked for below `count` only.
    let vector = |index: usize| unsafe { at(weights, index).mul(at(values, index)).mul(at(gains, index)) };
    sum_by_fours(count, vector, |index| weights[index] * values[index] * gains[index])
}

/// The vector that starts at a number of a slice.
///
/// # Safety
/// The slice has a whole vector from there.
#[inline(always)]
unsafe fn at<T: Real>(numbers: &[T], index: usize) -> T::Vector {
    // SAFETY: the caller's promise.
    unsafe { T::Vector::load(numbers.as_ptr().add(index)) }
}

/// Adds terms in four sums and what is left one by one: the order that [`crate::compile`] follows.
#[inline(always)]
fn sum_by_fours<T: Real>(count: usize, vector: impl Fn(usize) -> T::Vector, term: impl Fn(usize) -> T) -> T {
    let mut sums = [T::Vector::splat(T::ZERO); 2];
    let sums = &mut sums[..4 / T::Vector::WIDTH];
    let whole = count / 4 * 4;
    for first in (0..whole).step_by(4) {
        for (part, sum) in sums.iter_mut().enumerate() {
            *sum = sum.add(vector(first + part * T::Vector::WIDTH));
        }
    }
    let rest: T = (whole..count).map(term).sum();
    let fours: T = sums.iter().map(|sum| sum.sum()).sum();
    fours + rest
}

/// `into[i] += scale * values[i]`.
#[inline(never)]
pub fn add_scaled<T: Real>(into: &mut [T], scale: T, values: &[T]) {
    let count = into.len().min(values.len());
    let whole = count / T::Vector::WIDTH * T::Vector::WIDTH;
    let factor = T::Vector::splat(scale);
    for first in (0..whole).step_by(T::Vector::WIDTH) {
        // SAFETY: both have a whole vector from `first` on.
        unsafe { at(into, first).add(factor.mul(at(values, first))).store(into.as_mut_ptr().add(first)) };
    }
    for index in whole..count {
        into[index] += scale * values[index];
    }
}

/// Applies a function to the numbers at the same index of slices of one length, a vector of them at a
/// time.
#[inline(always)]
pub fn update<T: Real, const COUNT: usize>(
    slices: [&mut [T]; COUNT],
    change: impl Fn([T::Vector; COUNT]) -> [T::Vector; COUNT],
) {
    let (count, wide) = (slices[0].len(), T::Vector::WIDTH);
    assert!(slices.iter().all(|slice| slice.len() == count), "operands fit");
    let starts = slices.map(|slice| slice.as_mut_ptr());
    // The last numbers go through as vectors with room to spare; a vector has at most four.
    let mut rest = [[T::ONE; 4]; COUNT];
    for first in (0..count).step_by(wide) {
        let short = count - first < wide;
        let places: [*mut T; COUNT] = std::array::from_fn(|slice| match short {
            true => rest[slice].as_mut_ptr(),
            // SAFETY: every slice has `count` numbers.
            false => unsafe { starts[slice].add(first) },
        });
        // SAFETY: every place has a whole vector: in its slice, or in `rest`, to which the end of the slice is
        // copied and from which it is copied back. Slices don't overlap, as each is borrowed mutably.
        unsafe {
            if short {
                for (place, start) in places.iter().zip(starts) {
                    std::ptr::copy_nonoverlapping(start.add(first), *place, count - first);
                }
            }
            let changed = change(places.map(|place| T::Vector::load(place)));
            for (place, vector) in places.iter().zip(changed) {
                vector.store(*place);
            }
            if short {
                for (place, start) in places.iter().zip(starts) {
                    std::ptr::copy_nonoverlapping(*place, start.add(first), count - first);
                }
            }
        }
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

    #[test]
    fn an_update_reaches_every_number() {
        for length in 0..11 {
            let (mut a, mut b): (Vec<f32>, Vec<f32>) = (0..length).map(|i| (i as f32, 2.0 * i as f32 + 1.0)).unzip();
            update([&mut a, &mut b], |[a, b]| [a.add(b), b.mul(b).sqrt()]);
            assert!((0..length).all(|i| (a[i], b[i]) == (3.0 * i as f32 + 1.0, 2.0 * i as f32 + 1.0)));
        }
    }
}
