//! Matrix kernels of the sequence rule.
//!
//! Activations of a batch lie unit by unit, the batch's sequences side by side: `(units, lanes)`,
//! lanes a multiple of [`LANES`]. Every kernel then runs along the lanes, for dense and for single
//! connections alike, and small networks fill the vector as well as large ones. A tile of four rows
//! by two vectors stays in registers while the sum is made.
#![allow(unsafe_code)]

use super::Real;
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

/// A matrix whose numbers are read one by one: `at(row, column)` is `row * row_stride + column *
/// column_stride`.
#[derive(Clone, Copy)]
struct Strided {
    row: usize,
    column: usize,
}

/// `out (rows, pitch) += factors (rows, inner) * values (inner, pitch)`, over the first `lanes`.
///
/// # Safety
/// `out` has `rows * out_pitch` numbers and `values` `inner * value_pitch`, `lanes` is at most
/// either pitch and a multiple of [`width`], and `factors` has every number that `at` names.
#[inline(always)]
unsafe fn multiply<T: Real>(
    out: *mut T,
    out_pitch: usize,
    factors: *const T,
    at: Strided,
    values: *const T,
    value_pitch: usize,
    (rows, inner, lanes): (usize, usize, usize),
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
    inner: usize,
) {
    let wide = <T::Vector as Vector>::WIDTH;
    let mut sums = [[T::Vector::splat(T::ZERO); VECTORS]; COUNT];
    // SAFETY: `inner` steps stay within values and factors, and the rows within out, by the
    // caller's promise.
    unsafe {
        for index in 0..inner {
            let values = values.add(index * value_pitch);
            let loaded = [T::Vector::load(values), T::Vector::load(values.add(wide))];
            let factors = factors.add(index * at.column);
            for (row, sums) in sums.iter_mut().enumerate() {
                let factor = T::Vector::splat(*factors.add(row * at.row));
                sums[0] = sums[0].add(factor.mul(loaded[0]));
                sums[1] = sums[1].add(factor.mul(loaded[1]));
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
    let at = Strided { row: columns, column: 1 };
    // SAFETY: just checked.
    unsafe {
        let (out, weights, values) = (out.as_mut_ptr(), weights.as_ptr(), values.as_ptr());
        multiply(out, stride, weights, at, values, stride, (rows, columns, lanes));
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
    let at = Strided { row: 1, column: columns };
    // SAFETY: just checked.
    unsafe {
        let (out, weights, deltas) = (out.as_mut_ptr(), weights.as_ptr(), deltas.as_ptr());
        multiply(out, stride, weights, at, deltas, stride, (columns, rows, lanes));
    }
}

/// Columns of a gradient that [`accumulate_outer`] keeps: rows are padded to whole tiles, unless
/// they are so short that padding would cost more than sums over lanes.
pub fn outer_width(columns: usize) -> usize {
    if columns < LANES / 2 { columns } else { columns.next_multiple_of(LANES) }
}

/// `gradient (rows, outer_width(columns)) += deltas (rows, stride) * values^T (stride, columns)`:
/// the backward of [`accumulate`] towards its weights, over the first `lanes`. `packed` is work
/// space.
pub fn accumulate_outer<T: Real>(
    gradient: &mut [T],
    deltas: &[T],
    values: &[T],
    columns: usize,
    stride: usize,
    lanes: usize,
    packed: &mut Vec<T>,
) {
    let width = outer_width(columns);
    if width == columns && columns < LANES {
        for (gradient, delta) in gradient.chunks_exact_mut(columns).zip(deltas.chunks_exact(stride)) {
            for (gradient, value) in gradient.iter_mut().zip(values.chunks_exact(stride)) {
                *gradient += sum_of_products(&delta[..lanes], &value[..lanes]);
            }
        }
        return;
    }
    // With the values turned to (lanes, columns) this is the product of the forward pass.
    packed.resize(lanes * width, T::ZERO);
    for (column, value) in values.chunks_exact(stride).take(columns).enumerate() {
        for (row, &value) in packed.chunks_exact_mut(width).zip(&value[..lanes]) {
            row[column] = value;
        }
    }
    let rows = gradient.len() / width;
    assert!(lanes <= stride && deltas.len() >= rows * stride, "operands fit");
    let at = Strided { row: stride, column: 1 };
    // SAFETY: just checked; `packed` has `lanes` rows of `width`, a multiple of every tile's width.
    unsafe {
        multiply(gradient.as_mut_ptr(), width, deltas.as_ptr(), at, packed.as_ptr(), width, (rows, lanes, width));
    }
}

/// Sum of `a[i] * b[i]`; both have a multiple of [`LANES`] numbers.
pub fn sum_of_products<T: Real>(a: &[T], b: &[T]) -> T {
    assert!(a.len() == b.len() && a.len().is_multiple_of(LANES), "lanes are padded to whole blocks");
    let mut sum = T::Vector::splat(T::ZERO);
    for first in (0..a.len()).step_by(T::Vector::WIDTH) {
        // SAFETY: both have a whole vector from `first` on, as just checked.
        let (a, b) = unsafe { (T::Vector::load(a.as_ptr().add(first)), T::Vector::load(b.as_ptr().add(first))) };
        sum = sum.add(a.mul(b));
    }
    sum.sum()
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
                let (mut out, mut back, mut gradient) =
                    (vec![0.0; rows * stride], vec![0.0; columns * stride], vec![0.0; rows * columns]);
                accumulate(&mut out, &weights, &values, columns, stride, lanes);
                accumulate_transposed(&mut back, &weights, &deltas, columns, stride, lanes);
                let width = outer_width(columns);
                let mut padded = vec![0.0; rows * width];
                accumulate_outer(&mut padded, &deltas, &values, columns, stride, lanes, &mut Vec::new());
                for (row, padded) in gradient.chunks_exact_mut(columns).zip(padded.chunks_exact(width)) {
                    row.copy_from_slice(&padded[..columns]);
                }

                let (mut plain_out, mut plain_back, mut plain_gradient) =
                    (vec![0.0; rows * stride], vec![0.0; columns * stride], vec![0.0; rows * columns]);
                for row in 0..rows {
                    for column in 0..columns {
                        for lane in 0..lanes {
                            let weight = weights[row * columns + column];
                            let (value, delta) = (values[column * stride + lane], deltas[row * stride + lane]);
                            plain_out[row * stride + lane] += weight * value;
                            plain_back[column * stride + lane] += weight * delta;
                            plain_gradient[row * columns + column] += delta * value;
                        }
                    }
                }
                close(&out, &plain_out);
                close(&back, &plain_back);
                close(&gradient, &plain_gradient);
            }
        }
    }
}
