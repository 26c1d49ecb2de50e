//! Matrix kernels of the sequence rule.
//!
//! Activations of a batch lie unit by unit, the batch's sequences side by side: `(units, lanes)`,
//! lanes a multiple of [`LANES`]. Every kernel then runs along the lanes, for dense and for single
//! connections alike, and small networks fill the vector as well as large ones. A tile of a few rows
//! by two vectors stays in registers while the sum is made.
#![allow(unsafe_code)]

use super::lanes::{add_product, add_products};
use super::vector::{Kernel, Vector, load_row, store_row};
use super::{LANES, Real};

/// A matrix whose numbers are read one by one. Its columns lie in segments of equal length: `at(row, segment,
/// column)` is `row * self.row + segment * self.segment + column * self.column`.
#[derive(Clone, Copy)]
pub(super) struct Strided {
    pub row: usize,
    pub segment: usize,
    pub column: usize,
}

/// The values of a product, rows of `pitch` numbers: as many of them as a segment has columns lie behind each of `starts`.
#[derive(Clone, Copy)]
pub(super) struct Segments<'a, T> {
    pub first: *const T,
    pub starts: &'a [usize],
    pub pitch: usize,
}

/// How large a product is, with columns of each segment.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub rows: usize,
    pub columns: usize,
    pub lanes: usize,
}

/// `out (rows, pitch) += factors (rows, segments * columns) * values (segments * columns, pitch)`, over the first `lanes`.
///
/// # Safety
/// `out` has `rows * out_pitch` numbers, `values` `columns * pitch` from each start on, `lanes` is at most either pitch and a
/// multiple of [`LANES`], and `factors` has every number that `at` names.
#[inline(never)]
pub(super) unsafe fn multiply<T: Real>(
    out: *mut T,
    out_pitch: usize,
    factors: *const T,
    at: Strided,
    values: Segments<T>,
    shape: Shape,
) {
    T::run(Product { out, out_pitch, factors, at, values, shape });
}

/// The operands of [`multiply`], which keeps its promises.
struct Product<'a, T> {
    out: *mut T,
    out_pitch: usize,
    factors: *const T,
    at: Strided,
    values: Segments<'a, T>,
    shape: Shape,
}

impl<T: Real> Kernel<T> for Product<'_, T> {
    #[inline(always)]
    fn run<V: Vector<Element = T>>(self) {
        let Shape { rows, lanes, .. } = self.shape;
        let mut row = 0;
        while row < rows {
            let left = rows - row;
            // SAFETY: the strip's rows are below `rows`.
            row += unsafe {
                match left {
                    12.. if V::TILE_ROWS >= 12 => self.strip::<V, 12>(row, lanes),
                    8.. if V::TILE_ROWS >= 8 => self.strip::<V, 8>(row, lanes),
                    6.. if V::TILE_ROWS == 6 => self.strip::<V, 6>(row, lanes),
                    4.. => self.strip::<V, 4>(row, lanes),
                    3 => self.strip::<V, 3>(row, lanes),
                    2 => self.strip::<V, 2>(row, lanes),
                    _ => self.strip::<V, 1>(row, lanes),
                }
            };
        }
    }
}

