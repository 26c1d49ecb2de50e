//! Matrix kernels of the sequence rule.
//!
//! Activations of a batch lie unit by unit, the batch's sequences side by side: `(units, lanes)`,
//! lanes a multiple of [`LANES`]. Every kernel then runs along the lanes, for dense and for single
//! connections alike, and small networks fill the vector as well as large ones.

use super::Real;

/// The batch is padded to a multiple of this many sequences: two vectors of f32.
pub const LANES: usize = 8;

/// Rows of weights that share the loads of one column.
const ROWS: usize = 4;

/// `out (rows, stride) += weights (rows, columns) * values (columns, stride)`, over the first
/// `lanes` of every row.
pub fn accumulate<T: Real>(out: &mut [T], weights: &[T], values: &[T], columns: usize, stride: usize, lanes: usize) {
    for (out, weights) in out.chunks_mut(ROWS * stride).zip(weights.chunks(ROWS * columns)) {
        let rows = out.len() / stride;
        for first in (0..lanes).step_by(LANES) {
            let mut sums = [[T::ZERO; LANES]; ROWS];
            if rows == ROWS {
                let [a, b, c, d] = &mut sums;
                let (w_ab, w_cd) = weights.split_at(2 * columns);
                let ((w_a, w_b), (w_c, w_d)) = (w_ab.split_at(columns), w_cd.split_at(columns));
                for (column, value) in values.chunks_exact(stride).take(columns).enumerate() {
                    let value: &[T; LANES] = lane_block(value, first);
                    let [p, q, r, s] = [w_a[column], w_b[column], w_c[column], w_d[column]];
                    for lane in 0..LANES {
                        a[lane] += p * value[lane];
                        b[lane] += q * value[lane];
                        c[lane] += r * value[lane];
                        d[lane] += s * value[lane];
                    }
                }
            } else {
                for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(columns)) {
                    for (&weight, value) in weights.iter().zip(values.chunks_exact(stride)) {
                        let value: &[T; LANES] = lane_block(value, first);
                        for lane in 0..LANES {
                            sum[lane] += weight * value[lane];
                        }
                    }
                }
            }
            for (out, sum) in out.chunks_exact_mut(stride).zip(&sums) {
                for (out, &sum) in out[first..first + LANES].iter_mut().zip(sum) {
                    *out += sum;
                }
            }
        }
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
    let groups = columns / ROWS * ROWS;
    for first in (0..lanes).step_by(LANES) {
        for column in (0..groups).step_by(ROWS) {
            let mut sums = [[T::ZERO; LANES]; ROWS];
            let [a, b, c, d] = &mut sums;
            for (weights, delta) in weights.chunks_exact(columns).zip(deltas.chunks_exact(stride)) {
                let delta: &[T; LANES] = lane_block(delta, first);
                let [p, q, r, s]: [T; ROWS] = weights[column..column + ROWS].try_into().expect("four columns");
                for lane in 0..LANES {
                    a[lane] += p * delta[lane];
                    b[lane] += q * delta[lane];
                    c[lane] += r * delta[lane];
                    d[lane] += s * delta[lane];
                }
            }
            for (row, sum) in sums.iter().enumerate() {
                let start = (column + row) * stride + first;
                for (out, &sum) in out[start..start + LANES].iter_mut().zip(sum) {
                    *out += sum;
                }
            }
        }
        for column in groups..columns {
            let mut sum = [T::ZERO; LANES];
            for (weights, delta) in weights.chunks_exact(columns).zip(deltas.chunks_exact(stride)) {
                let delta: &[T; LANES] = lane_block(delta, first);
                for lane in 0..LANES {
                    sum[lane] += weights[column] * delta[lane];
                }
            }
            let start = column * stride + first;
            for (out, &sum) in out[start..start + LANES].iter_mut().zip(&sum) {
                *out += sum;
            }
        }
    }
}

/// Where one step's deltas and values start, and how many of their lanes run.
#[derive(Clone, Copy, Debug)]
pub struct OuterStep {
    /// Start of the step's deltas, (rows, stride).
    pub deltas: usize,
    /// Start of the step's values, (columns, stride).
    pub values: usize,
    /// Running lanes, a multiple of [`LANES`].
    pub lanes: usize,
}

