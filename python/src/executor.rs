//! Executors: what computes shards of a run's batches in a process that does not hold the run.

use std::sync::{Arc, Mutex, PoisonError};

use engram::program::Program;
use engram::train::{self, Sets};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::data_set::{DataSet, check};
use super::helpers::Helpers;
use super::names;
use super::refused;

/// Computes shards of a run's batches over the run's program and sets, by threads of its own.
#[pyclass(frozen)]
pub struct Executor {
    /// Taken while a crew works, which knows one task at a time.
    executor: Mutex<train::Executor>,
    _helpers: Helpers,
}

#[pymethods]
impl Executor {
    /// Over the words of [`super::network::Network::program`] and sets that equal the run's.
    #[new]
    fn new(
        py: Python<'_>,
        program: PyReadonlyArray1<'_, u64>,
        set: &DataSet,
        held_out: Option<&DataSet>,
        precision: &str,
        threads: usize,
    ) -> PyResult<Executor> {
        let words = program.as_array().to_vec();
        let precision = names::choice(precision, names::variant).map_err(refused)?;
        let program = py.detach(|| Program::from_words(words)).map_err(refused)?;
        for set in [Some(set), held_out].into_iter().flatten() {
            check(&program, set).map_err(refused)?;
        }
        let sets = Sets { data: set.data.clone(), held_out: held_out.map(|set| set.data.clone()) };
        let mut executor = train::Executor::new(Arc::new(program), sets, precision);
        let helpers = Helpers::new(threads.saturating_sub(1))?;
        executor.join(Arc::clone(&helpers.crew));
        Ok(Executor { executor: Mutex::new(executor), _helpers: helpers })
    }

    /// What the shards from `start` to `end` of a batch give, a node of the batch's tree.
    fn compute<'py>(&self, py: Python<'py>, batch: &[u8], start: usize, end: usize) -> PyResult<Bound<'py, PyBytes>> {
        let part = py.detach(|| {
            let executor = self.executor.lock().unwrap_or_else(PoisonError::into_inner);
            executor.compute(batch, start..end)
        });
        Ok(PyBytes::new(py, &part.map_err(refused)?))
    }
}
