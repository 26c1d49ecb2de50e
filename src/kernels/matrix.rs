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

/// `gradient (rows, columns) += deltas (rows, stride) * values^T (stride, columns)`: the backward
/// of [`accumulate`] towards its weights.
pub fn accumulate_outer<T: Real>(
    gradient: &mut [T],
    deltas: &[T],
    values: &[T],
    columns: usize,
    stride: usize,
    lanes: usize,
) {
    for (gradient, delta) in gradient.chunks_exact_mut(columns).zip(deltas.chunks_exact(stride)) {
        let mut columns = gradient.chunks_exact_mut(ROWS);
        let mut values = values.chunks(ROWS * stride);
        for (gradient, value) in (&mut columns).zip(&mut values) {
            let mut sums = [[T::ZERO; LANES]; ROWS];
            for first in (0..lanes).step_by(LANES) {
                let delta: &[T; LANES] = lane_block(delta, first);
                for (sum, value) in sums.iter_mut().zip(value.chunks_exact(stride)) {
                    let value: &[T; LANES] = lane_block(value, first);
                    for lane in 0..LANES {
                        sum[lane] += delta[lane] * value[lane];
                    }
                }
            }
            for (gradient, sum) in gradient.iter_mut().zip(&sums) {
                *gradient += horizontal(sum);
            }
        }
        let rest = columns.into_remainder();
        let Some(value) = values.next() else { continue };
        for (gradient, value) in rest.iter_mut().zip(value.chunks_exact(stride)) {
            let mut sum = [T::ZERO; LANES];
            for first in (0..lanes).step_by(LANES) {
                let (delta, value): (&[T; LANES], &[T; LANES]) = (lane_block(delta, first), lane_block(value, first));
                for lane in 0..LANES {
                    sum[lane] += delta[lane] * value[lane];
                }
            }
            *gradient += horizontal(&sum);
        }
    }
}

#[inline]
fn lane_block<T: Real>(row: &[T], first: usize) -> &[T; LANES] {
    row[first..first + LANES].try_into().expect("lanes are padded to whole blocks")
}

#[inline]
fn horizontal<T: Real>(sum: &[T; LANES]) -> T {
    ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]))
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
                accumulate_outer(&mut gradient, &deltas, &values, columns, stride, lanes);

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
