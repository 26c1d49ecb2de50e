//! How well outputs answer their targets: the mean cost, and the share of answers that are right.

use crate::kernels::Squash;

/// What counts as an answer of an output layer, and when it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Softmax outputs give one answer: the class with the largest output, the first among equals.
    Class,
    /// Outputs from 0 to 1, each on its own, give one answer each: the side of 0.5 on which it lies.
    Sides,
    /// Outputs that are values give none: no value is right or wrong.
    Values,
}

impl Answers {
    /// What outputs with these squashes answer.
    pub fn of(outputs: &[Squash]) -> Self {
        if outputs.iter().all(|squash| *squash == Squash::Softmax) {
            Answers::Class
        } else if outputs.iter().all(|squash| matches!(squash, Squash::Logistic | Squash::HardSigmoid | Squash::Hlim)) {
            Answers::Sides
        } else {
            Answers::Values
        }
    }

    /// Number of answers to one target.
    fn count(self, outputs: usize) -> usize {
        match self {
            Answers::Class => 1,
            Answers::Sides => outputs,
            Answers::Values => 0,
        }
    }

    /// Number of them that are right.
    #[inline]
    fn right(self, target: &[f64], output: &[f64]) -> usize {
        match self {
            Answers::Class => usize::from(largest(target) == largest(output)),
            Answers::Sides => target.iter().zip(output).filter(|&(&t, &o)| (t > 0.5) == (o > 0.5)).count(),
            Answers::Values => 0,
        }
    }
}

/// Place of the largest number, the first among equals.
pub fn largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

/// How well a network does on a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Cost per target, weighted as the samples are.
    pub error: f64,
    /// Share of answers that are right, see [`Answers`]; `None` for outputs that are values.
    pub accuracy: Option<f64>,
}

/// Sums costs and right answers.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    answers: Answers,
    /// Answers to one target.
    each: usize,
    /// Sum of costs times weights, and of the weights.
    cost: f64,
    weight: f64,
    right: u64,
    count: u32,
}

impl Tally {
    /// Nothing yet, of outputs with these squashes.
    pub fn new(outputs: &[Squash]) -> Self {
        let answers = Answers::of(outputs);
        Tally { answers, each: answers.count(outputs.len()), cost: 0.0, weight: 0.0, right: 0, count: 0 }
    }

    /// Forgets what was counted.
    pub fn clear(&mut self) {
        (self.cost, self.weight, self.right, self.count) = (0.0, 0.0, 0, 0);
    }

    /// Counts one target and the network's output. The cost counts `weight` times, the answers do once.
    #[inline]
    pub fn add(&mut self, cost: f64, weight: f64, target: &[f64], output: &[f64]) {
        self.cost += cost * weight;
        self.weight += weight;
        self.right += self.answers.right(target, output) as u64;
        self.count += 1;
    }

    /// Counts one list, which was read right or not.
    pub fn add_list(&mut self, cost: f64, weight: f64, right: bool) {
        self.cost += cost * weight;
        self.weight += weight;
        self.right += u64::from(right);
        self.count += 1;
    }

    /// The sums of costs, weights and right answers, and the number of targets.
    pub fn parts(&self) -> (f64, f64, u64, u32) {
        (self.cost, self.weight, self.right, self.count)
    }

    /// Goes on from [`Tally::parts`].
    pub fn set_parts(&mut self, parts: (f64, f64, u64, u32)) {
        (self.cost, self.weight, self.right, self.count) = parts;
    }

    /// The means; 0 over nothing.
    pub fn score(&self) -> Score {
        let count = f64::from(self.count.max(1));
        let accuracy = (self.each > 0).then(|| self.right as f64 / (count * self.each as f64));
        Score { error: if self.count > 0 { self.cost / self.weight } else { 0.0 }, accuracy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accuracy(outputs: &[Squash], pairs: &[(&[f64], &[f64])]) -> Option<f64> {
        let mut tally = Tally::new(outputs);
        for (target, output) in pairs {
            tally.add(0.0, 1.0, target, output);
        }
        tally.score().accuracy
    }

    #[test]
    fn logistic_outputs_are_right_or_wrong_each() {
        let pairs: [(&[f64], &[f64]); 2] = [(&[1.0, 1.0, 0.0], &[0.9, 0.6, 0.4]), (&[0.0, 0.0, 0.0], &[0.1, 0.7, 0.2])];
        assert_eq!(accuracy(&[Squash::Logistic; 3], &pairs), Some(5.0 / 6.0));
        assert_eq!(accuracy(&[Squash::Logistic], &[(&[1.0], &[0.51]), (&[1.0], &[0.5])]), Some(0.5));
    }

    #[test]
    fn softmax_outputs_are_one_answer() {
        let pairs: [(&[f64], &[f64]); 2] = [(&[0.0, 3.0], &[0.4, 0.6]), (&[1.0, 0.0], &[0.2, 0.8])];
        assert_eq!(accuracy(&[Squash::Softmax; 2], &pairs), Some(0.5));
    }

    #[test]
    fn values_are_neither_right_nor_wrong() {
        for squash in [Squash::Identity, Squash::Tanh, Squash::Relu] {
            assert_eq!(accuracy(&[squash; 1], &[(&[1.0], &[1.0])]), None);
        }
        assert_eq!(accuracy(&[Squash::Logistic, Squash::Identity], &[(&[1.0, 1.0], &[1.0, 1.0])]), None);
    }

    #[test]
    fn nothing_counts_as_nothing_right() {
        assert_eq!(accuracy(&[Squash::Logistic], &[]), Some(0.0));
    }
}
