//! What a run is told.

use serde::{Deserialize, Serialize};

use crate::learn::loss::Cost;
use crate::learn::optimizer::Method;

/// The learning rate over the iterations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    /// The same throughout.
    Constant(f64),
    /// One per equal share of the iterations ("buckets", as in Synaptic).
    Buckets(Vec<f64>),
    /// Asked from the host at the start of every iteration.
    Host,
}

/// Which learning rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Learner {
    /// LSTM-g, an update after every target.
    #[default]
    Online,
    /// Back-propagation through time, an update after every batch.
    Bptt,
}

/// Number format of the sequence rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single.
    #[default]
    F32,
    /// Double.
    F64,
}

/// Holding a part of the set out of training and judging by it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossValidation {
    /// Share of the set, from its end, in (0, 1).
    pub test_size: f64,
    /// Training stops when the error on that share is no larger.
    pub test_error: f64,
}

/// Options of a run, complete: defaults are the border's matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
    /// Holding out.
    pub cross_validate: Option<CrossValidation>,
    /// The host is asked whether to go on every so many iterations; 0 for never.
    pub schedule_every: u32,
    /// The host is asked likewise, to print a line; 0 for never.
    pub log_every: u32,
    /// Every sample starts from a fresh context.
    pub sequences: bool,
    /// Optimiser of the sequence rule.
    pub optimizer: Method,
    /// Sequences per update.
    pub batch_size: usize,
    /// Longest gradient of an update; `None` for any.
    pub clip_norm: Option<f64>,
    /// Number format of the sequence rule.
    pub precision: Precision,
    /// Fixes the shuffles.
    pub seed: u64,
}
