//! The gradient of a matrix of weights, summed over the steps of a pass.
#![allow(unsafe_code)]

use super::lanes::add_products;
use super::matrix::{Segments, Shape, Strided, multiply};
use super::vector::Vector;
use super::{LANES, Real};

/// Calls that a [`WeightGradient`] gathers before it multiplies.
pub(super) const GATHERED: usize = 4;

/// Whether rows are so short that sums along the lanes cost less than padding.
pub(super) fn is_narrow(columns: usize) -> bool {
    columns < LANES / 2
}

/// The backward of [`accumulate`](super::accumulate) towards its weights: `deltas (rows, lanes) * values^T (lanes, columns)`,
/// summed over calls. The sum gathers a few calls, so that each of its numbers is read and written less
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
    /// (rows, width); empty before the first call.
    sum: Vec<T>,
}

impl<T: Real> WeightGradient<T> {
    /// A sum of 0, for weights `(rows, columns)`.
    pub fn new(rows: usize, columns: usize) -> Self {
        let width = if is_narrow(columns) { columns } else { columns.next_multiple_of(LANES) };
        WeightGradient {
            rows,
            columns,
            width,
            filled: 0,
            lanes: 0,
            deltas: Vec::new(),
            values: Vec::new(),
            sum: Vec::new(),
        }
    }

    fn is_narrow(&self) -> bool {
        is_narrow(self.columns)
    }

    /// Makes the sum 0.
    pub fn clear(&mut self) {
        self.filled = 0;
        self.sum.fill(T::ZERO);
    }

    /// Adds the product of `deltas (rows, stride)` and `values (columns, stride)` over the first `lanes`.
    pub fn add(&mut self, deltas: &[T], values: &[T], stride: usize, lanes: usize) {
        self.add_segments(deltas, values, &[0], stride, lanes);
    }

    /// [`WeightGradient::add`], with as many of the columns behind each of `starts`.
    pub fn add_segments(&mut self, deltas: &[T], values: &[T], starts: &[usize], stride: usize, lanes: usize) {
        assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
        if lanes != self.lanes {
            self.multiply();
            self.lanes = lanes;
            self.sum.resize(self.rows * self.width, T::ZERO);
            self.deltas.resize(GATHERED * self.rows * lanes, T::ZERO);
            // The numbers that pad a row have to be 0 where they lie now.
            self.values.clear();
            self.values.resize(GATHERED * self.width * lanes, T::ZERO);
        }
        let (of_deltas, of_values) = (self.rows * lanes, self.width * lanes);
        copy_rows(&mut self.deltas[self.filled * of_deltas..][..of_deltas], deltas, stride, lanes);
        let (narrow, columns) = (self.is_narrow(), self.columns / starts.len());
        let gathered = &mut self.values[self.filled * of_values..][..of_values];
        for (segment, &start) in starts.iter().enumerate() {
            let values = &values[start..][..columns * stride];
            if narrow {
                copy_rows(&mut gathered[segment * columns * lanes..][..columns * lanes], values, stride, lanes);
            } else {
                turn(gathered, segment * columns, values, self.width, stride, lanes);
            }
        }
        self.filled += 1;
        if self.filled == GATHERED {
            self.multiply();
        }
    }

    /// Multiplies the gathered calls into the sum.
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
        if calls == 0 {
            return;
        }
        let at = Strided { row: lanes, segment: rows * lanes, column: 1 };
        let starts: [usize; GATHERED] = std::array::from_fn(|call| call * lanes * width);
        let values = Segments { first: self.values.as_ptr(), starts: &starts[..calls], pitch: width };
        // SAFETY: as `add_segments` has sized and filled them, `deltas` has so many calls of `rows` of `lanes`, and
        // `values` has as many of `lanes` of `width`, a multiple of every tile's width.
        unsafe {
            let (sum, deltas) = (self.sum.as_mut_ptr(), self.deltas.as_ptr());
            multiply(sum, width, deltas, at, values, Shape { rows, columns: lanes, lanes: width });
        }
    }

    /// Writes the sum to `gradient (rows, columns)`.
    pub fn write(&mut self, gradient: &mut [T]) {
        self.multiply();
        if self.sum.is_empty() {
            return gradient.fill(T::ZERO);
        }
        for (row, sum) in gradient.chunks_exact_mut(self.columns).zip(self.sum.chunks_exact(self.width)) {
            row.copy_from_slice(&sum[..self.columns]);
        }
    }
}

