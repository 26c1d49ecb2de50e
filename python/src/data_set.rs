//! Data sets that the engine stores.

use std::sync::Arc;

use engram::data;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use super::refused;

/// Samples in the engine, which no call changes.
#[pyclass(frozen)]
pub struct DataSet {
    pub data: Arc<data::DataSet>,
}

#[pymethods]
impl DataSet {
    /// From flat arrays: `inputs` is (steps * input_size), `targets` (targets * output_size), `target_of_step`
    /// names the target of every step or NO_TARGET, `lengths` has the steps of every sample.
    #[new]
    fn new(
        py: Python<'_>,
        input_size: usize,
        output_size: usize,
        inputs: PyReadonlyArray1<'_, f64>,
        targets: PyReadonlyArray1<'_, f64>,
        target_of_step: PyReadonlyArray1<'_, u32>,
        lengths: PyReadonlyArray1<'_, u32>,
    ) -> PyResult<DataSet> {
        let [inputs, targets] = [inputs, targets].map(|values| values.as_array().to_vec());
        let [target_of_step, lengths] = [target_of_step, lengths].map(|values| values.as_array().to_vec());
        py.detach(|| {
            let data = data::DataSet::new(input_size, output_size, inputs, targets, target_of_step, &lengths)?;
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
