//! Connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006): the loss of a list of symbols that
//! a sequence says in this order, while nobody has written down at which steps.
//!
//! The last output is the blank, which says nothing. A path has an output for every step, and says what is left of it
//! without repetitions, and then without blanks; so symbols that follow their like need a blank between them. The
//! probability of a list is the sum over all paths that say it. Sums are of logarithms, in double precision whatever the
//! network's is: probabilities of long sequences are below the smallest number.

use crate::kernels::{Real, ln};

const NEVER: f64 = f64::NEG_INFINITY;

/// Whether what a path says is the list.
pub fn says(path: impl Iterator<Item = usize>, blank: usize, list: &[u32]) -> bool {
    let (mut last, mut rest) = (blank, list.iter());
    for output in path {
        if output != last && output != blank && rest.next() != Some(&(output as u32)) {
            return false;
        }
        last = output;
    }
    rest.next().is_none()
}

/// Minus the logarithm of the probability of a list, in nats, by the states of softmax outputs, (steps, outputs), which
/// become the gradient with respect to them. The list has at most as many symbols as the steps can say.
pub fn loss(states: &mut [f64], outputs: usize, list: &[u32]) -> f64 {
    let blank = outputs - 1;
    for row in states.chunks_exact_mut(outputs) {
        log_softmax(row);
    }
    let logs = &*states;
    // The list with blanks around every symbol, l' in the paper.
    let places: Vec<usize> =
        (0..2 * list.len() + 1).map(|place| if place % 2 == 0 { blank } else { list[place / 2] as usize }).collect();
    // A symbol may follow the one before it at once, unless they are the same.
    let skips = |place: usize| place >= 2 && places[place] != blank && places[place] != places[place - 2];
    let (count, steps) = (places.len(), logs.len() / outputs);
    // eq. 6 and 7: (steps, places), the paths up to a step that end at a place.
    let mut forward = vec![NEVER; steps * count];
    forward[..count.min(2)].iter_mut().zip(&places).for_each(|(path, &place)| *path = logs[place]);
    for step in 1..steps {
        let (before, now) = forward[(step - 1) * count..(step + 1) * count].split_at_mut(count);
        for (place, path) in now.iter_mut().enumerate() {
            let from = |back: usize| if place >= back { before[place - back] } else { NEVER };
            let skipped = if skips(place) { from(2) } else { NEVER };
            *path = log_sum([from(0), from(1), skipped]) + logs[step * outputs + places[place]];
        }
    }
    // eq. 8: paths end at the last symbol, or at the blank behind it.
    let ends = &forward[(steps - 1) * count..];
    let total = log_sum([ends[count - 1], if count > 1 { ends[count - 2] } else { NEVER }, NEVER]);
    // eq. 9 to 11, without the step itself: the paths from the steps after it.
    let mut backward = vec![NEVER; count];
    backward[count.saturating_sub(2)..].fill(0.0);
    let mut shares = vec![0.0; outputs];
    for step in (0..steps).rev() {
        // eq. 16: activation minus the share of the paths that have this output at this step.
        shares.fill(0.0);
        for (place, &output) in places.iter().enumerate() {
            let through = forward[step * count + place] + backward[place] - total;
            if through > NEVER {
                shares[output] += Real::exp(through);
            }
        }
        let row = &mut states[step * outputs..(step + 1) * outputs];
        let after: Vec<f64> = places.iter().zip(&backward).map(|(&output, &path)| path + row[output]).collect();
        for (place, path) in backward.iter_mut().enumerate() {
            let to = |on: usize| after.get(place + on).copied().unwrap_or(NEVER);
            let skipped = if place + 2 < count && skips(place + 2) { to(2) } else { NEVER };
            *path = log_sum([to(0), to(1), skipped]);
        }
        row.iter_mut().zip(&shares).for_each(|(value, share)| *value = Real::exp(*value) - share);
    }
    -total
}

/// The logarithms of a softmax.
fn log_softmax(row: &mut [f64]) {
    let largest = row.iter().copied().fold(NEVER, f64::max);
    let sum = ln(row.iter().map(|&value| Real::exp(value - largest)).sum::<f64>()) + largest;
    row.iter_mut().for_each(|value| *value -= sum);
}

