//! The best iteration of a run: how long the run has waited for a better one, and the parameters it
//! may go back to.

use super::frame::{Reader, Writer};
use super::options::{Decay, Options};
use crate::error::{Error, Result};
use crate::learn::score::Score;

/// How well an iteration did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// On what the run is judged by.
    pub judged: Score,
    /// On the samples trained on, while they were trained on.
    pub training: Score,
}

/// The best iteration so far.
#[derive(Debug)]
pub struct Best {
    error: f64,
    /// How well it did; `None` before, and of a run that went on from a checkpoint of before these were kept.
    scores: Option<Scores>,
    /// Parameters of the best iteration; empty where early stopping is off.
    parameters: Vec<f64>,
    /// Iterations since the best one.
    age: u32,
    /// Iterations since the best one, or since the rate last fell on a plateau.
    plateau_age: u32,
    plateaus: u32,
    /// Iterations that early stopping waits; 0 where it is off.
    patience: u32,
    /// Iterations that the decay of the learning rate waits; `None` where no plateau lowers the rate.
    plateau_patience: Option<u32>,
}

impl Best {
    /// Before the first iteration.
    pub fn new(options: &Options) -> Self {
        Best {
            error: f64::INFINITY,
            scores: None,
            parameters: Vec::new(),
            age: 0,
            plateau_age: 0,
            plateaus: 0,
            patience: options.patience,
            plateau_patience: match options.decay {
                Decay::Plateau { patience, .. } => Some(patience),
                _ => None,
            },
        }
    }

    /// Compares the iteration that has ended with the best one.
    pub fn compare(&mut self, scores: Scores, parameters: &[f64]) {
        let error = scores.judged.error;
        if error < self.error {
            (self.error, self.age, self.plateau_age) = (error, 0, 0);
            self.scores = Some(scores);
            if self.patience > 0 {
                self.parameters.clear();
                self.parameters.extend_from_slice(parameters);
            }
        } else {
            self.age += 1;
            self.plateau_age += 1;
        }
        if self.plateau_patience.is_some_and(|patience| self.plateau_age >= patience) {
            self.plateaus += 1;
            self.plateau_age = 0;
        }
    }

    /// Whether early stopping has waited long enough.
    pub fn is_too_old(&self) -> bool {
        self.patience > 0 && self.age >= self.patience
    }

    /// How often the error stood still for as long as the decay of the learning rate waits.
    pub fn plateaus(&self) -> u32 {
        self.plateaus
    }

    /// How well the best iteration did, where that is known.
    pub fn scores(&self) -> Option<Scores> {
        self.scores
    }

    /// Parameters of the best iteration; empty where there is none to go back to.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// Writes down the best iteration.
    pub fn write(&self, writer: &mut Writer) {
        writer.real(self.error);
        writer.reals(self.parameters.iter().copied());
        let unknown = Score { error: 0.0, accuracy: None };
        let Scores { judged, training } = self.scores.unwrap_or(Scores { judged: unknown, training: unknown });
        writer.number(self.scores.is_some().into());
        for real in [judged.accuracy.unwrap_or(0.0), training.error, training.accuracy.unwrap_or(0.0)] {
            writer.real(real);
        }
        for number in [self.age, self.plateau_age, self.plateaus] {
            writer.number(number.into());
        }
    }

    /// Takes back what [`Best::write`] wrote, in a network of as many parameters, whose outputs may have an accuracy.
    pub fn read(&mut self, reader: &mut Reader, parameters: usize, has_accuracy: bool) -> Result<()> {
        self.error = reader.real()?;
        self.parameters = reader.reals(None)?;
        if reader.version() > 1 {
            // Outputs that are values have no accuracy, whatever stands in its place.
            let score = |error, accuracy| Score { error, accuracy: has_accuracy.then_some(accuracy) };
            let are_known = reader.below(2)? == 1;
            let judged = score(self.error, reader.real()?);
            let training = score(reader.real()?, reader.real()?);
            self.scores = are_known.then_some(Scores { judged, training });
        }
        if !self.parameters.is_empty() && self.parameters.len() != parameters {
            return Err(Error::Range("the checkpoint is of another network".into()));
        }
        if self.patience == 0 {
            // The run that goes on ends with its last parameters.
            self.parameters.clear();
        }
        (self.age, self.plateau_age, self.plateaus) = (reader.count()?, reader.count()?, reader.count()?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::options;
    use super::*;
    use crate::train::Learner;

    fn scores(error: f64) -> Scores {
        Scores { judged: Score { error, accuracy: Some(0.5) }, training: Score { error: 2.0 * error, accuracy: None } }
    }

    #[test]
    fn a_better_iteration_is_kept_and_starts_the_wait_anew() {
        let mut best = Best::new(&Options { patience: 2, ..options(Learner::Online) });
        best.compare(scores(0.5), &[1.0]);
        best.compare(scores(0.6), &[2.0]);
        assert!(!best.is_too_old());
        best.compare(scores(0.4), &[3.0]);
        best.compare(scores(0.4), &[4.0]);
        best.compare(scores(f64::NAN), &[5.0]);
        assert!(best.is_too_old());
        assert_eq!(best.parameters(), [3.0]);
        assert_eq!(best.scores(), Some(scores(0.4)));
    }

    #[test]
    fn plateaus_follow_one_another() {
        let decay = Decay::Plateau { patience: 2, factor: 0.5 };
        let mut best = Best::new(&Options { decay, ..options(Learner::Online) });
        for _ in 0..5 {
            best.compare(scores(1.0), &[]);
        }
        assert_eq!(best.plateaus(), 2);
        assert!(!best.is_too_old(), "without patience a run goes on");
    }
}
