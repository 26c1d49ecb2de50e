//! The options of a training run.

use super::batch::check_memory;
use crate::data::DataSet;
use crate::error::{Error, Result};
use crate::learn::loss::Cost;
use crate::learn::optimizer::Method;
use crate::program::Program;

/// The learning rate over the iterations.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// The same throughout.
    Constant(f64),
    /// One per equal share of the iterations.
    Piecewise(Vec<f64>),
    /// Asked from the host at the start of every iteration.
    Host,
}

/// Which learning rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Learner {
    /// LSTM-g, an update after every target.
    #[default]
    Online,
    /// Back-propagation through time, an update after every batch.
    Bptt,
}

/// Number format of the sequence rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Single.
    #[default]
    F32,
    /// Double.
    F64,
}

/// How the learning rate changes over the iterations, beside the user's own [`Rate`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Decay {
    /// The rate stays as it is.
    #[default]
    None,
    /// Times `factor` every so many iterations.
    Step {
        /// Iterations between two changes.
        every: u32,
        /// In (0, 1].
        factor: f64,
    },
    /// Half a cosine from the rate to `floor` times the rate over the run (Loshchilov & Hutter 2017).
    Cosine {
        /// In [0, 1].
        floor: f64,
    },
    /// Times `factor` whenever the error has not become less for so many iterations.
    Plateau {
        /// Iterations of waiting.
        patience: u32,
        /// In (0, 1].
        factor: f64,
    },
}

impl Decay {
    /// The factor on the rate in an iteration (from 1); `plateaus` is how often the error stood still.
    pub fn factor(self, iteration: u32, iterations: u32, plateaus: u32) -> f64 {
        match self {
            Decay::None => 1.0,
            Decay::Step { every, factor } => factor.powi(((iteration - 1) / every.max(1)) as i32),
            Decay::Cosine { floor } => {
                let done = f64::from(iteration - 1) / f64::from(iterations.max(2) - 1);
                floor + (1.0 - floor) * 0.5 * (1.0 + cosine_of_half_turns(done))
            }
            Decay::Plateau { factor, .. } => factor.powi(plateaus as i32),
        }
    }
}

/// `cos(pi x)` for x in [0, 1], within 1e-12. The library's cosine, for any angle, is 3 kB of tables and code.
fn cosine_of_half_turns(x: f64) -> f64 {
    // Where the series is short: cos(pi x) = -cos(pi (1 - x)).
    let (x, sign) = if x > 0.5 { (1.0 - x, -1.0) } else { (x, 1.0) };
    let square = (std::f64::consts::PI * x).powi(2);
    sign * (1..=9).rev().fold(1.0, |sum, n| 1.0 - square / f64::from((2 * n - 1) * 2 * n) * sum)
}

/// Options of a run, complete: defaults are the border's matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Which rule.
    pub learner: Learner,
    /// Learning rate.
    pub rate: Rate,
    /// Most iterations over the set.
    pub iterations: u32,
    /// Training stops when the error of an iteration is no larger.
    pub error: f64,
    /// A new random order after every iteration.
    pub shuffle: bool,
    /// Which cost is reported; `None` for the one that fits the rule and the output layer.
    pub cost: Option<Cost>,
    /// The host computes the reported cost from the outputs of an iteration.
    pub host_cost: bool,
    /// Samples at the end of the set that are held out of training; the run is judged by them.
    pub held_out: usize,
    /// Training stops when the error on the held-out samples is no larger.
    pub held_out_error: f64,
    /// Training stops when the error has not become less for so many iterations, and the run ends
    /// with the parameters of the best one; 0 for never.
    pub patience: u32,
    /// The host is asked whether to go on every so many iterations; 0 for never.
    pub schedule_every: u32,
    /// The run writes itself down every so many iterations; 0 for never.
    pub checkpoint_every: u32,
    /// The host is asked whether to go on, and prints a line, every so many iterations; 0 for never.
    pub log_every: u32,
    /// Every sample starts from a fresh context.
    pub sequences: bool,
    /// Optimiser of the sequence rule.
    pub optimizer: Method,
    /// Weight decay of the sequence rule; 0 for none.
    pub weight_decay: f64,
    /// How the rate changes.
    pub decay: Decay,
    /// Iterations over which the rate grows to its full value.
    pub warm_up: u32,
    /// Steps that the gradient goes back at most; 0 for all. States go on all the same.
    pub truncate: usize,
    /// Bytes that one thread may take for the steps of its sequences.
    pub memory_limit: f64,
    /// Share of the hidden neurons that later layers do not see, in [0, 1); see
    /// [`Dropout`](crate::learn::bptt::Dropout).
    pub dropout: f64,
    /// Batches are made of sequences of like length, where the order is shuffled.
    pub group_by_length: bool,
    /// Sequences per update.
    pub batch_size: usize,
    /// Longest gradient of an update; `None` for any.
    pub clip_norm: Option<f64>,
    /// Number format of the sequence rule.
    pub precision: Precision,
    /// Fixes the shuffles.
    pub seed: u64,
}

impl Options {
    /// Checks that a network can be trained on a set with these options.
    pub(super) fn check(&self, program: &Program, data: &DataSet) -> Result<()> {
        if data.input_size() != program.inputs || data.output_size() != program.output_count() {
            return Err(Error::Range(format!(
                "the set has {} inputs and {} outputs, the network {} and {}",
                data.input_size(),
                data.output_size(),
                program.inputs,
                program.output_count()
            )));
        }
        if self.held_out >= data.len() {
            return Err(Error::Range(format!("{} of {} samples are held out", self.held_out, data.len())));
        }
        if program.is_bidirectional() && (self.learner == Learner::Online || self.truncate > 0) {
            return Err(Error::Type(
                "a bidirectional network learns by back-propagation through whole sequences, which are not truncated"
                    .into(),
            ));
        }
        match (self.learner, self.precision) {
            (Learner::Online, _) => Ok(()),
            (Learner::Bptt, Precision::F32) => check_memory::<f32>(program, data, self),
            (Learner::Bptt, Precision::F64) => check_memory::<f64>(program, data, self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_is_that_of_the_library() {
        for step in 0..=1000 {
            let x = f64::from(step) / 1000.0;
            assert!((cosine_of_half_turns(x) - (std::f64::consts::PI * x).cos()).abs() < 1e-12, "{x}");
        }
    }
}
