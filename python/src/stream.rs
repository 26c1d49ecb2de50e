//! A sequence on its way through a network, step by step.

use engram::data::Inputs;
use engram::error::Error;
use engram::stream;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use super::data_set::Steps;
use super::network::Network;
use super::refused;

/// A sequence with states of its own, which answers as [`Network::run_sequences`] does.
#[pyclass]
pub struct Stream {
    stream: stream::Stream,
}

#[pymethods]
impl Stream {
    /// A sequence that has not begun.
    #[new]
    fn new(network: &Network) -> PyResult<Self> {
        let stream = network.with(|network| {
            let inputs = Inputs::Rows(vec![0.0; network.program().inputs]);
            stream::Stream::new(network, inputs)
        });
        Ok(Stream { stream: stream.map_err(refused)? })
    }

    /// The sequence so far, to go on in another way.
    fn copy(&self) -> Self {
        Stream { stream: self.stream.clone() }
    }

    /// The next step begins a sequence.
    fn reset(&mut self) {
        self.stream.reset();
    }

    /// Reads a step, a row or the symbol or bits of one; gives the outputs. One that does not stay is taken back when the
    /// next one comes.
    fn push<'py>(
        &mut self,
        py: Python<'py>,
        network: &Network,
        step: Steps<'_>,
        stays: bool,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let step = step.stored();
        let output = network.with(|network| {
            let inputs = network.program().inputs;
            if step.steps(inputs) != Some(1) {
                return Err(Error::Range(format!("no step, of which the network takes {inputs} values")));
            }
            let mut output = vec![0.0; network.program().output_count()];
            *self.stream.inputs() = step;
            self.stream.push(network, stays, &mut output)?;
            Ok(output)
        });
        Ok(output.map_err(refused)?.into_pyarray(py))
    }
}
