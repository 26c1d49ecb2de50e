//! Whether a run learnt: its error beside that of the best constant answer, and whether its errors swung.

use crate::data::{DataSet, Sample};
use crate::learn::loss::Cost;

/// What a run's errors on the samples trained on say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Error of the constant answer that suits these samples best: what a network without inputs could learn. `None`
    /// where all their targets are the same, or where the cost makes no number of it.
    pub baseline: Option<f64>,
    /// The errors of the last iterations went up and down, far above the best one.
    pub swings: bool,
}

/// Error of the best constant answer to the first `count` samples, weighted as they are: the mean of their targets for squared error, the
/// shares of the classes for cross-entropy (the mean, too, as a distribution for a softmax layer), for the binary
/// cost each output's commonest half.
pub fn baseline(data: &DataSet, count: usize, cost: Cost, softmax: bool) -> Option<f64> {
    let mut row = Vec::new();
    // Targets may be written out of classes, so they are gone through instead of gathered.
    let mut each = |visit: &mut dyn FnMut(&[f64], f64)| {
        for Sample { first, steps, weight } in (0..count).map(|index| data.sample(index)) {
            for step in first..first + steps {
                if let Some(target) = data.target(step, &mut row) {
                    visit(target, weight);
                }
            }
        }
    };
    let (mut first, mut same, mut total) = (Vec::new(), true, 0.0);
    each(&mut |target, weight| {
        if total == 0.0 {
            first = target.to_vec();
        }
        same &= *target == first;
        total += weight;
    });
    if same {
        return None;
    }
    let mut answer = vec![0.0; first.len()];
    match cost {
        Cost::Binary => {
            let mut halves = vec![Halves::default(); first.len()];
            each(&mut |target, weight| {
                halves.iter_mut().zip(target).for_each(|(halves, &value)| halves.add(value, weight));
            });
            answer.iter_mut().zip(&halves).for_each(|(value, halves)| *value = halves.commonest());
        }
        Cost::Mse | Cost::CrossEntropy => {
            each(&mut |target, weight| answer.iter_mut().zip(target).for_each(|(sum, value)| *sum += value * weight));
            answer.iter_mut().for_each(|sum| *sum /= total);
        }
    }
    if softmax && cost == Cost::CrossEntropy {
        // Weighted targets sum to their weight.
        let sum: f64 = answer.iter().sum();
        answer.iter_mut().for_each(|share| *share /= sum);
    }
    let mut error = 0.0;
    each(&mut |target, weight| error += cost.of(target, &answer, softmax) * weight);
    error /= total;
    (error.is_finite() && error > 0.0).then_some(error)
}

/// How much weight the targets of an output have in which half, where halves are as [`Cost::Binary`] rounds.
#[derive(Clone, Debug, Default)]
struct Halves(Vec<(f64, f64)>);

impl Halves {
    fn add(&mut self, target: f64, weight: f64) {
        let half = (target * 2.0 + 0.5).floor();
        let place = self.0.partition_point(|(other, _)| other.total_cmp(&half).is_lt());
        match self.0.get_mut(place) {
            Some((other, sum)) if *other == half => *sum += weight,
            _ => self.0.insert(place, (half, weight)),
        }
    }

    /// A value in the half that the heaviest targets lie in, the largest of several.
    fn commonest(&self) -> f64 {
        self.0.iter().max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0.0, |(half, _)| half / 2.0)
    }
}

/// Iterations that are looked at.
const WINDOW: usize = 20;
/// Of these, how many errors at least are larger than the one before.
const RISES: usize = WINDOW * 2 / 5;
/// How far above the best error, as a share of the baseline, the middle one of these is.
const FAR: f64 = 0.2;

/// The errors of the last iterations, and the best of all.
#[derive(Debug, Default)]
pub struct Swings {
    /// In turn; the one of the iteration before them is the last to be replaced.
    errors: [f64; WINDOW + 1],
    count: usize,
    best: Option<f64>,
}

impl Swings {
    /// Notes the error of an iteration that has ended.
    pub fn add(&mut self, error: f64) {
        self.errors[self.count % (WINDOW + 1)] = error;
        self.count += 1;
        if self.best.is_none_or(|best| error < best) {
            self.best = Some(error);
        }
    }

