//! What a run is told: one table, in which the name, the type, the values allowed, the default and the
//! documentation of every option stand once. From the table come the struct that a run reads, the reading with
//! its checks, and what hosts show their users (`bindings::tables` for JavaScript).

use super::batch::check_memory;
use super::sets::Sets;
use crate::error::{Error, Result};
use crate::field::{Choice, Field, Given, Kind, LARGEST_INTEGER, choice, read, records};
use crate::learn::loss::Cost;
use crate::learn::optimizer::Method;
use crate::program::Program;

const MOST: u64 = u32::MAX as u64;
const COUNT: Kind = Kind::Integer(0, MOST);
const POSITIVE: Kind = Kind::Number(0.0, f64::INFINITY);
const ANY: Kind = Kind::Number(f64::NEG_INFINITY, f64::INFINITY);

choice! {
    /// Which learning rule.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Learner {
        /// LSTM-g, an update after every target.
        Online,
        /// Back-propagation through time, an update after every batch.
        Bptt,
    }
}

choice! {
    /// Number format of the sequence rule.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Precision {
        /// Single.
        F32,
        /// Double.
        F64,
    }
}

/// The learning rate over the iterations.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// The same throughout.
    Constant(f64),
    /// One per equal share of the iterations, as in Synaptic.
    PerShare(Vec<f64>),
    /// Asked from the host at the start of every iteration.
    Host,
}

impl Field for Rate {
    fn from_given(given: &Given) -> Option<Self> {
        match given {
            Given::Number(rate) => Some(Rate::Constant(*rate)),
            Given::Numbers(rates) => Some(Rate::PerShare(rates.clone())),
            Given::Nothing => Some(Rate::Host),
            _ => None,
        }
    }
}

records! {
    /// How the learning rate changes over the iterations, beside the user's own [`Rate`].
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub enum Decay {
        None,
        /// Times `factor` every so many iterations.
        Step {
            /// Iterations between two changes.
            every: u32 = Kind::Integer(1, MOST),
            /// In [0, 1].
            factor: f64 = Kind::Number(0.0, 1.0),
        },
        /// Half a cosine from the rate down to `floor` times the rate (0 if left out) over the run
        /// (Loshchilov & Hutter 2017).
        Cosine {
            /// In [0, 1].
            floor: Option<f64> = Kind::Optional(&Kind::Number(0.0, 1.0)),
        },
        /// Times `factor` whenever the error has not become less for `patience` iterations.
        Plateau {
            /// Iterations without a smaller error.
            patience: u32 = Kind::Integer(1, MOST),
            /// In [0, 1].
            factor: f64 = Kind::Number(0.0, 1.0),
        },
    }
}

