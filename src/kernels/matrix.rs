//! Matrix kernels of the sequence rule.
//!
//! Activations of a batch lie unit by unit, the batch's sequences side by side: `(units, lanes)`,
//! lanes a multiple of [`LANES`]. Every kernel then runs along the lanes, for dense and for single
//! connections alike, and small networks fill the vector as well as large ones. A tile of four rows
//! by two vectors stays in registers while the sum is made.
#![allow(unsafe_code)]

use super::Real;
use super::lanes::{add_products, copy};
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

/// A matrix whose numbers are read one by one. Its columns lie in segments of as many: `at(row, segment,
/// column)` is `row * self.row + segment * self.segment + column * self.column`.
#[derive(Clone, Copy)]
struct Strided {
    row: usize,
    segment: usize,
    column: usize,
}

/// How large a product is: `inner` is the number of segments, and of columns in each.
#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    inner: [usize; 2],
    lanes: usize,
}

/// `out (rows, pitch) += factors (rows, inner) * values (inner, pitch)`, over the first `lanes`.
///
/// # Safety
/// `out` has `rows * out_pitch` numbers and `values` `inner * value_pitch`, `lanes` is at most
/// either pitch and a multiple of [`width`], and `factors` has every number that `at` names.
#[inline(never)]
unsafe fn multiply<T: Real>(
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
        for place in (0..LANES).step_by(T::Vector::WIDTH) {
            // SAFETY: the row has `lanes` numbers and the sums LANES, whole vectors of them.
            unsafe {
                let mut sum = T::Vector::load(sums.as_ptr().add(place));
                for first in (place..lanes).step_by(LANES) {
                    sum = sum.add(T::Vector::load(delta.as_ptr().add(first)));
                }
                sum.store(sums.as_mut_ptr().add(place));
            }
        }
    }
}

/// Calls that a [`WeightGradient`] gathers before it multiplies.
const GATHERED: usize = 4;

/// The backward of [`accumulate`] towards its weights: `deltas (rows, lanes) * values^T (lanes, columns)`,
/// summed over calls. It gathers a few calls, so that each number of the sum is read and written less
/// often.
#[derive(Clone, Debug)]
pub struct WeightGradient<T> {
    rows: usize,
    columns: usize,
    /// Columns of `sum`, padded to whole tiles; unless rows are so short that padding would cost more
    /// than sums along the lanes.
    width: usize,
    /// Calls gathered, all of as many lanes.
    filled: usize,
    lanes: usize,
    /// (GATHERED, rows, lanes)
    deltas: Vec<T>,
    /// (GATHERED, lanes, width), or (GATHERED, columns, lanes) for short rows.
    values: Vec<T>,
    /// (rows, width)
    sum: Vec<T>,
}

impl<T: Real> WeightGradient<T> {
    /// A sum of 0, for weights `(rows, columns)`.
    pub fn new(rows: usize, columns: usize) -> Self {
        let width = if columns < LANES / 2 { columns } else { columns.next_multiple_of(LANES) };
        let sum = vec![T::ZERO; rows * width];
        WeightGradient { rows, columns, width, filled: 0, lanes: 0, deltas: Vec::new(), values: Vec::new(), sum }
    }

    fn is_narrow(&self) -> bool {
        self.width < LANES
    }

    /// Makes the sum 0.
    pub fn clear(&mut self) {
        self.filled = 0;
        self.sum.fill(T::ZERO);
    }

    /// Adds the product of `deltas (rows, stride)` and `values (columns, stride)` over the first `lanes`.
    pub fn add(&mut self, deltas: &[T], values: &[T], stride: usize, lanes: usize) {
        assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
        if lanes != self.lanes {
            self.multiply();
            self.lanes = lanes;
            self.deltas.resize(GATHERED * self.rows * lanes, T::ZERO);
            self.values.clear();
            self.values.resize(GATHERED * self.width * lanes, T::ZERO);
        }
        let (of_deltas, of_values) = (self.rows * lanes, self.width * lanes);
        copy_rows(&mut self.deltas[self.filled * of_deltas..][..of_deltas], deltas, stride, lanes);
        let gathered = &mut self.values[self.filled * of_values..][..of_values];
        if self.width < LANES {
            copy_rows(gathered, values, stride, lanes);
        } else {
            turn(gathered, &values[..self.columns * stride], self.width, stride, lanes);
        }
        self.filled += 1;
        if self.filled == GATHERED {
            self.multiply();
        }
    }

