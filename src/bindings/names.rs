//! The words that JavaScript has for the engine's choices.

use crate::error::Error;
use crate::graph::architect::{Output, Variant};
use crate::graph::{ConnectionType, GateType};
use crate::learn::loss::Cost;
use crate::learn::optimizer::Method;
use crate::train::{Learner, Precision, Stopped};

/// A word for each of some choices.
pub struct Names<T: 'static>(&'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Names<T> {
    /// The choice that a word stands for.
    pub fn value(&self, word: &str) -> Result<T, Error> {
        let found = self.0.iter().find(|(name, _)| *name == word);
        found.map(|&(_, value)| value).ok_or_else(|| Error::Type(format!("'{word}' is not known here")))
    }

    /// The word for a choice.
    pub fn name(&self, value: T) -> &'static str {
        let found = self.0.iter().find(|(_, choice)| *choice == value);
        found.expect("every choice has a word").0
    }
}

/// What the outputs of an architect's network are.
pub static OUTPUTS: Names<Output> =
    Names(&[("logistic", Output::Logistic), ("softmax", Output::Softmax), ("linear", Output::Linear)]);

/// LSTMs.
pub static VARIANTS: Names<Variant> = Names(&[("synaptic", Variant::Synaptic), ("standard", Variant::Standard)]);

/// Ways to connect two layers.
pub static CONNECTION_TYPES: Names<ConnectionType> = Names(&[
    ("ALL_TO_ALL", ConnectionType::AllToAll),
    ("ONE_TO_ONE", ConnectionType::OneToOne),
    ("ALL_TO_ELSE", ConnectionType::AllToElse),
]);

/// Ends of a projection that a layer gates.
pub static GATE_TYPES: Names<GateType> =
    Names(&[("INPUT", GateType::Input), ("OUTPUT", GateType::Output), ("ONE_TO_ONE", GateType::OneToOne)]);

/// Costs that are reported.
pub static COSTS: Names<Cost> =
    Names(&[("CROSS_ENTROPY", Cost::CrossEntropy), ("MSE", Cost::Mse), ("BINARY", Cost::Binary)]);

/// Learning rules.
pub static LEARNERS: Names<Learner> = Names(&[("online", Learner::Online), ("bptt", Learner::Bptt)]);

/// Number formats.
pub static PRECISIONS: Names<Precision> = Names(&[("f32", Precision::F32), ("f64", Precision::F64)]);

/// Optimisers.
pub static OPTIMIZERS: Names<Method> = Names(&[
    ("sgd", Method::Sgd),
    ("momentum", Method::Momentum),
    ("rmsprop", Method::Rmsprop),
    ("adam", Method::Adam),
    ("adamw", Method::Adamw),
]);

/// The word for the reason why a run ended.
pub fn stopped_name(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Iterations => "iterations",
        Stopped::Error => "error",
        Stopped::HeldOutError => "crossValidation",
        Stopped::Patience => "patience",
        Stopped::Schedule => "schedule",
        Stopped::Aborted => "aborted",
        Stopped::Diverged => "diverged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_choices_both_ways() {
        for kind in [ConnectionType::AllToAll, ConnectionType::OneToOne, ConnectionType::AllToElse] {
            assert_eq!(CONNECTION_TYPES.value(CONNECTION_TYPES.name(kind)), Ok(kind));
        }
        for kind in [GateType::Input, GateType::Output, GateType::OneToOne] {
            assert_eq!(GATE_TYPES.value(GATE_TYPES.name(kind)), Ok(kind));
        }
        assert!(GATE_TYPES.value("ALL_TO_ALL").is_err());
    }
}
