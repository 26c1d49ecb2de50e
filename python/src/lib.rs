//! The border to Python: the engine's classes as the package `engram_rnn` calls them, NumPy arrays in and out.
//!
//! This module is private to the package: the Python over it checks what users give, and documents what users get.
//! Whatever takes long lets go of the interpreter's lock.
#![allow(missing_docs)]

mod data_set;
mod executor;
mod helpers;
mod layers;
mod names;
mod network;
mod options;
mod run;
mod stream;
mod text;

use engram::error::Error;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// A refused call, as Python's exception for it.
fn refused(error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Type(_) => PyTypeError::new_err(message),
        Error::Range(_) => PyValueError::new_err(message),
    }
}

#[pymodule]
mod _engine {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::data_set::DataSet;
    #[pymodule_export]
    use super::executor::Executor;
    #[pymodule_export]
    use super::network::Network;
    #[pymodule_export]
    use super::stream::Stream;
    #[pymodule_export]
    use super::text::Pattern;

    #[pymodule_export]
    const SHARD: usize = engram::learn::bptt::SHARD;
    #[pymodule_export]
    const NO_TARGET: u32 = engram::data::NO_TARGET;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("OPTIONS", super::options::table(module.py())?)?;
        module.add("SQUASHES", super::names::squashes())?;
        module.add("READOUTS", super::names::readouts())?;
        module.add("MAX_DELAY", engram::graph::MAX_DELAY)?;
        module.add("COSTS", super::names::costs())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
