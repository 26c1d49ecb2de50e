//! Arithmetic number by number, along the lanes of rows: operands are `(rows, stride)`, of which the
//! first `lanes` of every row are computed, a multiple of [`LANES`]; or rows are of one number, as a sequence that is
//! run alone has them.
#![allow(unsafe_code)]

use super::vector::{Kernel, Vector, load_row, store_row};
use super::{LANES, Real};

/// What becomes of numbers at the same place of three operands.
pub(super) trait Formula<T: Real>: Copy {
    /// `into = f(into, a, b)`
    fn of<V: Vector<Element = T>>(self, into: V, a: V, b: V) -> V;
}

/// Names a formula.
macro_rules! formula {
    ($name:ident, ($into:pat, $a:pat, $b:pat) => $value:expr) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl<T: Real> Formula<T> for $name {
            #[inline(always)]
            fn of<V: Vector<Element = T>>(self, $into: V, $a: V, $b: V) -> V {
                $value
            }
        }
    };
}
pub(super) use formula;

/// Rows of `stride`, of which the first `lanes` are computed.
struct Each<'a, T, F> {
    into: &'a mut [T],
    a: &'a [T],
    b: &'a [T],
    stride: usize,
    lanes: usize,
    formula: F,
}

impl<T: Real, F: Formula<T>> Kernel<T> for Each<'_, T, F> {
    #[inline(always)]
    fn run<V: Vector<Element = T>>(self) {
        let Each { into, a, b, stride, lanes, formula } = self;
        for row in (0..into.len()).step_by(stride.max(1)) {
            let end = row + lanes;
            for first in (row..end).step_by(V::WIDTH) {
                // SAFETY: `each` has checked that all three have whole rows of `stride`, of whole blocks of lanes.
                unsafe {
                    let (a, b) = (load_row::<V>(a.as_ptr(), first, end), load_row::<V>(b.as_ptr(), first, end));
                    let old = load_row::<V>(into.as_ptr(), first, end);
                    store_row(formula.of(old, a, b), into.as_mut_ptr(), first, end);
                }
            }
        }
    }
}

/// `into = formula(into, a, b)`
#[inline(always)]
pub(super) fn each<T: Real>(
    into: &mut [T],
    a: &[T],
    b: &[T],
    (stride, lanes): (usize, usize),
    formula: impl Formula<T>,
) {
    let count = into.len();
    assert!(a.len() == count && b.len() == count, "operands fit");
    if stride != 1 {
        // Rows that are computed whole are one row.
        let (stride, lanes) = if lanes == stride { (count, count) } else { (stride, lanes) };
        assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
        assert!(stride == count || count.is_multiple_of(stride), "rows are whole");
        return run(Each { into, a, b, stride, lanes, formula });
    }
    let whole = count - count % LANES;
    let (start, rest) = into.split_at_mut(whole);
    run(Each { into: start, a: &a[..whole], b: &b[..whole], stride: whole, lanes: whole, formula });
    if rest.is_empty() {
        return;
    }
    let padded = |numbers: &[T]| {
        let mut block = [T::ZERO; LANES];
        block[..numbers.len()].copy_from_slice(numbers);
        block
    };
    let (mut into, a, b) = (padded(rest), padded(&a[whole..]), padded(&b[whole..]));
    run(Each { into: &mut into, a: &a, b: &b, stride: LANES, lanes: LANES, formula });
    rest.copy_from_slice(&into[..rest.len()]);
}

#[inline(never)]
fn run<T: Real, F: Formula<T>>(each: Each<T, F>) {
    T::run(each);
}

formula!(Add, (into, a, _) => into.add(a));
formula!(AddProduct, (into, a, b) => into.add(a.mul(b)));
formula!(Scale, (into, a, _) => into.mul(a));

/// `into += a`
#[inline(never)]
pub fn add<T: Real>(into: &mut [T], a: &[T], stride: usize, lanes: usize) {
    each(into, a, a, (stride, lanes), Add);
}

/// `into += a * b`
#[inline(never)]
pub fn add_product<T: Real>(into: &mut [T], a: &[T], b: &[T], stride: usize, lanes: usize) {
    each(into, a, b, (stride, lanes), AddProduct);
}

/// `into *= a`
#[inline(never)]
pub fn scale<T: Real>(into: &mut [T], a: &[T], stride: usize, lanes: usize) {
    each(into, a, a, (stride, lanes), Scale);
}

struct Spread<'a, T> {
    into: &'a mut [T],
    numbers: &'a [T],
    stride: usize,
    lanes: usize,
}

impl<T: Real> Kernel<T> for Spread<'_, T> {
    #[inline(always)]
    fn run<V: Vector<Element = T>>(self) {
        for (row, &number) in self.into.chunks_exact_mut(self.stride).zip(self.numbers) {
            let number = V::splat(number);
            for first in (0..self.lanes).step_by(V::WIDTH) {
                // SAFETY: `spread` has checked that the row has `lanes` numbers, whole blocks of them.
                unsafe { store_row(number, row.as_mut_ptr(), first, self.lanes) };
            }
        }
    }
}

/// `into (rows, stride) = numbers (rows)`, each along the first `lanes` of its row.
#[inline(never)]
pub fn spread<T: Real>(into: &mut [T], numbers: &[T], stride: usize, lanes: usize) {
    if stride == 1 {
        return into.copy_from_slice(numbers);
    }
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    T::run(Spread { into, numbers, stride, lanes });
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
        for (rows, stride, lanes) in
            [(0, LANES, LANES), (3, 2 * LANES, LANES), (3, LANES, LANES), (LANES + 5, 1, 1), (3, 1, 1)]
        {
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
            let mut rows_of_b = start.clone();
            spread(&mut rows_of_b, &b[..rows], stride, lanes);
            let row_of = |index: usize| if index % stride < lanes { b[index / stride] } else { start[index] };
            assert_eq!(rows_of_b, (0..count).map(row_of).collect::<Vec<_>>());
            if !count.is_multiple_of(LANES) {
                continue;
            }
            let exact: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            let nothing = <f64 as Real>::Vector::splat(0.0);
            assert!((add_products(nothing, &a, &b).sum() - exact).abs() < 1e-12);
        }
    }
}
