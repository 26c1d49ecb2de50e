//! Which dilations there are, and how many features each has.

use crate::kernels::ln;

/// A dilation, and the features that each kernel has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dilation {
    /// Steps between the weights of a kernel.
    pub dilation: usize,
    /// Features of each kernel.
    pub features: usize,
}

/// Numbers this near below an integer, as logarithms, are rounding errors of it.
const ROUNDING: f64 = 1e-9;

/// The largest integer that is not above `base` to the power of `share`.
pub(super) fn floor_of_power(base: f64, share: f64) -> usize {
    let exponent = ln(base) * share + ROUNDING;
    // Between the integers 2^n and 2^(n + 1), halved until one is left.
    let mut low = 1usize;
    while ln((2 * low) as f64) <= exponent {
        low *= 2;
    }
    let mut step = low;
    while step > 1 {
        step /= 2;
        if ln((low + step) as f64) <= exponent {
            low += step;
        }
    }
    low
}

/// Dilations for series of `length` steps: `most` of them, spread exponentially from 1 to where a kernel spans the series,
/// each integer once. Together they have `features` for each kernel. `features` and `most` are at least 1.
pub fn dilations(length: usize, features: usize, most: usize) -> Vec<Dilation> {
    let count = features.min(most);
    let base = (length.saturating_sub(1) as f64 / 8.0).max(1.0);
    let mut found: Vec<Dilation> = Vec::new();
    for place in 0..count {
        let share = if count == 1 { 0.0 } else { place as f64 / (count - 1) as f64 };
        let dilation = floor_of_power(base, share);
        match found.last_mut() {
            Some(last) if last.dilation == dilation => last.features += 1,
            _ => found.push(Dilation { dilation, features: 1 }),
        }
    }
    // Every place stands for as many features; what the division leaves goes to the smallest dilations.
    for entry in &mut found {
        entry.features = entry.features * features / count;
    }
    let rest = features - found.iter().map(|entry| entry.features).sum::<usize>();
    let entries = found.len();
    for place in 0..rest {
        found[place % entries].features += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_floored_to_integers() {
        for base in 1..200 {
            assert_eq!(floor_of_power(f64::from(base), 1.0), base as usize);
            assert_eq!(floor_of_power(f64::from(base * base), 0.5), base as usize);
            assert_eq!(floor_of_power(f64::from(base), 0.0), 1);
        }
        assert_eq!(floor_of_power(10.0, 0.9), 7);
    }

    #[test]
    fn every_length_has_dilations_that_fit_with_all_features() {
        for length in (1..2000).step_by(7) {
            for (features, most) in [(119, 32), (1, 32), (40, 32), (119, 5), (12, 1)] {
                let found = dilations(length, features, most);
                assert_eq!(found.iter().map(|entry| entry.features).sum::<usize>(), features);
                assert!(found.is_sorted_by_key(|entry| entry.dilation) && found.len() <= most);
                let span = 8 * found[found.len() - 1].dilation;
                assert!(span < length.max(9), "{length} {span}");
            }
        }
    }

    #[test]
    fn the_dilations_are_those_of_aeon() {
        // aeon 1.6.0, _fit_dilations(427, 9996, 32).
        let found = dilations(427, 119, 32);
        #[rustfmt::skip]
        let aeon = [
            (1, 23), (2, 12), (3, 8), (4, 8), (5, 4), (6, 8), (7, 4), (8, 4), (10, 4), (11, 4), (12, 4), (14, 4), (16, 4),
            (19, 4), (21, 3), (24, 3), (28, 3), (31, 3), (36, 3), (41, 3), (46, 3), (53, 3),
        ];
        let found: Vec<(usize, usize)> = found.iter().map(|entry| (entry.dilation, entry.features)).collect();
        assert_eq!(found, aeon);
    }
}