impl<T: Real> Product<'_, T> {
    /// Tiles side by side over all lanes; gives the rows that they have.
    ///
    /// # Safety
    /// As for [`multiply`], with `ROWS` rows from `row` on.
    #[inline(always)]
    unsafe fn strip<V: Vector<Element = T>, const ROWS: usize>(&self, row: usize, lanes: usize) -> usize {
        let mut first = 0;
        while V::TILE_VECTORS == 2 && lanes - first >= 2 * V::WIDTH {
            // SAFETY: two vectors of lanes are left.
            unsafe { self.tile::<V, ROWS, 2, false>(row, first) };
            first += 2 * V::WIDTH;
        }
        // Lanes are whole blocks of LANES: narrow vectors have gone through all of them in twos.
        while (V::TILE_VECTORS == 1 || 2 * V::WIDTH > LANES) && lanes - first >= V::WIDTH {
            // SAFETY: a vector of lanes is left.
            unsafe { self.tile::<V, ROWS, 1, false>(row, first) };
            first += V::WIDTH;
        }
        if V::WIDTH > LANES && first < lanes {
            // SAFETY: LANES are left.
            unsafe { self.tile::<V, ROWS, 1, true>(row, first) };
        }
        ROWS
    }

    /// One tile, whose sums stay in registers while they are made.
    ///
    /// # Safety
    /// As for [`multiply`], with `ROWS` rows from `row` and `VECTORS` vectors from lane `first`, `CUT` off after
    /// [`LANES`] where a vector has more.
    #[inline(always)]
    unsafe fn tile<V: Vector<Element = T>, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
        &self,
        row: usize,
        first: usize,
    ) {
        let end = if CUT { first + LANES } else { usize::MAX };
        let Product {
            out_pitch,
            at,
            values: Segments { first: values, starts, pitch },
            shape: Shape { columns, .. },
            ..
        } = *self;
        let mut sums = [[V::splat(T::ZERO); VECTORS]; ROWS];
        // SAFETY: all columns stay within values and factors, and the rows within out, by the caller's
        // promise.
        unsafe {
            let factors = self.factors.add(row * at.row);
            for (segment, &start) in starts.iter().enumerate() {
                let factors = factors.add(segment * at.segment);
                let values = values.add(start);
                for column in 0..columns {
                    let values = values.add(column * pitch);
                    let loaded: [V; VECTORS] =
                        std::array::from_fn(|index| load_row(values, first + index * V::WIDTH, end));
                    let factors = factors.add(column * at.column);
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let factor = V::splat(*factors.add(row * at.row));
                        for (sum, value) in sums.iter_mut().zip(loaded) {
                            *sum = sum.add(factor.mul(value));
                        }
                    }
                }
            }
            for (index, sums) in sums.iter().enumerate() {
                let out = self.out.add((row + index) * out_pitch);
                for (index, &sum) in sums.iter().enumerate() {
                    let first = first + index * V::WIDTH;
                    store_row(load_row::<V>(out, first, end).add(sum), out, first, end);
                }
            }
        }
    }
}

/// `out (rows, stride) += weights (rows, columns) * values (columns, stride)`, over the first
/// `lanes` of every row.
pub fn accumulate<T: Real>(out: &mut [T], weights: &[T], values: &[T], columns: usize, stride: usize, lanes: usize) {
    if stride == 1 {
        return accumulate_alone(out, weights, values, columns);
    }
    accumulate_segments(out, weights, values, &[0], columns, stride, lanes);
}

/// [`accumulate`] of more than one lane, with `columns` of the values behind each of `starts`.
pub fn accumulate_segments<T: Real>(
    out: &mut [T],
    weights: &[T],
    values: &[T],
    starts: &[usize],
    columns: usize,
    stride: usize,
    lanes: usize,
) {
    let (rows, row) = (out.len() / stride, starts.len() * columns);
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    assert!(weights.len() >= rows * row, "weights fit");
    assert!(starts.iter().all(|&start| start + columns * stride <= values.len()), "values fit");
    let at = Strided { row, segment: columns, column: 1 };
    // SAFETY: just checked.
    unsafe {
        let values = Segments { first: values.as_ptr(), starts, pitch: stride };
        multiply(out.as_mut_ptr(), stride, weights.as_ptr(), at, values, Shape { rows, columns, lanes });
    }
}

