//! Data sets that the engine stores.

use std::sync::Arc;

use engram::data::{self, Inputs, Targets};
use engram::error::Result;
use engram::program::Program;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use super::refused;

/// The inputs of all steps, in the form that the type of their array tells.
#[derive(FromPyObject)]
pub enum Steps<'py> {
    Rows(PyReadonlyArray1<'py, f64>),
    Symbols(PyReadonlyArray1<'py, u32>),
    Bits(PyReadonlyArray1<'py, u8>),
}

impl Steps<'_> {
    /// The inputs as the engine has them.
    pub fn stored(&self) -> Inputs {
        match self {
            Steps::Rows(rows) => Inputs::Rows(rows.as_array().to_vec()),
            Steps::Symbols(symbols) => Inputs::Symbols(symbols.as_array().to_vec()),
            Steps::Bits(bits) => Inputs::Bits(bits.as_array().to_vec()),
        }
    }
}

/// Samples in the engine, which no call changes.
#[pyclass(frozen)]
pub struct DataSet {
    pub data: Arc<data::DataSet>,
}

#[pymethods]
impl DataSet {
    /// From flat arrays: `inputs` is (steps * input_size) numbers, or (steps) symbols or bits, `targets` is
    /// (targets * output_size), for classes (output_size * 2), or None for lists of symbols, `target_of_step` names the
    /// target of every step or NO_TARGET, `lengths` has the steps of every sample, `weights` what each counts, where they
    /// do not count alike.
    #[new]
    #[expect(clippy::too_many_arguments, reason = "an object would have to be read field by field")]
    fn new(
        py: Python<'_>,
        input_size: usize,
        output_size: usize,
        inputs: Steps<'_>,
        targets: Option<PyReadonlyArray1<'_, f64>>,
        are_classes: bool,
        target_of_step: PyReadonlyArray1<'_, u32>,
        lengths: PyReadonlyArray1<'_, u32>,
        weights: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<DataSet> {
        let inputs = inputs.stored();
        let targets = match targets.map(|targets| targets.as_array().to_vec()) {
            Some(targets) if are_classes => Targets::Classes(targets),
            Some(targets) => Targets::Rows(targets),
            None => Targets::Lists,
        };
        let [target_of_step, lengths] = [target_of_step, lengths].map(|values| values.as_array().to_vec());
        let weights = weights.map(|weights| weights.as_array().to_vec());
        py.detach(|| {
            let mut data = data::DataSet::of(input_size, output_size, inputs, targets, target_of_step, &lengths)?;
            if let Some(weights) = weights {
                data = data.weighted(&weights)?;
            }
            data.check_finite()?;
            Ok(DataSet { data: Arc::new(data) })
        })
        .map_err(refused)
    }

    /// Number of samples.
    fn __len__(&self) -> usize {
        self.data.len()
    }

    /// Steps of all samples.
    #[getter]
    fn steps(&self) -> usize {
        self.data.steps()
    }
}

/// Checks that a program reads what a set has, and gives what its targets are.
pub fn check(program: &Program, set: &DataSet) -> Result<()> {
    set.data.check_sizes(program.inputs, program.output_count())
}