/// `gradient (rows, columns) += sum over steps of deltas (rows, stride) * values^T (stride,
/// columns)`: the backward of [`accumulate`] towards its weights. Several steps share the sum over
/// lanes, which costs as much as a few steps of a small batch.
pub fn accumulate_outer<T: Real>(
    gradient: &mut [T],
    deltas: &[T],
    values: &[T],
    columns: usize,
    stride: usize,
    steps: &[OuterStep],
) {
    let rows = gradient.len() / columns;
    for row in (0..rows).step_by(OUTER_ROWS) {
        for column in (0..columns).step_by(OUTER_COLUMNS) {
            if row + OUTER_ROWS <= rows && column + OUTER_COLUMNS <= columns {
                let sums = outer_tile(row, column, deltas, values, stride, steps);
                for (row, sums) in (row..).zip(&sums) {
                    for (column, sum) in (column..).zip(sums) {
                        gradient[row * columns + column] += sum.iter().copied().sum();
                    }
                }
                continue;
            }
            for row in row..rows.min(row + OUTER_ROWS) {
                for column in column..columns.min(column + OUTER_COLUMNS) {
                    gradient[row * columns + column] += outer_single(row, column, deltas, values, stride, steps);
                }
            }
        }
    }
}

/// Tile of the weight gradient: its sums and the loads they need fit the vector registers.
const OUTER_ROWS: usize = 4;
const OUTER_COLUMNS: usize = 2;
/// Lanes per sum of a tile: one vector of f32.
const OUTER_LANES: usize = 4;

#[inline]
fn outer_tile<T: Real>(
    row: usize,
    column: usize,
    deltas: &[T],
    values: &[T],
    stride: usize,
    steps: &[OuterStep],
) -> [[[T; OUTER_LANES]; OUTER_COLUMNS]; OUTER_ROWS] {
    let mut sums = [[[T::ZERO; OUTER_LANES]; OUTER_COLUMNS]; OUTER_ROWS];
    for step in steps {
        let delta = |index: usize| &deltas[step.deltas + (row + index) * stride..][..step.lanes];
        let value = |index: usize| &values[step.values + (column + index) * stride..][..step.lanes];
        let (delta_rows, value_rows) = ([delta(0), delta(1), delta(2), delta(3)], [value(0), value(1)]);
        for first in (0..step.lanes).step_by(OUTER_LANES) {
            let block = |row: &[T]| -> [T; OUTER_LANES] {
                row[first..first + OUTER_LANES].try_into().expect("lanes are padded to whole blocks")
            };
            let values = value_rows.map(block);
            for (sums, delta) in sums.iter_mut().zip(delta_rows.map(block)) {
                for (sum, value) in sums.iter_mut().zip(&values) {
                    for lane in 0..OUTER_LANES {
                        sum[lane] += delta[lane] * value[lane];
                    }
                }
            }
        }
    }
    sums
}

fn outer_single<T: Real>(
    row: usize,
    column: usize,
    deltas: &[T],
    values: &[T],
    stride: usize,
    steps: &[OuterStep],
) -> T {
    let mut sums = [T::ZERO; OUTER_LANES];
    for step in steps {
        let delta = &deltas[step.deltas + row * stride..][..step.lanes];
        let value = &values[step.values + column * stride..][..step.lanes];
        for (delta, value) in delta.chunks_exact(OUTER_LANES).zip(value.chunks_exact(OUTER_LANES)) {
            for lane in 0..OUTER_LANES {
                sums[lane] += delta[lane] * value[lane];
            }
        }
    }
    sums.into_iter().sum()
}

#[inline]
fn lane_block<T: Real>(row: &[T], first: usize) -> &[T; LANES] {
    row[first..first + LANES].try_into().expect("lanes are padded to whole blocks")
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
                let half = OuterStep { deltas: 0, values: 0, lanes: LANES };
                let rest = OuterStep { deltas: LANES, values: LANES, lanes: lanes - LANES };
                accumulate_outer(&mut gradient, &deltas, &values, columns, stride, &[half, rest]);

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
