//! What the value of an option may be, and how it is read from what a host gives: checked here, once for all
//! hosts, since a message may come from anywhere.

use crate::error::{Error, Result};

/// A value as a host gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Left out.
    Nothing,
    /// True or false.
    Flag(bool),
    /// A number, whole or not.
    Number(f64),
    /// A name of a choice, as the variant is called here.
    Word(String),
    /// A list of numbers.
    Numbers(Vec<f64>),
    /// Named values; the name of the variant is under `type`.
    Record(Vec<(&'static str, Given)>),
    /// Anything else.
    Other,
}

/// What values an option takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A whole number within bounds, both allowed.
    Integer(u64, u64),
    /// A finite number within bounds, both allowed.
    Number(f64, f64),
    /// A number from 0 and below 1.
    Share,
    /// One of a few words: the names of an enum's variants.
    Choice(&'static [&'static str]),
    /// One of a few records.
    OneOf(&'static [Variant]),
    /// What a learning rate can be: a number, a list of them, or nothing where the host is asked.
    Rate,
    /// A value of another kind, or nothing.
    Optional(&'static Kind),
}

/// A record that [`Kind::OneOf`] allows.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name, under `type`.
    pub name: &'static str,
    /// What it means, for users.
    pub documentation: &'static str,
    /// Its fields.
    pub fields: &'static [(&'static str, Kind)],
}

/// Largest whole number that every host tells from its neighbours.
pub const LARGEST_INTEGER: u64 = (1 << 53) - 1;

impl Kind {
    fn allows(&self, given: &Given) -> bool {
        match (self, given) {
            (Kind::Optional(_) | Kind::Rate, Given::Nothing) | (Kind::Flag, Given::Flag(_)) => true,
            (Kind::Optional(kind), given) => kind.allows(given),
            (Kind::Integer(least, most), &Given::Number(value)) => {
                value.fract() == 0.0 && (*least as f64..=*most as f64).contains(&value)
            }
            (Kind::Number(least, most), &Given::Number(value)) => {
                value.is_finite() && (*least..=*most).contains(&value)
            }
            (Kind::Share, Given::Number(value)) => (0.0..1.0).contains(value),
            (Kind::Choice(words), Given::Word(word)) => words.contains(&word.as_str()),
            (Kind::OneOf(variants), Given::Record(fields)) => variants.iter().any(|variant| {
                let is_named = |(name, value): &(&str, Given)| {
                    *name == "type" && matches!(value, Given::Word(word) if word == variant.name)
                };
                fields.iter().any(is_named) && variant.fields.iter().all(|(name, kind)| kind.allows(find(fields, name)))
            }),
            (Kind::Rate, Given::Number(value)) => value.is_finite(),
            (Kind::Rate, Given::Numbers(values)) => !values.is_empty() && values.iter().all(|value| value.is_finite()),
            _ => false,
        }
    }
}

