//! Products of a matrix of weights with inputs that are 1 at one place and 0 at all others: columns of the weights
//! are read instead of multiplied.
//!
//! Both give the bits of the products written out, [`accumulate`](super::accumulate) and
//! [`WeightGradient`](super::WeightGradient), as long as weights and deltas are finite: the terms that are left out
//! are zeros, which change no sum that begins with 0, and the others are added in the same order.

use super::Real;
use super::weight_gradient::{GATHERED, is_narrow};

/// The symbol of a lane without input.
pub const NO_SYMBOL: u32 = u32::MAX;

/// Whether the gradient of weights with so many columns has the bits of the product written out.
pub fn can_gather(columns: usize) -> bool {
    !is_narrow(columns)
}

/// `out (rows, stride) += weights (rows, columns)`, of the column that each lane names in `symbols (lanes)`; lanes
/// without a symbol are left alone.
pub fn accumulate_gathered<T: Real>(out: &mut [T], weights: &[T], symbols: &[u32], columns: usize, stride: usize) {
    for (out, weights) in out.chunks_exact_mut(stride).zip(weights.chunks_exact(columns)) {
        for (out, &symbol) in out.iter_mut().zip(symbols) {
            if symbol != NO_SYMBOL {
                // A weight of -0 counts as 0, as in a sum.
                *out += T::ZERO + weights[symbol as usize];
            }
        }
    }
}

/// The backward of [`accumulate_gathered`] towards its weights: a sum over calls, which has the columns that were
/// named alone.
#[derive(Clone, Debug)]
pub struct GatheredGradient<T> {
    rows: usize,
    /// Where the sums of a column are, plus 1; 0 for a column that was not named. (columns)
    place_of: Vec<u32>,
    /// The columns that were named.
    columns: Vec<u32>,
    /// (named columns, rows)
    sums: Vec<T>,
    /// What the calls at hand add to `sums`, in the same places.
    parts: Vec<T>,
    /// Places in `parts` that these calls have named.
    open: Vec<u32>,
    /// Calls at hand, all of as many lanes.
    filled: usize,
    lanes: usize,
}

impl<T: Real> GatheredGradient<T> {
    /// A sum of 0, for weights `(rows, columns)`.
    pub fn new(rows: usize, columns: usize) -> Self {
        GatheredGradient {
            rows,
            place_of: vec![0; columns],
            columns: Vec::new(),
            sums: Vec::new(),
            parts: Vec::new(),
            open: Vec::new(),
            filled: 0,
            lanes: 0,
        }
    }

    /// Makes the sum 0.
    pub fn clear(&mut self) {
        for column in self.columns.drain(..) {
            self.place_of[column as usize] = 0;
        }
        self.sums.clear();
        self.parts.clear();
        self.open.clear();
        self.filled = 0;
    }

    /// Adds the product of `deltas (rows, stride)` with the inputs that `symbols` stand for, over the first `lanes`.
    pub fn add(&mut self, deltas: &[T], symbols: &[u32], stride: usize, lanes: usize) {
        if lanes != self.lanes {
            self.close();
            self.lanes = lanes;
        }
        let rows = self.rows;
        for (lane, &symbol) in symbols.iter().enumerate().take(lanes).filter(|(_, symbol)| **symbol != NO_SYMBOL) {
            let place = self.open(symbol);
            for (part, delta) in self.parts[place * rows..][..rows].iter_mut().zip(deltas.chunks_exact(stride)) {
                *part += delta[lane];
            }
        }
        self.filled += 1;
        if self.filled == GATHERED {
            self.close();
        }
    }

    /// The place of a column among those that the calls at hand name.
    fn open(&mut self, column: u32) -> usize {
        let found = self.place_of[column as usize];
        if found == 0 {
            self.columns.push(column);
            self.place_of[column as usize] = self.columns.len() as u32;
            self.sums.resize(self.columns.len() * self.rows, T::ZERO);
            self.parts.resize(self.columns.len() * self.rows, T::ZERO);
        }
        let place = found.max(self.place_of[column as usize]) - 1;
        self.open.push(place);
        place as usize
    }