    /// Multiplies what is gathered into the sum.
    fn multiply(&mut self) {
        let WeightGradient { rows, width, lanes, .. } = *self;
        let calls = std::mem::take(&mut self.filled);
        if self.is_narrow() {
            for (row, sums) in self.sum.chunks_exact_mut(width).enumerate() {
                for (column, sum) in sums.iter_mut().enumerate() {
                    let mut total = T::Vector::splat(T::ZERO);
                    for call in 0..calls {
                        let delta = &self.deltas[(call * rows + row) * lanes..][..lanes];
                        total = add_products(total, delta, &self.values[(call * width + column) * lanes..][..lanes]);
                    }
                    *sum += total.sum();
                }
            }
            return;
        }
        let at = Strided { row: lanes, segment: rows * lanes, column: 1 };
        // SAFETY: as `add` has sized and filled them, `deltas` has so many calls of `rows` of `lanes`, and
        // `values` has as many of `lanes` of `width`, a multiple of every tile's width.
        unsafe {
            let (sum, deltas, values) = (self.sum.as_mut_ptr(), self.deltas.as_ptr(), self.values.as_ptr());
            multiply(sum, width, deltas, at, values, width, Shape { rows, inner: [calls, lanes], lanes: width });
        }
    }

    /// Writes the sum to `gradient (rows, columns)`.
    pub fn write(&mut self, gradient: &mut [T]) {
        self.multiply();
        for (row, sum) in gradient.chunks_exact_mut(self.columns).zip(self.sum.chunks_exact(self.width)) {
            row.copy_from_slice(&sum[..self.columns]);
        }
    }
}

/// `into (rows, lanes) = values (rows, stride)`, the first `lanes` of every row.
fn copy_rows<T: Real>(into: &mut [T], values: &[T], stride: usize, lanes: usize) {
    if lanes == stride {
        return copy(into, &values[..into.len()]);
    }
    for (into, value) in into.chunks_exact_mut(lanes).zip(values.chunks_exact(stride)) {
        copy(into, &value[..lanes]);
    }
}

/// `turned (lanes, width) = values^T`, of the first `lanes` of `values (columns, stride)`.
fn turn<T: Real>(turned: &mut [T], values: &[T], width: usize, stride: usize, lanes: usize) {
    let wide = <T::Vector as Vector>::WIDTH;
    let columns = values.len() / stride;
    assert!(lanes <= stride && lanes.is_multiple_of(LANES) && columns <= width, "values fit");
    assert!(turned.len() == lanes * width, "the turned fit");
    let whole = columns / wide * wide;
    for column in (0..whole).step_by(wide) {
        for lane in (0..lanes).step_by(wide) {
            let mut block = [T::Vector::splat(T::ZERO); 4];
            let block = &mut block[..wide];
            // SAFETY: a square of `wide` columns and lanes lies in both, as just checked.
            unsafe {
                for (row, vector) in block.iter_mut().enumerate() {
                    *vector = T::Vector::load(values.as_ptr().add((column + row) * stride + lane));
                }
                T::Vector::transpose(block);
                for (row, vector) in block.iter().enumerate() {
                    vector.store(turned.as_mut_ptr().add((lane + row) * width + column));
                }
            }
        }
    }
    for column in whole..columns {
        let value = &values[column * stride..][..lanes];
        for (row, &value) in turned.chunks_exact_mut(width).zip(value) {
            row[column] = value;
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
                let (mut out, mut back, mut gradient) =
                    (vec![0.0; rows * stride], vec![0.0; columns * stride], vec![0.0; rows * columns]);
                accumulate(&mut out, &weights, &values, columns, stride, lanes);
                accumulate_transposed(&mut back, &weights, &deltas, columns, stride, lanes);
                let mut sum = WeightGradient::new(rows, columns);
                // More than are gathered at once, and some that wait to be multiplied.
                let rounds = GATHERED + columns;
                for _ in 0..rounds {
                    sum.add(&deltas, &values, stride, lanes);
                }
                sum.write(&mut gradient);

                let (mut plain_out, mut plain_back, mut plain_gradient) =
                    (vec![0.0; rows * stride], vec![0.0; columns * stride], vec![0.0; rows * columns]);
                for row in 0..rows {
                    for column in 0..columns {
                        for lane in 0..lanes {
                            let weight = weights[row * columns + column];
                            let (value, delta) = (values[column * stride + lane], deltas[row * stride + lane]);
                            plain_out[row * stride + lane] += weight * value;
                            plain_back[column * stride + lane] += weight * delta;
                            plain_gradient[row * columns + column] += rounds as f64 * delta * value;
                        }
                    }
                }
                close(&out, &plain_out);
                close(&back, &plain_back);
                close(&gradient, &plain_gradient);
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
