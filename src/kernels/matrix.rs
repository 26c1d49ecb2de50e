//! Matrix kernels of the sequence rule.
//!
//! Activations of a batch lie unit by unit, the batch's sequences side by side: `(units, lanes)`,
//! lanes a multiple of [`LANES`]. Every kernel then runs along the lanes, for dense and for single
//! connections alike, and small networks fill the vector as well as large ones. A tile of four rows
//! by two vectors stays in registers while the sum is made.
#![allow(unsafe_code)]

use super::Real;
use super::lanes::add_products;
use super::vector::Vector;

/// The batch is padded to a multiple of this many sequences: two vectors of f32.
pub const LANES: usize = 8;

/// Rows of a tile.
const ROWS: usize = 4;
/// Vectors in a row of a tile.
const VECTORS: usize = 2;

/// Numbers in a row of a tile.
const fn width<T: Real>() -> usize {
    VECTORS * <T::Vector as Vector>::WIDTH
}

/// A matrix whose numbers are read one by one. Its columns lie in segments of equal length: `at(row, segment,
/// column)` is `row * self.row + segment * self.segment + column * self.column`.
#[derive(Clone, Copy)]
pub(super) struct Strided {
    pub row: usize,
    pub segment: usize,
    pub column: usize,
}

/// How large a product is: `inner` is the number of segments, and of columns in each.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub rows: usize,
    pub inner: [usize; 2],
    pub lanes: usize,
}

/// `out (rows, pitch) += factors (rows, inner) * values (inner, pitch)`, over the first `lanes`.
///
/// # Safety
/// `out` has `rows * out_pitch` numbers and `values` `inner * value_pitch`, `lanes` is at most
/// either pitch and a multiple of [`width`], and `factors` has every number that `at` names.
#[inline(never)]
pub(super) unsafe fn multiply<T: Real>(
    out: *mut T,
    out_pitch: usize,
    factors: *const T,
    at: Strided,
    values: *const T,
    value_pitch: usize,
    Shape { rows, inner, lanes }: Shape,
) {
    let mut row = 0;
    while row < rows {
        let count = ROWS.min(rows - row);
        // SAFETY: the tile's rows are below `rows`.
        unsafe {
            let (out, factors) = (out.add(row * out_pitch), factors.add(row * at.row));
            for first in (0..lanes).step_by(width::<T>()) {
                let (out, values) = (out.add(first), values.add(first));
                match count {
                    4 => tile::<T, 4>(out, out_pitch, factors, at, values, value_pitch, inner),
                    3 => tile::<T, 3>(out, out_pitch, factors, at, values, value_pitch, inner),
                    2 => tile::<T, 2>(out, out_pitch, factors, at, values, value_pitch, inner),
                    _ => tile::<T, 1>(out, out_pitch, factors, at, values, value_pitch, inner),
                }
            }
        }
        row += count;
    }
}