    /// Adds what the calls at hand have brought, as the product of these calls is added there as a whole.
    fn close(&mut self) {
        let rows = self.rows;
        for place in self.open.drain(..) {
            let own = place as usize * rows..(place as usize + 1) * rows;
            for (sum, part) in self.sums[own.clone()].iter_mut().zip(&mut self.parts[own]) {
                *sum += std::mem::replace(part, T::ZERO);
            }
        }
        self.filled = 0;
    }

    /// Writes the sums to the columns of `gradient (rows, columns)` that were named.
    pub fn write(&mut self, gradient: &mut [T]) {
        self.close();
        let count = self.place_of.len();
        for (&column, sums) in self.columns.iter().zip(self.sums.chunks_exact(self.rows)) {
            for (row, &sum) in gradient.chunks_exact_mut(count).zip(sums) {
                row[column as usize] = sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{LANES, WeightGradient, accumulate};
    use crate::random::Random;

    /// Inputs (columns, stride) that symbols stand for.
    fn written_out<T: Real>(symbols: &[u32], columns: usize, stride: usize) -> Vec<T> {
        let mut values = vec![T::ZERO; columns * stride];
        for (lane, &symbol) in symbols.iter().enumerate().filter(|(_, symbol)| **symbol != NO_SYMBOL) {
            values[symbol as usize * stride + lane] = T::ONE;
        }
        values
    }

    fn bits<T: Real>(numbers: &[T]) -> Vec<u64> {
        numbers.iter().map(|number| number.wide().to_bits()).collect()
    }

    fn products_have_the_same_bits<T: Real>(seed: u64) {
        let mut random = Random::new(seed);
        for (rows, columns) in [(1, 4), (3, 5), (4, 8), (5, 9), (7, 30)] {
            let stride = 2 * LANES;
            let mut plain = WeightGradient::<T>::new(rows, columns);
            let mut gathered = GatheredGradient::<T>::new(rows, columns);
            for lanes in [stride, stride, stride, LANES, LANES, LANES, LANES, LANES, stride, LANES] {
                let mut draw = |count: usize| -> Vec<T> {
                    (0..count)
                        .map(|_| match random.below(8) {
                            0 => T::of(-0.0),
                            _ => T::of((random.unit() - 0.5) * 10f64.powi(random.below(9) as i32 - 4)),
                        })
                        .collect()
                };
                let (weights, out, deltas) = (draw(rows * columns), draw(rows * stride), draw(rows * stride));
                let symbols: Vec<u32> = (0..lanes)
                    .map(|_| if random.below(4) == 0 { NO_SYMBOL } else { random.below(columns) as u32 })
                    .collect();
                let values = written_out::<T>(&symbols, columns, stride);
                let (mut ours, mut theirs) = (out.clone(), out);
                accumulate(&mut theirs, &weights, &values, columns, stride, lanes);
                accumulate_gathered(&mut ours, &weights, &symbols, columns, stride);
                for (ours, theirs) in ours.chunks_exact(stride).zip(theirs.chunks_exact(stride)) {
                    for (lane, _) in symbols.iter().enumerate().filter(|(_, symbol)| **symbol != NO_SYMBOL) {
                        assert_eq!(bits(&ours[lane..=lane]), bits(&theirs[lane..=lane]), "seed {seed}");
                    }
                }
                plain.add(&deltas, &values, stride, lanes);
                gathered.add(&deltas, &symbols, stride, lanes);
                let (mut ours, mut theirs) = (vec![T::ZERO; rows * columns], vec![T::ONE; rows * columns]);
                gathered.clone().write(&mut ours);
                plain.clone().write(&mut theirs);
                assert_eq!(bits(&ours), bits(&theirs), "{rows} x {columns}, seed {seed}");
            }
            gathered.clear();
            let mut gradient = vec![T::ONE; rows * columns];
            gathered.write(&mut gradient);
            assert!(gradient.iter().all(|&number| number == T::ONE), "nothing was named");
        }
    }

    #[test]
    fn gathered_products_have_the_bits_of_those_written_out() {
        for seed in 0..20 {
            products_have_the_same_bits::<f32>(seed);
            products_have_the_same_bits::<f64>(seed);
        }
    }
}
