//! Arithmetic number by number, along the lanes of rows: operands are `(rows, stride)`, of which the
//! first `lanes` of every row are computed, a multiple of [`LANES`].
#![allow(unsafe_code)]

use super::vector::Vector;
use super::{LANES, Real};

/// `into = f(into, a, b)`
#[inline(always)]
pub(super) fn each<T: Real>(
    into: &mut [T],
    a: &[T],
    b: &[T],
    (stride, lanes): (usize, usize),
    f: impl Fn(T::Vector, T::Vector, T::Vector) -> T::Vector,
) {
    let count = into.len();
    // Rows that are computed whole are one row.
    let (stride, lanes) = if lanes == stride { (count, count) } else { (stride, lanes) };
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    assert!(a.len() == count && b.len() == count, "operands fit");
    assert!(stride == count || count.is_multiple_of(stride), "rows are whole");
    for row in (0..count).step_by(stride.max(1)) {
        for first in (row..row + lanes).step_by(T::Vector::WIDTH) {
            // SAFETY: all three have whole rows of `stride`, of whole vectors up to `lanes`.
            unsafe {
                let place = into.as_mut_ptr().add(first);
                let (a, b) = (T::Vector::load(a.as_ptr().add(first)), T::Vector::load(b.as_ptr().add(first)));
                f(T::Vector::load(place), a, b).store(place);
            }
        }
    }
}

/// `into += a`
#[inline(never)]
pub fn add<T: Real>(into: &mut [T], a: &[T], stride: usize, lanes: usize) {
    each(into, a, a, (stride, lanes), |into, a, _| into.add(a));
}

/// `into += a * b`
#[inline(never)]
pub fn add_product<T: Real>(into: &mut [T], a: &[T], b: &[T], stride: usize, lanes: usize) {
    each(into, a, b, (stride, lanes), |into, a, b| into.add(a.mul(b)));
}

/// `into (rows, stride) = numbers (rows)`, each along the first `lanes` of its row.
#[inline(never)]
pub fn spread<T: Real>(into: &mut [T], numbers: &[T], stride: usize, lanes: usize) {
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    for (row, &number) in into.chunks_exact_mut(stride).zip(numbers) {
        let number = T::Vector::splat(number);
        for first in (0..lanes).step_by(T::Vector::WIDTH) {
            // SAFETY: the row has `lanes` numbers, whole vectors of them.
            unsafe { number.store(row.as_mut_ptr().add(first)) };
        }
    }
}

/// `into *= a`
#[inline(never)]
pub fn scale<T: Real>(into: &mut [T], a: &[T], stride: usize, lanes: usize) {
    each(into, a, a, (stride, lanes), |into, a, _| into.mul(a));
}

/// Adds `a[i] * b[i]` to the vector's number `i` modulo its width.
#[inline(always)]
pub(super) fn add_products<T: Real>(sum: T::Vector, a: &[T], b: &[T]) -> T::Vector {
    assert!(a.len() == b.len() && a.len().is_multiple_of(LANES), "lanes are whole blocks");
    (0..a.len()).step_by(T::Vector::WIDTH).fold(sum, |sum, first| {
        // SAFETY: both have a whole vector from `first` on, as just checked.
        unsafe { sum.add(T::Vector::load(a.as_ptr().add(first)).mul(T::Vector::load(b.as_ptr().add(first)))) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn kernels_equal_plain_loops() {
        let mut random = Random::new(5);
        for (rows, stride, lanes) in [(0, LANES, LANES), (3, 2 * LANES, LANES), (3, LANES, LANES)] {
            let count = rows * stride;
            let mut draw = || -> Vec<f64> { (0..count).map(|_| random.unit() - 0.5).collect() };
            let (start, a, b) = (draw(), draw(), draw());
            let after = |kernel: fn(&mut [f64], &[f64], &[f64], usize, usize)| {
                let mut into = start.clone();
                kernel(&mut into, &a, &b, stride, lanes);
                into
            };
            let plain = |f: fn(f64, f64, f64) -> f64| -> Vec<f64> {
                let runs = |index: usize| index % stride < lanes;
                let value = |index: usize| if runs(index) { f(start[index], a[index], b[index]) } else { start[index] };
                (0..count).map(value).collect()
            };
            assert_eq!(after(|into, a, _, stride, lanes| add(into, a, stride, lanes)), plain(|into, a, _| into + a));
            assert_eq!(after(add_product), plain(|into, a, b| into + a * b));
            assert_eq!(after(|into, a, _, stride, lanes| scale(into, a, stride, lanes)), plain(|into, a, _| into * a));
            let exact: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            let nothing = <f64 as Real>::Vector::splat(0.0);
            assert!((add_products(nothing, &a, &b).sum() - exact).abs() < 1e-12);
            let mut rows_of_b = start.clone();
            spread(&mut rows_of_b, &b[..rows], stride, lanes);
            let row_of = |index: usize| if index % stride < lanes { b[index / stride] } else { start[index] };
            assert_eq!(rows_of_b, (0..count).map(row_of).collect::<Vec<_>>());
        }
    }
}