/// The logarithm of a sum, by those of what is added.
fn log_sum(logarithms: [f64; 3]) -> f64 {
    let largest = logarithms.into_iter().fold(NEVER, f64::max);
    if largest == NEVER {
        return NEVER;
    }
    largest + ln(logarithms.into_iter().map(|value| Real::exp(value - largest)).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::steps_for;
    use crate::random::Random;

    /// Sums over all paths, one by one.
    fn by_paths(probabilities: &[Vec<f64>], list: &[u32]) -> f64 {
        let outputs = probabilities[0].len();
        let paths = outputs.pow(probabilities.len() as u32);
        let of = |path: usize| (0..probabilities.len()).map(move |step| path / outputs.pow(step as u32) % outputs);
        (0..paths)
            .filter(|&path| says(of(path), outputs - 1, list))
            .map(|path| of(path).zip(probabilities).map(|(output, row)| row[output]).product::<f64>())
            .sum()
    }

    fn drawn(steps: usize, outputs: usize, random: &mut Random) -> Vec<f64> {
        (0..steps * outputs).map(|_| random.unit() * 4.0 - 2.0).collect()
    }

    #[test]
    fn the_loss_is_the_sum_over_all_paths() {
        let mut random = Random::new(5);
        for (steps, outputs, list) in [
            (1, 2, &[][..]),
            (1, 2, &[0]),
            (4, 3, &[]),
            (4, 3, &[1]),
            (4, 3, &[0, 1]),
            (3, 3, &[0, 0]),
            (5, 3, &[0, 0, 1]),
            (4, 5, &[3, 1, 3, 1]),
        ] {
            let states = drawn(steps, outputs, &mut random);
            let softmax = |row: &[f64]| {
                let sum: f64 = row.iter().map(|value| value.exp()).sum();
                row.iter().map(|value| value.exp() / sum).collect::<Vec<_>>()
            };
            let probabilities: Vec<_> = states.chunks_exact(outputs).map(softmax).collect();
            let expected = -by_paths(&probabilities, list).ln();
            let actual = loss(&mut states.clone(), outputs, list);
            assert!((actual - expected).abs() < 1e-12, "{list:?} in {steps}: {actual} against {expected}");
        }
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let mut random = Random::new(6);
        for (steps, outputs, list) in [(6, 4, &[2, 2, 0][..]), (3, 2, &[]), (5, 3, &[0, 1, 0, 1, 0]), (1, 3, &[1])] {
            let states = drawn(steps, outputs, &mut random);
            let mut gradient = states.clone();
            loss(&mut gradient, outputs, list);
            for at in 0..states.len() {
                let moved = |by: f64| {
                    let mut states = states.clone();
                    states[at] += by;
                    loss(&mut states, outputs, list)
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((slope - gradient[at]).abs() < 1e-9, "{list:?} at {at}: {} against {slope}", gradient[at]);
            }
        }
    }

    #[test]
    fn long_and_certain_sequences_stay_finite() {
        for certain in [0.0, 30.0, 1e4] {
            // Certain of the blank, where 50 symbols are to be said.
            let mut states: Vec<f64> = (0..2000).flat_map(|_| [0.0, 0.0, certain]).collect();
            let list: Vec<u32> = (0..50).map(|index| index % 2).collect();
            let loss = loss(&mut states, 3, &list);
            assert!(loss.is_finite() && loss > 0.0 && states.iter().all(|slope| slope.abs() <= 1.0));
            assert!(certain == 0.0 || (loss / certain - 50.0).abs() < 20.0);
        }
    }

    #[test]
    fn paths_are_read_without_repetitions_and_blanks() {
        let says = |path: &[usize], list: &[u32]| super::says(path.iter().copied(), 2, list);
        assert!(says(&[0, 0, 2, 1, 2], &[0, 1]) && says(&[0, 2, 0], &[0, 0]) && says(&[2, 2], &[]));
        assert!(!says(&[0, 0], &[0, 0]) && !says(&[0], &[0, 1]) && !says(&[0, 1], &[0]) && !says(&[0], &[]));
        assert_eq!((steps_for(&[]), steps_for(&[1, 1, 0, 0]), steps_for(&[0, 1, 0])), (0, 6, 3));
    }
}