/// One tile of [`multiply`].
///
/// # Safety
/// As for [`multiply`], with `COUNT` rows and one tile's width of lanes.
#[inline(always)]
unsafe fn tile<T: Real, const COUNT: usize>(
    out: *mut T,
    out_pitch: usize,
    factors: *const T,
    at: Strided,
    values: *const T,
    value_pitch: usize,
    [segments, columns]: [usize; 2],
) {
    let wide = <T::Vector as Vector>::WIDTH;
    let mut sums = [[T::Vector::splat(T::ZERO); VECTORS]; COUNT];
    // SAFETY: all columns stay within values and factors, and the rows within out, by the caller's
    // promise.
    unsafe {
        for segment in 0..segments {
            let (factors, values) = (factors.add(segment * at.segment), values.add(segment * columns * value_pitch));
            for column in 0..columns {
                let values = values.add(column * value_pitch);
                let loaded = [T::Vector::load(values), T::Vector::load(values.add(wide))];
                let factors = factors.add(column * at.column);
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = T::Vector::splat(*factors.add(row * at.row));
                    sums[0] = sums[0].add(factor.mul(loaded[0]));
                    sums[1] = sums[1].add(factor.mul(loaded[1]));
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (index, sum) in sums.iter().enumerate() {
                let place = out.add(row * out_pitch + index * wide);
                T::Vector::load(place).add(*sum).store(place);
            }
        }
    }
}

/// `out (rows, stride) += weights (rows, columns) * values (columns, stride)`, over the first
/// `lanes` of every row.
pub fn accumulate<T: Real>(out: &mut [T], weights: &[T], values: &[T], columns: usize, stride: usize, lanes: usize) {
    let rows = out.len() / stride;
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    assert!(weights.len() >= rows * columns && values.len() >= columns * stride, "operands fit");
    let at = Strided { row: columns, segment: 0, column: 1 };
    // SAFETY: just checked.
    unsafe {
        let (out, weights, values) = (out.as_mut_ptr(), weights.as_ptr(), values.as_ptr());
        multiply(out, stride, weights, at, values, stride, Shape { rows, inner: [1, columns], lanes });
    }
}

/// `out (columns, stride) += weights^T (columns, rows) * deltas (rows, stride)`: the backward of
/// [`accumulate`] towards its values.
pub fn accumulate_transposed<T: Real>(
    out: &mut [T],
    weights: &[T],
    deltas: &[T],
    columns: usize,
    stride: usize,
    lanes: usize,
) {
    let rows = deltas.len() / stride;
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    assert!(weights.len() >= rows * columns && out.len() >= columns * stride, "operands fit");
    let at = Strided { row: 1, segment: 0, column: columns };
    // SAFETY: just checked.
    unsafe {
        let (out, weights, deltas) = (out.as_mut_ptr(), weights.as_ptr(), deltas.as_ptr());
        multiply(out, stride, weights, at, deltas, stride, Shape { rows: columns, inner: [1, rows], lanes });
    }
}

/// `out (rows, stride) += diagonal (rows) * values (rows, stride)`, over the first `lanes`; its backward
/// towards its values is itself.
pub fn accumulate_diagonal<T: Real>(out: &mut [T], diagonal: &[T], values: &[T], stride: usize, lanes: usize) {
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    for ((out, value), &factor) in out.chunks_exact_mut(stride).zip(values.chunks_exact(stride)).zip(diagonal) {
        let factor = T::Vector::splat(factor);
        for first in (0..lanes).step_by(T::Vector::WIDTH) {
            // SAFETY: both rows have `lanes` numbers, whole vectors of them.
            unsafe {
                let place = out.as_mut_ptr().add(first);
                let product = factor.mul(T::Vector::load(value.as_ptr().add(first)));
                T::Vector::load(place).add(product).store(place);
            }
        }
    }
}

/// `diagonal (rows) += ` sums along the first `lanes` of `deltas * values`, both `(rows, stride)`: the
/// backward of [`accumulate_diagonal`] towards its factors.
pub fn accumulate_diagonal_outer<T: Real>(diagonal: &mut [T], deltas: &[T], values: &[T], stride: usize, lanes: usize) {
    for ((sum, delta), value) in diagonal.iter_mut().zip(deltas.chunks_exact(stride)).zip(values.chunks_exact(stride)) {
        *sum += add_products(T::Vector::splat(T::ZERO), &delta[..lanes], &value[..lanes]).sum();
    }
}

/// `sums (rows, LANES) += deltas (rows, stride)`, the first `lanes` of every row folded to [`LANES`]: the
/// backward of a bias is their sum.
pub fn accumulate_folded<T: Real>(sums: &mut [T], deltas: &[T], stride: usize, lanes: usize) {
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    for (sums, delta) in sums.chunks_exact_mut(LANES).zip(deltas.chunks_exact(stride)) {
        for lane in (0..LANES).step_by(T::Vector::WIDTH) {
            // SAFETY: the row has `lanes` numbers and the sums LANES, whole vectors of them.
            unsafe {
                let mut sum = T::Vector::load(sums.as_ptr().add(lane));
                for first in (lane..lanes).step_by(LANES) {
                    sum = sum.add(T::Vector::load(delta.as_ptr().add(first)));
                }
                sum.store(sums.as_mut_ptr().add(lane));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn random(count: usize, random: &mut Random) -> Vec<f64> {
        (0..count).map(|_| random.unit() - 0.5).collect()
    }

    fn close(a: &[f64], b: &[f64]) {
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() < 1e-12, "{a} against {b}");
        }
    }

    #[test]
    fn kernels_equal_the_triple_loop_at_every_shape() {
        let mut source = Random::new(3);
        for rows in 1..10 {
            for columns in 1..10 {
                let (stride, lanes) = (2 * LANES, if rows % 2 == 0 { LANES } else { 2 * LANES });
                let weights = random(rows * columns, &mut source);
                let values = random(columns * stride, &mut source);
                let deltas = random(rows * stride, &mut source);
                let (mut out, mut back) = (vec![0.0; rows * stride], vec![0.0; columns * stride]);
                accumulate(&mut out, &weights, &values, columns, stride, lanes);
                accumulate_transposed(&mut back, &weights, &deltas, columns, stride, lanes);

                let (mut plain_out, mut plain_back) = (vec![0.0; rows * stride], vec![0.0; columns * stride]);
                for row in 0..rows {
                    for column in 0..columns {
                        for lane in 0..lanes {
                            let weight = weights[row * columns + column];
                            let (value, delta) = (values[column * stride + lane], deltas[row * stride + lane]);
                            plain_out[row * stride + lane] += weight * value;
                            plain_back[column * stride + lane] += weight * delta;
                        }
                    }
                }
                close(&out, &plain_out);
                close(&back, &plain_back);
            }
        }
    }

    #[test]
    fn diagonal_kernels_equal_plain_loops() {
        let mut source = Random::new(4);
        let (rows, stride, lanes) = (5, 2 * LANES, LANES);
        let (factors, values) = (random(rows, &mut source), random(rows * stride, &mut source));
        let (mut out, mut sums, mut folded) = (vec![0.0; rows * stride], vec![0.0; rows], vec![0.0; rows * LANES]);
        accumulate_diagonal(&mut out, &factors, &values, stride, lanes);
        accumulate_diagonal_outer(&mut sums, &out, &values, stride, lanes);
        accumulate_folded(&mut folded, &out, stride, lanes);
        for row in 0..rows {
            let own = row * stride..row * stride + lanes;
            let exact: Vec<f64> = values[own.clone()].iter().map(|value| factors[row] * value).collect();
            assert_eq!(out[own.clone()], exact);
            assert!(out[own.end..(row + 1) * stride].iter().all(|&idle| idle == 0.0));
            close(&[sums[row]], &[exact.iter().zip(&values[own]).map(|(a, b)| a * b).sum()]);
            close(&[folded[row * LANES..(row + 1) * LANES].iter().sum()], &[exact.iter().sum()]);
        }
    }
}