/// [`accumulate`] of one lane, in the same order; four rows side by side, as every sum waits for itself.
fn accumulate_alone<T: Real>(out: &mut [T], weights: &[T], values: &[T], columns: usize) {
    let sum_of = |sum: T, weight: &T, value: &T| sum + *weight * *value;
    for (out, weights) in out.chunks_mut(4).zip(weights.chunks(4 * columns)) {
        if let [first, second, third, fourth] = out {
            let (one, rest) = weights.split_at(columns);
            let (two, rest) = rest.split_at(columns);
            let (three, four) = rest.split_at(columns);
            let mut sums = [T::ZERO; 4];
            for ((((value, one), two), three), four) in values.iter().zip(one).zip(two).zip(three).zip(four) {
                for (sum, weight) in sums.iter_mut().zip([one, two, three, four]) {
                    *sum = sum_of(*sum, weight, value);
                }
            }
            for (out, sum) in [first, second, third, fourth].into_iter().zip(sums) {
                *out += sum;
            }
            continue;
        }
        for (out, weights) in out.iter_mut().zip(weights.chunks(columns)) {
            *out += weights.iter().zip(values).fold(T::ZERO, |sum, (weight, value)| sum_of(sum, weight, value));
        }
    }
}

/// `out (columns, stride) += weights^T (columns, rows) * deltas (rows, stride)`: the backward of
/// [`accumulate`] towards its values. Rows of the weights lie `pitch` apart, at least as far as there are columns.
pub fn accumulate_transposed<T: Real>(
    out: &mut [T],
    weights: &[T],
    deltas: &[T],
    pitch: usize,
    stride: usize,
    lanes: usize,
) {
    let (rows, columns) = (deltas.len() / stride, out.len() / stride);
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    assert!(columns <= pitch && (rows == 0 || weights.len() >= (rows - 1) * pitch + columns), "operands fit");
    let at = Strided { row: 1, segment: 0, column: pitch };
    // SAFETY: just checked.
    unsafe {
        let deltas = Segments { first: deltas.as_ptr(), starts: &[0], pitch: stride };
        multiply(out.as_mut_ptr(), stride, weights.as_ptr(), at, deltas, Shape { rows: columns, columns: rows, lanes });
    }
}

/// `out (rows, stride) += diagonal (rows) * values (rows, stride)`, over the first `lanes`; its backward
/// towards its values is itself.
pub fn accumulate_diagonal<T: Real>(out: &mut [T], diagonal: &[T], values: &[T], stride: usize, lanes: usize) {
    if stride == 1 {
        return add_product(out, &diagonal[..values.len()], values, 1, 1);
    }
    assert!(lanes <= stride && lanes.is_multiple_of(LANES), "lanes are padded to whole blocks");
    T::run(Diagonal { out, diagonal, values, stride, lanes });
}

struct Diagonal<'a, T> {
    out: &'a mut [T],
    diagonal: &'a [T],
    values: &'a [T],
    stride: usize,
    lanes: usize,
}

