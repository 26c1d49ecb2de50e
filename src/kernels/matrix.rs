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
    multiply(out, weights, columns, values, columns, stride, lanes);
}

/// `out (rows, stride) += weights (rows, columns of pitch) * values (columns, stride)`, over the
/// first `lanes` of every row: rows of weights start every `pitch` numbers.
fn multiply<T: Real>(
    out: &mut [T],
    weights: &[T],
    pitch: usize,
    values: &[T],
    columns: usize,
    stride: usize,
    lanes: usize,
) {
    for (out, weights) in out.chunks_mut(ROWS * stride).zip(weights.chunks(ROWS * pitch)) {
        let rows = out.len() / stride;
        for first in (0..lanes).step_by(LANES) {
            let mut sums = [[T::ZERO; LANES]; ROWS];
            if rows == ROWS {
                let [a, b, c, d] = &mut sums;
                let row = |index: usize| &weights[index * pitch..index * pitch + columns];
                let (w_a, w_b, w_c, w_d) = (row(0), row(1), row(2), row(3));
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
                for (sum, weights) in sums.iter_mut().zip(weights.chunks(pitch)).take(rows) {
                    for (&weight, value) in weights[..columns].iter().zip(values.chunks_exact(stride)) {
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

/// Columns of a gradient that [`accumulate_outer`] keeps: rows are padded to whole vectors, unless
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
    packed.clear();
    packed.resize(lanes * width, T::ZERO);
    for (column, value) in values.chunks_exact(stride).take(columns).enumerate() {
        for (row, &value) in packed.chunks_exact_mut(width).zip(&value[..lanes]) {
            row[column] = value;
        }
    }
    multiply(gradient, deltas, stride, packed, lanes, width, width);
}

fn sum_of_products<T: Real>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
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
