//! What a convolution with a kernel of MiniRocket is made of: sums of shifted series, and how many of their numbers are
//! above thresholds.
#![allow(unsafe_code)]

use super::vector::{Kernel, Vector, run_single};

/// `out (steps) = ((a + b) + c) + d`, number by number; `onto` adds that to what `out` has.
pub fn sum_of_four(out: &mut [f32], terms: [&[f32]; 4], onto: bool) {
    assert!(terms.iter().all(|term| term.len() == out.len()), "operands fit");
    run_single(SumOfFour { out, terms, onto });
}

struct SumOfFour<'a> {
    out: &'a mut [f32],
    terms: [&'a [f32]; 4],
    onto: bool,
}

impl Kernel<f32> for SumOfFour<'_> {
    #[inline(always)]
    fn run<V: Vector<Element = f32>>(self) {
        let SumOfFour { out, terms: [a, b, c, d], onto } = self;
        let whole = out.len() / V::WIDTH * V::WIDTH;
        for first in (0..whole).step_by(V::WIDTH) {
            // SAFETY: all operands have as many numbers, and a whole vector from `first` on.
            unsafe {
                let at = |term: &[f32]| V::load(term.as_ptr().add(first));
                let sum = at(a).add(at(b)).add(at(c)).add(at(d));
                let place = out.as_mut_ptr().add(first);
                if onto { V::load(place).add(sum).store(place) } else { sum.store(place) }
            }
        }
        for step in whole..out.len() {
            let sum = ((a[step] + b[step]) + c[step]) + d[step];
            out[step] = if onto { out[step] + sum } else { sum };
        }
    }
}

/// `counts (thresholds)`: how many of `values` are above each of `thresholds`. The counts are exact below 2^24 values.
pub fn count_above(values: &[f32], thresholds: &[f32], counts: &mut [f32]) {
    run_single(CountAbove { values, thresholds, counts });
}

struct CountAbove<'a> {
    values: &'a [f32],
    thresholds: &'a [f32],
    counts: &'a mut [f32],
}

impl Kernel<f32> for CountAbove<'_> {
    #[inline(always)]
    fn run<V: Vector<Element = f32>>(self) {
        let fours = self.thresholds.as_chunks::<4>();
        let (counts, rest) = self.counts.as_chunks_mut::<4>();
        for (thresholds, counts) in fours.0.iter().zip(counts) {
            count::<V, 4>(self.values, thresholds, counts);
        }
        for (threshold, count_of) in fours.1.iter().zip(rest) {
            count::<V, 1>(self.values, &[*threshold], std::array::from_mut(count_of));
        }
    }
}

/// Counts for a few thresholds, for which each value is read once.
#[inline(always)]
fn count<V: Vector<Element = f32>, const COUNT: usize>(
    values: &[f32],
    thresholds: &[f32; COUNT],
    counts: &mut [f32; COUNT],
) {
    let one = V::splat(1.0);
    let bounds = thresholds.map(|threshold| V::splat(threshold));
    let mut sums = [V::splat(0.0); COUNT];
    let whole = values.len() / V::WIDTH * V::WIDTH;
    for first in (0..whole).step_by(V::WIDTH) {
        // SAFETY: a whole vector is left from `first` on.
        let value = unsafe { V::load(values.as_ptr().add(first)) };
        for (sum, bound) in sums.iter_mut().zip(bounds) {
            // A difference of two numbers is above 0 exactly where the first is above the second (gradual underflow).
            *sum = sum.add(one.where_positive(value.sub(bound)));
        }
    }
    for ((count, sum), &threshold) in counts.iter_mut().zip(sums).zip(thresholds) {
        let rest = values[whole..].iter().filter(|&&value| value > threshold).count();
        *count = sum.sum() + rest as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn sums_and_counts_equal_those_number_by_number_at_every_length() {
        let mut random = Random::new(5);
        for length in 0..70 {
            let mut series = || (0..length).map(|_| random.weight() as f32).collect::<Vec<f32>>();
            let [a, b, c, d] = [series(), series(), series(), series()];
            let plain: Vec<f32> = (0..length).map(|i| ((a[i] + b[i]) + c[i]) + d[i]).collect();
            let mut out = vec![7.0; length];
            sum_of_four(&mut out, [&a, &b, &c, &d], false);
            assert_eq!(out, plain);
            sum_of_four(&mut out, [&a, &b, &c, &d], true);
            assert_eq!(out, plain.iter().map(|sum| sum + sum).collect::<Vec<f32>>());
            for thresholds in 0..10 {
                let mut bounds: Vec<f32> = (0..thresholds).map(|index| index as f32 * 0.05 - 0.2).collect();
                // A threshold that is one of the values: what equals it is not above it.
                if let (Some(bound), Some(&value)) = (bounds.first_mut(), plain.first()) {
                    *bound = value;
                }
                let mut counts = vec![0.0; thresholds];
                count_above(&plain, &bounds, &mut counts);
                for (count, bound) in counts.iter().zip(bounds) {
                    assert_eq!(*count, plain.iter().filter(|&&value| value > bound).count() as f32);
                }
            }
        }
    }
}