impl<T: Real> Kernel<T> for Diagonal<'_, T> {
    #[inline(always)]
    fn run<V: Vector<Element = T>>(self) {
        let Diagonal { out, diagonal, values, stride, lanes } = self;
        for ((out, value), &factor) in out.chunks_exact_mut(stride).zip(values.chunks_exact(stride)).zip(diagonal) {
            let factor = V::splat(factor);
            for first in (0..lanes).step_by(V::WIDTH) {
                // SAFETY: both rows have `lanes` numbers, whole blocks of them.
                unsafe {
                    let product = factor.mul(load_row::<V>(value.as_ptr(), first, lanes));
                    let sum = load_row::<V>(out.as_ptr(), first, lanes).add(product);
                    store_row(sum, out.as_mut_ptr(), first, lanes);
                }
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
    T::run(Folded { sums, deltas, stride, lanes });
}

struct Folded<'a, T> {
    sums: &'a mut [T],
    deltas: &'a [T],
    stride: usize,
    lanes: usize,
}

impl<T: Real> Kernel<T> for Folded<'_, T> {
    #[inline(always)]
    fn run<V: Vector<Element = T>>(self) {
        let Folded { sums, deltas, stride, lanes } = self;
        for (sums, delta) in sums.chunks_exact_mut(LANES).zip(deltas.chunks_exact(stride)) {
            for lane in (0..LANES).step_by(V::WIDTH) {
                // SAFETY: the row has `lanes` numbers and the sums LANES, whole blocks of them; a vector that is
                // wider is cut off after LANES.
                unsafe {
                    let mut sum = load_row::<V>(sums.as_ptr(), lane, LANES);
                    for block in (0..lanes).step_by(LANES) {
                        sum = sum.add(load_row(delta.as_ptr(), block + lane, block + LANES));
                    }
                    store_row(sum, sums.as_mut_ptr(), lane, LANES);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::WeightGradient;
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
    fn segments_give_the_bits_of_what_they_are_gathered_to() {
        let mut source = Random::new(4);
        for (rows, columns, segments) in [(1, 1, 3), (5, 3, 2), (4, 6, 1), (13, 5, 4)] {
            let (stride, lanes) = (2 * LANES, 2 * LANES);
            // They overlap, and do not lie in order.
            let starts: Vec<usize> = (0..segments).map(|segment| (7 * segment + 2) % 5 * LANES).collect();
            let weights = random(rows * segments * columns, &mut source);
            let values = random(4 * LANES + columns * stride, &mut source);
            let deltas = random(rows * stride, &mut source);
            let panel: Vec<f64> =
                starts.iter().flat_map(|&start| values[start..][..columns * stride].iter().copied()).collect();
            let (mut out, mut gathered) = (deltas.clone(), deltas.clone());
            accumulate_segments(&mut out, &weights, &values, &starts, columns, stride, lanes);
            accumulate(&mut gathered, &weights, &panel, segments * columns, stride, lanes);
            assert_eq!(out, gathered);

            let mut sums = WeightGradient::new(rows, segments * columns);
            let mut of_panels = sums.clone();
            for _ in 0..5 {
                sums.add_segments(&deltas, &values, &starts, stride, lanes);
                of_panels.add(&deltas, &panel, stride, lanes);
            }
            let (mut sum, mut of_panel) = (weights.clone(), weights.clone());
            sums.write(&mut sum);
            of_panels.write(&mut of_panel);
            assert_eq!(sum, of_panel);

            // A part of the columns goes back as it does among all of them.
            let (mut back, mut all) = (vec![0.0; columns * stride], vec![0.0; segments * columns * stride]);
            let last = (segments - 1) * columns;
            accumulate_transposed(&mut back, &weights[last..], &deltas, segments * columns, stride, lanes);
            accumulate_transposed(&mut all, &weights, &deltas, segments * columns, stride, lanes);
            assert_eq!(back, all[last * stride..]);
        }
    }

    #[test]
    fn a_lane_alone_has_the_bits_of_a_lane_among_others() {
        let mut source = Random::new(6);
        for rows in 1..10 {
            for columns in 1..7 {
                let mut draw = |count: usize| -> Vec<f64> { (0..count).map(|_| source.unit() - 0.5).collect() };
                let (weights, values, start) = (draw(rows * columns), draw(columns * LANES), draw(rows * LANES));
                let lane = |numbers: &[f64]| -> Vec<f64> { numbers.iter().copied().skip(3).step_by(LANES).collect() };
                let (mut together, mut alone) = (start.clone(), lane(&start));
                accumulate(&mut together, &weights, &values, columns, LANES, LANES);
                accumulate(&mut alone, &weights, &lane(&values), columns, 1, 1);
                assert_eq!(alone, lane(&together), "{rows} {columns}");
                let same = columns.min(rows);
                let diagonal = &weights[..same];
                accumulate_diagonal(&mut together[..same * LANES], diagonal, &values[..same * LANES], LANES, LANES);
                accumulate_diagonal(&mut alone[..same], diagonal, &lane(&values)[..same], 1, 1);
                assert_eq!(alone, lane(&together), "{rows} {columns}");
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