/// `into (rows, lanes) = values (rows, stride)`, the first `lanes` of every row.
fn copy_rows<T: Real>(into: &mut [T], values: &[T], stride: usize, lanes: usize) {
    if lanes == stride {
        return into.copy_from_slice(&values[..into.len()]);
    }
    for (into, value) in into.chunks_exact_mut(lanes).zip(values.chunks_exact(stride)) {
        into.copy_from_slice(&value[..lanes]);
    }
}

/// `turned (lanes, width) = values^T` from column `first` on, of the first `lanes` of `values (columns, stride)`.
fn turn<T: Real>(turned: &mut [T], first: usize, values: &[T], width: usize, stride: usize, lanes: usize) {
    let columns = values.len() / stride;
    assert!(lanes <= stride && lanes.is_multiple_of(LANES) && first + columns <= width, "values fit");
    assert!(turned.len() == lanes * width, "the turned fit");
    // Narrow vectors: wider ones take longer to swap what lies far apart in them.
    let wide = T::Vector::WIDTH;
    let whole = columns / wide * wide;
    for column in (0..whole).step_by(wide) {
        for lane in (0..lanes).step_by(wide) {
            let mut square = [T::Vector::splat(T::ZERO); LANES];
            let square = &mut square[..wide];
            // SAFETY: a square of as many columns and lanes lies in both, as just checked: lanes are whole blocks of LANES,
            // which are whole vectors.
            unsafe {
                for (row, vector) in square.iter_mut().enumerate() {
                    *vector = T::Vector::load(values.as_ptr().add((column + row) * stride + lane));
                }
                T::Vector::transpose(square);
                for (row, vector) in square.iter().enumerate() {
                    vector.store(turned.as_mut_ptr().add((lane + row) * width + first + column));
                }
            }
        }
    }
    for column in whole..columns {
        let value = &values[column * stride..][..lanes];
        for (row, &value) in turned.chunks_exact_mut(width).zip(value) {
            row[first + column] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_sum_equals_plain_loops_at_every_shape() {
        let mut random = Random::new(6);
        for (rows, columns) in (1..6).flat_map(|rows| (1..12).map(move |columns| (rows, columns))) {
            let stride = 3 * LANES;
            let mut sum = WeightGradient::new(rows, columns);
            let mut exact = vec![0.0; rows * columns];
            // Lanes that start to run, and more calls than are gathered.
            for lanes in [LANES, LANES, 2 * LANES, 3 * LANES, 3 * LANES, 3 * LANES, 3 * LANES, 3 * LANES].repeat(2) {
                let mut draw = |count: usize| -> Vec<f64> { (0..count).map(|_| random.unit() - 0.5).collect() };
                let (deltas, values) = (draw(rows * stride), draw(columns * stride));
                sum.add(&deltas, &values, stride, lanes);
                for (at, exact) in exact.iter_mut().enumerate() {
                    let (row, column) = (at / columns * stride, at % columns * stride);
                    *exact += (0..lanes).map(|lane| deltas[row + lane] * values[column + lane]).sum::<f64>();
                }
                let mut gradient = vec![0.0; rows * columns];
                sum.clone().write(&mut gradient);
                for (got, exact) in gradient.iter().zip(&exact) {
                    assert!((got - exact).abs() < 1e-12, "{rows} x {columns}: {got} against {exact}");
                }
            }
            sum.clear();
            let mut gradient = vec![1.0; rows * columns];
            sum.write(&mut gradient);
            assert!(gradient.iter().all(|&number| number == 0.0));
        }
    }
}
