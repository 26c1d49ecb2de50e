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

    /// Reads a step, a row or the symbol of one; gives the outputs.
    fn push<'py>(
        &mut self,
        py: Python<'py>,
        network: &Network,
        step: Steps<'_>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let step = step.stored();
        let output = network.with(|network| {
            let inputs = network.program().inputs;
            let is_step = match &step {
                Inputs::Rows(row) => row.len() == inputs,
                Inputs::Symbols(symbols) => matches!(symbols[..], [symbol] if (symbol as usize) < inputs),
                Inputs::Bits(_) => false,
            };
            if !is_step {
                return Err(Error::Range(format!("no row or symbol of a step, the network takes {inputs} values")));
            }
            let mut output = vec![0.0; network.program().output_count()];
            *self.stream.inputs() = step;
            self.stream.push(network, true, &mut output)?;
            Ok(output)
        });
        Ok(output.map_err(refused)?.into_pyarray(py))
    }
}
