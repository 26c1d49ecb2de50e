//! What Rust's names are in JavaScript: by rule, so that no word stands twice.

use crate::error::{Error, Result};
use crate::field::Choice;

/// A field: `batch_size` is `batchSize`.
pub fn field(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |joined, word| joined + &with_initial(word, char::to_ascii_uppercase))
}

/// A variant of an enum: `CrossValidation` is `crossValidation`.
pub fn variant(name: &str) -> String {
    with_initial(name, char::to_ascii_lowercase)
}

/// A variant of an enum whose words Synaptic has in capitals: `AllToAll` is `ALL_TO_ALL`.
pub fn constant(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.chars().enumerate() {
        if place > 0 && letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

fn with_initial(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().iter().map(change).chain(letters).collect()
}

/// The choice that a word stands for, by the rule of its enum.
pub fn choice<T: Choice>(word: &str, rule: fn(&str) -> String) -> Result<T> {
    let found = T::ALL.iter().copied().find(|choice| rule(choice.name()) == word);
    found.ok_or_else(|| Error::Type(format!("'{word}' is not known here")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::GateType;

    #[test]
    fn names_follow_their_rules() {
        assert_eq!([field("seed"), field("held_out_error")], ["seed", "heldOutError"]);
        assert_eq!([variant("F32"), variant("CrossValidation")], ["f32", "crossValidation"]);
        assert_eq!([constant("Relu"), constant("AllToAll")], ["RELU", "ALL_TO_ALL"]);
    }

    #[test]
    fn words_stand_for_choices_both_ways() {
        for &kind in GateType::ALL {
            assert_eq!(choice(&constant(kind.name()), constant), Ok(kind));
        }
        assert!(choice::<GateType>("ALL_TO_ALL", constant).is_err());
    }
}
