//! Networks: made, taken apart for files, activated and trained.

use std::sync::{Mutex, MutexGuard, PoisonError};

use engram::error::Error;
use engram::field::Choice;
use engram::graph::architect::{self, Blueprint, Convolution, LstmOptions};
use engram::graph::{Graph, NeuronId};
use engram::growth::Growth;
use engram::kernels::Squash;
use engram::network;
use engram::program::Block;
use engram::random::Random;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::data_set::{DataSet, check};
use super::layers::Parts;
use super::names;
use super::options::run_options;
use super::refused;
use super::run::{Host, train};

/// A graph and the network that was lowered from it.
struct Inner {
    graph: Graph,
    /// All neurons, layer by layer.
    neurons: Vec<NeuronId>,
    network: network::Network,
    /// Whether the network's values are newer than the graph's.
    is_ahead: bool,
}

/// A network. While one thread trains it, others may run sequences through it.
#[pyclass(frozen)]
pub struct Network {
    inner: Mutex<Inner>,
    sizes: Vec<usize>,
    names: Vec<String>,
}

/// Neurons as flat rows, then of the connections: from, to, weight, gater (or -1) whether the weight is
/// fixed, and its delay; then the activations of steps before.
type PartsOut<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<i32>>,
    Bound<'py, PyArray1<f64>>,
);

#[pymethods]
impl Network {
    /// Layers joined one to the next.
    #[staticmethod]
    fn perceptron(py: Python<'_>, sizes: Vec<usize>, output: &str, initializer: &str, seed: u64) -> PyResult<Network> {
        let initializer = names::choice(initializer, names::variant).map_err(refused)?;
        let output = names::choice(output, names::variant).map_err(refused)?;
        py.detach(|| Network::furnish(architect::perceptron(&sizes, output, initializer, &mut Random::new(seed))?))
            .map_err(refused)
    }