impl Decay {
    /// The factor on the rate in an iteration (from 1); `plateaus` is how often the error stood still.
    pub fn factor(self, iteration: u32, iterations: u32, plateaus: u32) -> f64 {
        match self {
            Decay::None => 1.0,
            Decay::Step { every, factor } => factor.powi(((iteration - 1) / every.max(1)) as i32),
            Decay::Cosine { floor } => {
                let done = f64::from(iteration - 1) / f64::from(iterations.max(2) - 1);
                let floor = floor.unwrap_or(0.0);
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

/// The default of an option.
#[derive(Clone, Copy, Debug)]
pub enum Standard {
    /// True or false.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A variant of a choice.
    Word(&'static str),
    /// Left out.
    Nothing,
    /// One for pairs, one for sequences.
    By {
        /// Where samples are plain pairs.
        pairs: &'static Standard,
        /// Where samples are sequences, or the learner is the sequence rule.
        sequences: &'static Standard,
    },
    /// The host finds it: it depends on the set, or is drawn.
    Host,
}

/// Who sets an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// Users.
    User,
    /// The host, from other options and from the set.
    Host,
}

/// An option, as hosts show it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it does, for users: a line per line.
    pub documentation: &'static [&'static str],
    /// The values that it takes.
    pub kind: Kind,
    /// Where it is left out.
    pub standard: Standard,
    /// Who sets it.
    pub setter: Setter,
}

macro_rules! options {
    ($($(#[doc = $doc:literal])* $setter:ident $name:ident: $type:ty = $kind:expr, $standard:expr;)*) => {
        /// Options of a run, complete.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Options { $($(#[doc = $doc])* pub $name: $type,)* }

        impl Options {
            /// The table.
            pub const TABLE: &[Entry] = &[$(Entry {
                name: stringify!($name),
                documentation: &[$($doc),*],
                kind: $kind,
                standard: $standard,
                setter: Setter::$setter,
            }),*];

            /// Reads the options that a host gives, and checks each.
            pub fn read(given: &[(&'static str, Given)]) -> Result<Self> {
                Ok(Options { $($name: read(given, stringify!($name), &$kind)?,)* })
            }
        }
    };
}

options! {
    /// The learning rule. Online: Synaptic's rule (LSTM-g), an update at every target; default for pairs.
    /// Bptt: exact back-propagation through time, an update per batch; default for sequences.
    User learner: Learner = Kind::Choice(Learner::NAMES), Standard::Host;
    /// The learning rate.
    Host rate: Rate = Kind::Rate, Standard::Host;
    /// Most iterations over the set. Default 100,000 for pairs, 100 for sequences.
    User iterations: u32 = Kind::Integer(1, MOST),
        Standard::By { pairs: &Standard::Number(100_000.0), sequences: &Standard::Number(100.0) };
    /// The run stops when the error is no larger; below 0 for never. For pairs, 0 is as if it were left out, as in
    /// Synaptic. Default 0.005.
    User error: f64 = ANY, Standard::Number(0.005);
    /// A new random order after every iteration. Default false for pairs, true for sequences.
    User shuffle: bool = Kind::Flag,
        Standard::By { pairs: &Standard::Flag(false), sequences: &Standard::Flag(true) };
    /// Which cost is reported; none for the one that fits the rule and the output layer.
    Host cost: Option<Cost> = Kind::Optional(&Kind::Choice(Cost::NAMES)), Standard::Host;
    /// The host computes the reported cost from the outputs of an iteration.
    Host host_cost: bool = Kind::Flag, Standard::Host;
    /// Samples at the end of the set that are held out of training; the run is judged by them.
    Host held_out: usize = COUNT, Standard::Host;
    /// The run stops when the error on the held-out samples is no larger.
    Host held_out_error: f64 = ANY, Standard::Host;
    /// The run stops when the error (of the held-out samples, if there are any) has not become less for so many
    /// iterations; and however it ends, it gives back the best weights. 0 for never. Default 0.
    User patience: u32 = COUNT, Standard::Number(0.0);
    /// The host is asked whether to go on every so many iterations; 0 for never.
    Host schedule_every: u32 = COUNT, Standard::Host;
    /// Makes a checkpoint every so many iterations; 0 for never. Default 0.
    User checkpoint_every: u32 = COUNT, Standard::Number(0.0);
    /// The host is asked whether to go on, and prints a line, every so many iterations; 0 for never.
    Host log_every: u32 = COUNT, Standard::Host;
    /// Every sample starts from a fresh context.
    Host sequences: bool = Kind::Flag, Standard::Host;
    /// Optimiser of the sequence rule: plain steps (sgd), momentum (0.9), RMSprop (smoothing 0.99), Adam
    /// (betas 0.9 and 0.999) or AdamW. Default Adam.
    User optimizer: Method = Kind::Choice(Method::NAMES), Standard::Word("Adam");
    /// Weight decay of the sequence rule, from 0, on weights but not biases: beside the step for AdamW, in the
    /// gradient for the others. Default 0.01 for AdamW, else 0.
    User weight_decay: Option<f64> = Kind::Optional(&POSITIVE), Standard::Nothing;
    /// How the rate changes over the iterations. Default: it does not.
    User decay: Decay = Kind::Optional(&Decay::KIND), Standard::Nothing;
    /// Iterations over which the rate grows evenly to its full value. Default 0.
    User warm_up: u32 = COUNT, Standard::Number(0.0);
    /// Steps that the gradient of the sequence rule goes back at most, at least 1: memory then does not grow with
    /// the length of sequences. States go on over the whole sequence all the same. Default: all.
    User truncate: Option<usize> = Kind::Optional(&Kind::Integer(1, MOST)), Standard::Nothing;
    /// With `truncate`: an update after every so many steps of a batch's sequences, instead of one after their ends, so that
    /// long ones are learnt from while they are read. Each sequence takes its states along from one update to the next,
    /// and begins with fresh ones. Default false.
    User stateful: bool = Kind::Flag, Standard::Flag(false);
    /// Bytes that one thread may take for the steps of its sequences.
    Host memory_limit: f64 = ANY, Standard::Host;
    /// Share of the hidden neurons that later layers do not see in a training step of the sequence rule, from 0
    /// and below 1; drawn anew for every sequence and iteration (Gal & Ghahramani 2016). It acts where a hidden
    /// layer projects ALL_TO_ALL on a later one. Default 0.
    User dropout: f64 = Kind::Share, Standard::Number(0.0);
    /// Makes batches of the sequence rule of sequences of like length, where the order is shuffled: faster where
    /// lengths differ much. Default false.
    User group_by_length: bool = Kind::Flag, Standard::Flag(false);
    /// Sequences per update of the sequence rule, 1 to 65,536. Default 32.
    User batch_size: usize = Kind::Integer(1, 65_536), Standard::Number(32.0);
    /// Longest gradient (Euclidean norm over all weights and biases) of an update of the sequence rule: a longer
    /// one is shortened to it (Pascanu et al. 2013); null for any. Default 1.
    User clip_norm: Option<f64> = Kind::Optional(&POSITIVE), Standard::Number(1.0);
    /// Number format of the sequence rule. Default f32.
    User precision: Precision = Kind::Choice(Precision::NAMES), Standard::Word("F32");
    /// Fixes the shuffles and what dropout drops: an integer from 0. Default: random.
    User seed: u64 = Kind::Integer(0, LARGEST_INTEGER), Standard::Host;
}

impl Options {
    /// Checks that a network can be trained on these sets.
    pub(super) fn check(&self, program: &Program, sets: &Sets) -> Result<()> {
        for set in [Some(&sets.data), sets.held_out.as_ref()].into_iter().flatten() {
            set.check_sizes(program.inputs, program.output_count())?;
        }
        if self.stateful && self.truncate.is_none() {
            return Err(Error::Range("stateful is true without truncate, expected the steps of an update".into()));
        }
        if self.held_out >= sets.data.len() {
            return Err(Error::Range(format!("{} of {} samples are held out", self.held_out, sets.data.len())));
        }
        if program.is_phased() && (self.learner == Learner::Online || self.truncate.is_some()) {
            return Err(Error::Type(
                "a network with a read-out, or a bidirectional one, learns by back-propagation through whole sequences, \
                 which are not truncated"
                    .into(),
            ));
        }
        if program.past.depth > 0 && self.learner == Learner::Online {
            return Err(Error::Type("a network with delays learns by back-propagation through sequences".into()));
        }
        if sets.has_lists() {
            let apart = sets.held_out.as_ref().is_some_and(|set| !set.has_lists());
            if apart || !program.has_softmax() || program.has_readout() || self.learner == Learner::Online {
                return Err(Error::Type(
                    "lists of symbols are learnt by back-propagation, from softmax outputs at every step".into(),
                ));
            }
            if self.truncate.is_some() || self.host_cost || self.cost.is_some() {
                return Err(Error::Type("lists of symbols have a loss of their own, of whole sequences".into()));
            }
        }
        if program.has_readout() && !sets.judge_ends_alone() {
            return Err(Error::Type(
                "a network with a read-out gives one answer for a sequence, at its end: targets at last steps only"
                    .into(),
            ));
        }
        match (self.learner, self.precision) {
            (Learner::Online, _) => Ok(()),
            (Learner::Bptt, Precision::F32) => check_memory::<f32>(program, sets, self),
            (Learner::Bptt, Precision::F64) => check_memory::<f64>(program, sets, self),
        }
    }

    /// Steps that the gradient goes back at most.
    pub fn most_steps_back(&self) -> usize {
        self.truncate.unwrap_or(usize::MAX)
    }

    /// Weight decay of the optimiser, 0 for none.
    pub fn weight_decay(&self) -> f64 {
        self.weight_decay.unwrap_or(if self.optimizer == Method::Adamw { 0.01 } else { 0.0 })
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
