//! What Rust's names are in Python and in files: by rule, so that no word stands twice.

use engram::error::{Error, Result};
use engram::field::Choice;
use engram::graph::Readout;
use engram::kernels::Squash;
use engram::learn::loss::Cost;

fn separated(name: &str, change: fn(&char) -> char) -> String {
    let mut text = String::new();
    for (place, letter) in name.chars().enumerate() {
        if place > 0 && letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(change(&letter));
    }
    text
}

/// A variant of an enum: `CrossValidation` is `cross_validation`.
pub fn variant(name: &str) -> String {
    separated(name, char::to_ascii_lowercase)
}

/// A variant of an enum whose words files have in capitals: `AllToAll` is `ALL_TO_ALL`.
pub fn constant(name: &str) -> String {
    separated(name, char::to_ascii_uppercase)
}

/// The choice that a word stands for, by the rule of its enum.
pub fn choice<T: Choice>(word: &str, rule: fn(&str) -> String) -> Result<T> {
    let found = T::ALL.iter().copied().find(|choice| rule(choice.name()) == word);
    found.ok_or_else(|| Error::Type(format!("'{word}' is not known here")))
}

/// Names of the squashing functions, by the engine's codes.
pub fn squashes() -> Vec<String> {
    Squash::NAMES.iter().map(|name| constant(name)).collect()
}

/// Ways to pool the steps of a sequence; the engine's codes are from 1.
pub fn readouts() -> Vec<String> {
    Readout::NAMES.iter().map(|name| variant(name)).collect()
}

/// The costs that the engine computes.
pub fn costs() -> Vec<String> {
    Cost::NAMES.iter().map(|name| variant(name)).collect()
}