    /// Long short-term memory.
    #[staticmethod]
    #[pyo3(signature = (sizes, *, variant, output, bidirectional, embedding, peepholes, hidden_to_hidden,
        output_to_hidden, output_to_gates, input_to_output, readout, convolution, initializer, seed))]
    #[expect(clippy::too_many_arguments, reason = "each is an option")]
    fn lstm(
        py: Python<'_>,
        sizes: Vec<usize>,
        variant: &str,
        output: &str,
        bidirectional: bool,
        embedding: usize,
        peepholes: Option<&str>,
        hidden_to_hidden: bool,
        output_to_hidden: bool,
        output_to_gates: bool,
        input_to_output: bool,
        readout: Option<&str>,
        convolution: Vec<u32>,
        initializer: &str,
        seed: u64,
    ) -> PyResult<Network> {
        let convolution = Convolution::of_rows(&convolution);
        let [readout, second_readout] =
            LstmOptions::readouts(readout, |word| names::choice(word, names::variant)).map_err(refused)?;
        let options = LstmOptions {
            peepholes: peepholes.map(|word| names::choice(word, names::constant)).transpose().map_err(refused)?,
            hidden_to_hidden,
            output_to_hidden,
            output_to_gates,
            input_to_output,
            variant: names::choice(variant, names::variant).map_err(refused)?,
            output: names::choice(output, names::variant).map_err(refused)?,
            bidirectional,
            embedding,
            readout,
            second_readout,
            convolution: &convolution,
            initializer: names::choice(initializer, names::variant).map_err(refused)?,
        };
        py.detach(|| Network::furnish(architect::lstm(&sizes, &options, &mut Random::new(seed))?)).map_err(refused)
    }

    /// A network of [`Network::parts`], in which the neurons of the layers come one layer after the other; `sizes`
    /// and `names` describe these.
    #[staticmethod]
    #[expect(clippy::too_many_arguments, reason = "each is a column of a file")]
    fn from_parts(
        py: Python<'_>,
        sizes: Vec<usize>,
        names: Vec<String>,
        order: PyReadonlyArray1<'_, u32>,
        neurons: PyReadonlyArray1<'_, f64>,
        from: PyReadonlyArray1<'_, u32>,
        to: PyReadonlyArray1<'_, u32>,
        weights: PyReadonlyArray1<'_, f64>,
        gaters: PyReadonlyArray1<'_, i64>,
        fixed: PyReadonlyArray1<'_, bool>,
        delays: PyReadonlyArray1<'_, i32>,
        pasts: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Network> {
        let order = order.as_array().to_vec();
        let parts = Parts {
            neurons: neurons.as_array().to_vec(),
            from: from.as_array().to_vec(),
            to: to.as_array().to_vec(),
            weights: weights.as_array().to_vec(),
            gaters: gaters.as_array().to_vec(),
            fixed: fixed.as_array().to_vec(),
            delays: delays.as_array().to_vec(),
            pasts: pasts.as_array().to_vec(),
        };
        py.detach(|| {
            let unfit = || Error::Range("neurons, connections and layers do not fit together".into());
            let graph = parts.graph().ok_or_else(unfit)?;
            if order.iter().any(|&id| id as usize >= graph.neurons.len()) || sizes.len() != names.len() {
                return Err(unfit());
            }
            Network::lower(graph, order, sizes, names)
        })
        .map_err(refused)
    }

    /// All that a file says of the network's neurons, in the order of activation, and of their connections.
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<PartsOut<'py>> {
        let parts = py
            .detach(|| {
                let mut inner = self.lock();
                inner.catch_up()?;
                // Connections that are kept as a matrix are looked at one by one here.
                inner.graph.spread()?;
                Ok(Parts::of(&inner.graph, &inner.neurons))
            })
            .map_err(refused)?;
        Ok((
            parts.neurons.into_pyarray(py),
            parts.from.into_pyarray(py),
            parts.to.into_pyarray(py),
            parts.weights.into_pyarray(py),
            parts.gaters.into_pyarray(py),
            parts.fixed.into_pyarray(py),
            parts.delays.into_pyarray(py),
            parts.pasts.into_pyarray(py),
        ))
    }

    /// Number of neurons of every layer, from the input to the output.
    #[getter]
    fn sizes(&self) -> Vec<usize> {
        self.sizes.clone()
    }

    /// Names of the layers.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Name, size, and pooling of every layer, in the order of activation.
    fn layers(&self) -> Vec<(String, usize, Option<String>)> {
        let inner = self.lock();
        let program = inner.network.program();
        let pooling = |first: usize| program.pooling[first].map(|pooling| names::variant(pooling.parts().0.name()));
        program.layers.iter().map(|layer| (layer.name.clone(), layer.size, pooling(layer.first))).collect()
    }

    /// The blocks of weights: layers from and to, and delays where they read several steps, or steps before.
    fn blocks(&self) -> Vec<(String, String, Vec<i32>)> {
        let inner = self.lock();
        let program = inner.network.program();
        let name = |layer: usize| program.layers[layer].name.clone();
        let delays = |block: &Block| block.delays.iter().map(|&delay| program.signed(block.target, delay)).collect();
        program.blocks.iter().map(|block| (name(block.from), name(block.to), delays(block))).collect()
    }

    /// Names of the squashing functions of the outputs.
    #[getter]
    fn output_squashes(&self) -> Vec<String> {
        let all = names::squashes();
        let inner = self.lock();
        let program = inner.network.program();
        program.squash[program.outputs.clone()].iter().map(|&squash: &Squash| all[squash as usize].clone()).collect()
    }

    /// Whether some layers read sequences from their end.
    #[getter]
    fn is_bidirectional(&self) -> bool {
        self.lock().network.program().is_bidirectional()
    }

    /// Whether steps are pooled: a sequence has one output, at its last step.
    #[getter]
    fn has_readout(&self) -> bool {
        self.lock().network.program().has_readout()
    }

    /// Number of weights, which come before the biases in [`Network::parameters`].
    #[getter]
    fn weight_count(&self) -> usize {
        self.lock().network.program().layout.weights
    }

    /// The program as words, for executors elsewhere: during a run, the run's, in which some layers may be held.
    fn program<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u64>> {
        self.lock().network.shared().program.to_words().into_pyarray(py)
    }

    /// Whether a run has the network's memory.
    #[getter]
    fn in_run(&self) -> bool {
        self.lock().network.in_run()
    }

    /// Takes over what a network with fewer inputs and outputs has learnt: of `slots` of symbols and `more` new ones,
    /// and with new outputs before the last one or behind it.
    fn inherit(&self, old: &Network, slots: usize, more: usize, end: bool) -> PyResult<()> {
        let mut inner = self.lock();
        inner.is_ahead = true;
        old.with(|old| inner.network.inherit(old, Growth { slots, more, end })).map_err(refused)
    }

    /// A network of its own with the same numbers: those of this moment, during a run.
    fn copy(&self, py: Python<'_>) -> PyResult<Network> {
        py.detach(|| {
            let mut inner = self.lock();
            inner.catch_up()?;
            Network::lower(inner.graph.clone(), inner.neurons.clone(), self.sizes.clone(), self.names.clone())
        })
        .map_err(refused)
    }

    /// Takes over all numbers of a network of the same program.
    fn take(&self, other: &Network) -> PyResult<()> {
        let mut inner = self.lock();
        inner.is_ahead = true;
        let image = other.with(|other| other.shared().region.copy());
        inner.network.take(&image).map_err(refused)
    }

    /// Weights and biases of this moment, also during a run.
    fn parameters<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.lock().network.parameters().into_pyarray(py)
    }

    /// One step; gives the outputs.
    fn activate<'py>(&self, py: Python<'py>, input: PyReadonlyArray1<'_, f64>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let input = input.as_array().to_vec();
        let mut inner = self.lock();
        let program = inner.network.program();
        let (inputs, outputs) = (program.inputs, program.output_count());
        if input.len() != inputs {
            return Err(refused(Error::Range(format!("{} values, the network takes {inputs}", input.len()))));
        }
        let mut output = vec![0.0; outputs];
        inner.is_ahead = true;
        inner.network.activate(&input, &mut output).map_err(refused)?;
        Ok(output.into_pyarray(py))
    }

    /// Forgets traces, states and gains: the next step is the first of a sequence.
    fn reset_context(&self) -> PyResult<()> {
        let mut inner = self.lock();
        inner.catch_up().map_err(refused)?;
        let Inner { graph, neurons, network, .. } = &mut *inner;
        graph.spread().map_err(refused)?;
        graph.reset_context(neurons);
        network.load(graph).map_err(refused)
    }

    /// What each number of the first sample did to the answer that its target weighs, on the way from the second sample
    /// or from zeros, by the gradient or, with intervals, by integrated ones: (steps, inputs), or (steps) where symbols
    /// are gathered; then the answers to the sample and to the baseline.
    fn attribute<'py>(
        &self,
        py: Python<'py>,
        set: &DataSet,
        intervals: usize,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, f64, f64)> {
        let attribution = py
            .detach(|| {
                let inner = self.lock();
                check(inner.network.program(), set)?;
                Ok(inner.network.attribute(&set.data, intervals))
            })
            .map_err(refused)?;
        Ok((attribution.of_inputs.into_pyarray(py), attribution.answer, attribution.baseline))
    }

    /// Outputs of every step of every sample, each from a fresh context, in the order of the set's steps.
    fn run_sequences<'py>(&self, py: Python<'py>, set: &DataSet) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let outputs = py
            .detach(|| {
                let inner = self.lock();
                check(inner.network.program(), set)?;
                let size = inner.network.program().output_count();
                let mut outputs = vec![0.0; set.data.steps() * size];
                inner.network.run_sequences::<f64>(&set.data, false, &mut |step, _, output| {
                    outputs[step * size..(step + 1) * size].copy_from_slice(output);
                });
                Ok(outputs)
            })
            .map_err(refused)?;
        Ok(outputs.into_pyarray(py))
    }

    /// Error and accuracy (or None) on a set; without a cost, by the one that a run on such a set reports.
    fn test(
        &self,
        py: Python<'_>,
        set: &DataSet,
        cost: Option<&str>,
        sequences: bool,
        double: bool,
    ) -> PyResult<(f64, Option<f64>)> {
        let cost = cost.map(|cost| names::choice(cost, names::variant)).transpose().map_err(refused)?;
        py.detach(|| {
            let mut inner = self.lock();
            check(inner.network.program(), set)?;
            let score = inner.network.test(&set.data, cost, sequences, double)?;
            Ok((score.error, score.accuracy))
        })
        .map_err(refused)
    }

    /// Trains to the end. `options` are complete, `host` is asked and told (see [`Host`]); gives why the run ended,
    /// and how. With `hands_out`, the host has the batches computed instead of this process's threads. The layers `held`
    /// do not learn.
    #[pyo3(signature = (set, held_out, options, threads, host, resume, *, hands_out, held))]
    #[expect(clippy::too_many_arguments, reason = "a run is told as much")]
    fn train<'py>(
        &self,
        py: Python<'py>,
        set: &DataSet,
        held_out: Option<&DataSet>,
        options: &Bound<'py, PyDict>,
        threads: usize,
        host: Bound<'py, PyAny>,
        resume: Option<&[u8]>,
        hands_out: bool,
        held: Vec<usize>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let options = run_options(options)?;
        let sets =
            engram::train::Sets { data: set.data.clone(), held_out: held_out.map(|held_out| held_out.data.clone()) };
        let shared = {
            let mut inner = self.lock();
            inner.network.begin_run(&held).map_err(refused)?;
            inner.is_ahead = true;
            inner.network.shared().clone()
        };
        let _ended_on_return = InRun(self);
        train(py, shared, sets, options, (threads, hands_out), &Host::new(host), resume)
    }
}