    /// Whether they swing, beside an error that is as large as `baseline` without learning: at least 40 % of the
    /// last 20 rose, and their median is above the best of all by more than a fifth of the baseline. A run that has
    /// settled rises as often, but stays near its best; one that gets better rises less often.
    pub fn are_wide(&self, baseline: f64) -> bool {
        let Some(best) = self.best.filter(|_| self.count > WINDOW) else { return false };
        let in_order = |back: usize| self.errors[(self.count - 1 - back) % (WINDOW + 1)];
        let rises = (0..WINDOW).filter(|&back| in_order(back) > in_order(back + 1)).count();
        let mut last: Vec<f64> = (0..WINDOW).map(in_order).collect();
        last.sort_unstable_by(f64::total_cmp);
        rises >= RISES && last[WINDOW / 2] - best > FAR * baseline
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::NO_TARGET;

    fn pairs(outputs: usize, targets: &[f64]) -> DataSet {
        let count = targets.len() / outputs;
        let rows = (0..count as u32).collect();
        DataSet::new(1, outputs, vec![0.0; count], targets.to_vec(), rows, &vec![1; count]).unwrap()
    }

    fn near(value: Option<f64>, expected: f64) {
        assert!((value.unwrap() - expected).abs() < 1e-12, "{value:?}, expected {expected}");
    }

    #[test]
    fn the_mean_is_the_best_constant_of_squared_error() {
        // Variances 2 and 8, averaged over the outputs.
        near(baseline(&pairs(2, &[1.0, 10.0, 3.0, 16.0, 2.0, 13.0]), 3, Cost::Mse, false), (2.0 / 3.0 + 6.0) / 2.0);
        near(baseline(&pairs(1, &[0.0, 1.0, 1.0, 0.0]), 4, Cost::Mse, false), 0.25);
    }

    #[test]
    fn the_shares_are_the_best_constant_of_cross_entropy() {
        let entropy = |share: f64| -share * share.ln() - (1.0 - share) * (1.0 - share).ln();
        near(baseline(&pairs(2, &[1., 0., 1., 0., 1., 0., 0., 1.]), 4, Cost::CrossEntropy, true), entropy(0.75));
        near(baseline(&pairs(1, &[1., 1., 1., 0.]), 4, Cost::CrossEntropy, false), entropy(0.75));
        // Two of weight 1 and one of weight 2: shares of one half, and costs that are weighted likewise.
        let weighted = baseline(&pairs(2, &[1., 0., 1., 0., 0., 2.]), 3, Cost::CrossEntropy, true);
        near(weighted, 4.0 / 3.0 * std::f64::consts::LN_2);
    }

    #[test]
    fn the_commonest_half_is_the_best_constant_of_the_binary_cost() {
        near(baseline(&pairs(2, &[1., 0., 1., 0., 1., 0., 0., 1.]), 4, Cost::Binary, false), 0.5);
    }

    #[test]
    fn only_targets_of_the_samples_trained_on_count() {
        near(baseline(&pairs(1, &[0.0, 1.0, 7.0]), 2, Cost::Mse, false), 0.25);
        let rows = vec![NO_TARGET, 0, NO_TARGET, 1];
        let data = DataSet::new(1, 1, vec![0.0; 4], vec![0.0, 1.0], rows, &[2, 2]).unwrap();
        near(baseline(&data, 2, Cost::Mse, false), 0.25);
    }

    #[test]
    fn samples_count_by_their_weights() {
        // A target of weight 3 is three targets.
        for cost in [Cost::Mse, Cost::Binary] {
            let whole = baseline(&pairs(1, &[0.0, 1.0, 1.0, 1.0]), 4, cost, false);
            near(baseline(&pairs(1, &[0.0, 1.0]).weighted(&[1.0, 3.0]).unwrap(), 2, cost, false), whole.unwrap());
        }
    }

    #[test]
    fn targets_that_are_all_the_same_have_none() {
        for cost in [Cost::Mse, Cost::CrossEntropy, Cost::Binary] {
            assert_eq!(baseline(&pairs(1, &[0.3; 7]), 7, cost, false), None);
        }
        assert_eq!(baseline(&pairs(2, &[1., 0., 1., 0.]), 2, Cost::CrossEntropy, true), None);
        // What squared error judges may be beyond what cross-entropy can.
        assert_eq!(baseline(&pairs(1, &[-5.0, 3.0]), 2, Cost::CrossEntropy, false), None);
    }

    fn swing(errors: impl Iterator<Item = f64>) -> bool {
        let mut swings = Swings::default();
        errors.for_each(|error| swings.add(error));
        swings.are_wide(1.0)
    }

    #[test]
    fn errors_that_go_up_and_down_swing() {
        let zigzag = |index: usize| if index.is_multiple_of(2) { 0.2 } else { 1.4 };
        assert!(swing((0..40).map(zigzag)));
        assert!(swing((0..41).map(zigzag)));
        // One that has learnt and lost it again, and jitters there.
        assert!(swing((0..60).map(|index| if index < 30 { 0.1 } else { 0.9 + 0.01 * zigzag(index) })));
        assert!(!swing((0..20).map(zigzag)), "too few to tell");
    }

    #[test]
    fn errors_that_fall_settle_or_jump_once_do_not() {
        assert!(!swing((0..100).map(|index| 1.0 / f64::from(index + 1))));
        let jitter = |index: i32| 0.05 + if index % 2 == 0 { 0.02 } else { 0.0 };
        assert!(!swing((0..100).map(jitter)));
        assert!(!swing((0..100).map(|index| if index == 95 { 9.0 } else { jitter(index) })));
        assert!(!swing(std::iter::repeat_n(1.0, 100)));
    }
}
