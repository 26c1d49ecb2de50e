//! The two ways a call can be refused. Nothing is changed by a refused call.

use std::fmt;

/// Why a call was refused; becomes a `TypeError` or a `RangeError` at the border to JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The value has the wrong type or form.
    Type(String),
    /// The value is of the right type, outside what is allowed.
    Range(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Type(message) | Error::Range(message) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

/// Result of a call that can be refused.
pub type Result<T> = std::result::Result<T, Error>;