/// A run that has begun: its end gives the memory back to the network, whatever ends it.
struct InRun<'a>(&'a Network);

impl Drop for InRun<'_> {
    fn drop(&mut self) {
        // Only the memory of a run with one of its own could be refused.
        let _ = self.0.lock().network.end_run(None);
    }
}

impl Network {
    /// Lets `look` see the network, also while another thread trains it.
    pub(super) fn with<R>(&self, look: impl FnOnce(&network::Network) -> R) -> R {
        look(&self.lock().network)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn furnish(blueprint: Blueprint) -> Result<Network, Error> {
        let Blueprint { graph, layers, .. } = blueprint;
        let sizes = layers.iter().map(|layer| layer.neurons.len()).collect();
        let names = layers.iter().map(|layer| layer.name.to_owned()).collect();
        Network::lower(graph, layers.into_iter().flat_map(|layer| layer.neurons).collect(), sizes, names)
    }

    fn lower(graph: Graph, neurons: Vec<NeuronId>, sizes: Vec<usize>, names: Vec<String>) -> Result<Network, Error> {
        let mut rest = neurons.as_slice();
        let mut layers = Vec::new();
        for (&size, name) in sizes.iter().zip(&names) {
            let (layer, others) = rest.split_at(size.min(rest.len()));
            rest = others;
            layers.push((name.clone(), layer.to_vec()));
        }
        let network = network::Network::new(&graph, &layers)?;
        Ok(Network { inner: Mutex::new(Inner { graph, neurons, network, is_ahead: false }), sizes, names })
    }
}

impl Inner {
    /// Stores the network's values in the graph, where they are newer.
    fn catch_up(&mut self) -> Result<(), Error> {
        if self.is_ahead { self.network.store(&mut self.graph) } else { Ok(()) }
    }
}