#[inline(never)]
fn find<'a>(record: &'a [(&'static str, Given)], name: &str) -> &'a Given {
    record.iter().find(|(known, _)| *known == name).map_or(&Given::Nothing, |(_, value)| value)
}

/// Reads a field of a record, of which the table says what it may be.
pub fn read<T: Field>(record: &[(&'static str, Given)], name: &str, kind: &Kind) -> Result<T> {
    allowed(record, name, kind).and_then(T::from_given).ok_or_else(|| refused(name))
}

#[inline(never)]
fn allowed<'a>(record: &'a [(&'static str, Given)], name: &str, kind: &Kind) -> Option<&'a Given> {
    let given = find(record, name);
    kind.allows(given).then_some(given)
}

#[cold]
fn refused(name: &str) -> Error {
    Error::Range(format!("option {name} is not what it may be"))
}

/// A type that options have.
pub trait Field: Sized {
    /// The value that was given; `None` for one of another type.
    fn from_given(given: &Given) -> Option<Self>;
}

impl Field for bool {
    fn from_given(given: &Given) -> Option<Self> {
        if let Given::Flag(value) = given { Some(*value) } else { None }
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn from_given(given: &Given) -> Option<Self> {
                // Within the bounds of its kind, which the type can hold.
                if let Given::Number(value) = given { Some(*value as $type) } else { None }
            }
        }
    )*};
}
numbers!(f64, u32, u64, usize);

impl<T: Field> Field for Option<T> {
    fn from_given(given: &Given) -> Option<Self> {
        if *given == Given::Nothing { Some(None) } else { T::from_given(given).map(Some) }
    }
}

/// Reads the fields of a record that [`Kind::OneOf`] allowed.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a>(&'a [(&'static str, Given)]);

impl<'a> Record<'a> {
    /// The record that was given; `None` for anything else.
    pub fn of(given: &'a Given) -> Option<Self> {
        if let Given::Record(fields) = given { Some(Record(fields)) } else { None }
    }

    /// The name of its variant.
    pub fn variant(self) -> Option<&'a str> {
        if let Given::Word(word) = find(self.0, "type") { Some(word) } else { None }
    }

    /// One of its fields.
    pub fn field<T: Field>(self, name: &str) -> Option<T> {
        T::from_given(find(self.0, name))
    }
}

/// An enum whose variants hosts know by name.
pub trait Choice: Copy + 'static {
    /// Names of the variants, in their order.
    const NAMES: &[&str];
    /// The variants, in their order.
    const ALL: &[Self];

    /// Name of this variant.
    fn name(self) -> &'static str;
}

impl<T: Choice> Field for T {
    fn from_given(given: &Given) -> Option<Self> {
        let Given::Word(word) = given else { return None };
        T::ALL.iter().copied().find(|choice| choice.name() == word)
    }
}

/// Declares an enum that is a [`Choice`].
macro_rules! choice {
    ($(#[$attribute:meta])* pub enum $name:ident { $($(#[$inner:meta])* $variant:ident,)* }) => {
        $(#[$attribute])*
        pub enum $name { $($(#[$inner])* $variant,)* }

        impl $crate::field::Choice for $name {
            const NAMES: &[&str] = &[$(stringify!($variant)),*];
            const ALL: &[Self] = &[$(Self::$variant),*];

            fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }
    };
}
pub(crate) use choice;

/// An enum of records: nothing, or one of several variants, each with fields of its own.
macro_rules! records {
    ($(#[$attribute:meta])* pub enum $name:ident { $nothing:ident, $(
        $(#[doc = $doc:literal])* $variant:ident { $($(#[$inner:meta])* $field:ident: $type:ty = $kind:expr,)* },
    )* }) => {
        $(#[$attribute])*
        pub enum $name {
            /// It does not.
            #[default]
            $nothing,
            $($(#[doc = $doc])* $variant { $($(#[$inner])* $field: $type,)* },)*
        }

        impl $name {
            /// The records, as hosts give them.
            pub const KIND: $crate::field::Kind = $crate::field::Kind::OneOf(&[$($crate::field::Variant {
                name: stringify!($variant),
                documentation: concat!($($doc),*),
                fields: &[$((stringify!($field), $kind)),*],
            }),*]);
        }

        impl $crate::field::Field for $name {
            fn from_given(given: &$crate::field::Given) -> Option<Self> {
                if *given == $crate::field::Given::Nothing {
                    return Some($name::$nothing);
                }
                let record = $crate::field::Record::of(given)?;
                match record.variant()? {
                    $(stringify!($variant) => Some($name::$variant {
                        $($field: record.field(stringify!($field))?,)*
                    }),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use records;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_allow_what_they_say() {
        let word = |word: &str| Given::Word(word.into());
        let cases: [(Kind, &[Given], &[Given]); 5] = [
            (Kind::Flag, &[Given::Flag(false)], &[Given::Nothing, Given::Number(1.0)]),
            (
                Kind::Integer(1, 3),
                &[Given::Number(1.0), Given::Number(3.0)],
                &[Given::Number(0.0), Given::Number(1.5), Given::Number(4.0), Given::Number(f64::NAN)],
            ),
            (
                Kind::Number(0.0, f64::INFINITY),
                &[Given::Number(0.0), Given::Number(1e300)],
                &[Given::Number(-1e-9), Given::Number(f64::INFINITY), word("1")],
            ),
            (Kind::Share, &[Given::Number(0.9999)], &[Given::Number(1.0), Given::Number(-0.1)]),
            (Kind::Choice(&["Adam"]), &[word("Adam")], &[word("adam"), Given::Flag(true), Given::Other]),
        ];
        for (kind, allowed, refused) in cases {
            assert!(allowed.iter().all(|given| kind.allows(given)), "{kind:?}");
            assert!(!refused.iter().any(|given| kind.allows(given)), "{kind:?}");
            assert!(Kind::Rate.allows(&Given::Numbers(vec![0.1])) && !Kind::Rate.allows(&Given::Numbers(vec![])));
        }
    }
}
