//! Live networks for JavaScript, and how they are handed to a worker.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use super::compiled::compiled;
use super::data_set::{DataSetHandle, SetsHandle};
use super::driver::or_nan;
use super::graph::GraphHandle;
use super::layout::layout;
use super::names;
use super::parcel::{LOANS, PARCELS, Parcel};
use super::returned;
use super::run::RunHandle;
use crate::data::DataSet;
use crate::error::Error;
use crate::growth::Growth;
use crate::learn::bptt::Attribution;
use crate::network::{Network, Shared};
use crate::program::{BlockKind, Gating, Retention, fits};

#[wasm_bindgen(js_name = Network)]
pub struct NetworkHandle {
    pub(super) network: Network,
    /// The page writes the input into `input` and the target into `output`, and reads the outputs from
    /// `output`, so that a call moves no arrays.
    input: Box<[f64]>,
    output: Box<[f64]>,
    /// Work space of compiled code.
    projected: Box<[f64]>,
}

#[wasm_bindgen(js_class = Network)]
impl NetworkHandle {
    /// `neurons` holds the layers one after the other, `sizes` and `names` describe them; a zero ends each name.
    #[wasm_bindgen(constructor)]
    pub fn new(graph: &mut GraphHandle, neurons: &[u32], sizes: &[usize], names: &str) -> Result<Self, JsValue> {
        let mut rest = neurons;
        let layers: Vec<(String, Vec<u32>)> = names
            .split_terminator('\0')
            .zip(sizes)
            .map(|(name, &size)| {
                let (layer, others) = rest.split_at(size.min(rest.len()));
                rest = others;
                (name.to_owned(), layer.to_vec())
            })
            .collect();
        if !fits(&graph.graph, &layers) {
            graph.graph.spread()?;
        }
        let network = Network::new(&graph.graph, &layers)?;
        let input = vec![0.0; network.program().inputs].into();
        let output = vec![0.0; network.program().output_count()].into();
        Ok(returned(NetworkHandle { network, input, output, projected: Box::default() }))
    }

    #[wasm_bindgen(js_name = inputAddress)]
    pub fn input_address(&self) -> usize {
        self.input.as_ptr() as usize
    }

    #[wasm_bindgen(js_name = outputAddress)]
    pub fn output_address(&self) -> usize {
        self.output.as_ptr() as usize
    }

    /// Compiles the network's program and uses the code from now on. Gives its functions
    /// `activate(memory, input)` and `propagate(memory, target, projected, rate)`, which take addresses
    /// and finish all but softmax layers, for pages that own the memory; undefined where the
    /// program stays interpreted.
    pub fn compile(&mut self) -> Result<JsValue, JsValue> {
        let Some((code, functions)) = compiled(self.network.program()) else {
            return Ok(JsValue::UNDEFINED);
        };
        self.projected = vec![0.0; self.network.program().units].into();
        self.network.adopt(code);
        Ok(if self.network.program().has_softmax() { JsValue::UNDEFINED } else { functions.into() })
    }

    #[wasm_bindgen(js_name = projectedAddress)]
    pub fn projected_address(&self) -> usize {
        self.projected.as_ptr() as usize
    }

    #[wasm_bindgen(js_name = memoryAddress)]
    pub fn memory_address(&self) -> usize {
        self.network.shared().region.memory_address()
    }

    #[wasm_bindgen(js_name = wordsAddress)]
    pub fn words_address(&self) -> usize {
        self.network.shared().region.words_address()
    }

    /// What a page needs of the layout at once: numbers of weights, of units and of all of the memory, where the
    /// activations start, 1 for a bidirectional network, 1 for one with a read-out, and 1 for one with delays. The whole layout costs a small
    /// network more than all else.
    pub fn shape(&self) -> Vec<u32> {
        let program = self.network.program();
        let layout = &program.layout;
        let kinds = [program.is_bidirectional(), program.has_readout(), program.past.depth > 0].map(usize::from);
        [layout.weights, layout.units, layout.size(), layout.activations(), kinds[0], kinds[1], kinds[2]]
            .map(|size| size as u32)
            .into()
    }

    pub fn layout(&self) -> Result<JsValue, JsValue> {
        layout(self.network.program())
    }

    /// Weights, then biases, of this moment, also during a run.
    pub fn parameters(&self) -> Vec<f64> {
        self.network.parameters()
    }

    /// The dense blocks of weights, for files, in whole numbers: first source unit, their number, first target unit,
    /// their number, offset of the first weight, 1 if they are fixed, 1 for gaters by target or 2 by source (else 0),
    /// the first gater, and how many delays there are, and these.
    pub fn blocks(&self) -> Vec<i32> {
        let program = self.network.program();
        let mut words = Vec::new();
        for block in &program.blocks {
            let BlockKind::Dense { source, columns } = block.kind else { continue };
            let (gates, gater) = match block.gating {
                Gating::None => (0, 0),
                Gating::Rows { gater, .. } => (1, gater),
                Gating::Columns { gater, .. } => (2, gater),
            };
            let fixed = usize::from(block.fixed);
            let numbers = [source, columns, block.target, block.rows, block.weight, fixed, gates, gater];
            words.extend(numbers.map(|number| number as i32));
            words.push(block.delays.len() as i32);
            words.extend(block.delays.iter().map(|&delay| program.signed(block.target, delay)));
        }
        words
    }

    /// All other connections, the units' own among them, for files: from, to, offset of the weight (-1 for a unit's
    /// own, of weight 1), gater (-1 for none), whether it is fixed, and its delay, all by unit.
    pub fn edges(&self) -> Vec<i32> {
        let program = self.network.program();
        let number = |unit: Option<usize>| unit.map_or(-1, |unit| unit as i32);
        let mut edges = Vec::new();
        for block in &program.blocks {
            match &block.kind {
                BlockKind::Dense { .. } => {}
                BlockKind::Diagonal { source } => {
                    for row in 0..block.rows {
                        let gater = block.gating.gater().map(|gater| gater + row);
                        let ends = [source + row, block.target + row, block.weight + row].map(|unit| unit as i32);
                        edges.extend(ends);
                        edges.extend([number(gater), i32::from(block.fixed), 0]);
                    }
                }
                BlockKind::Sparse(links) => {
                    for (offset, edge) in links.iter().enumerate() {
                        edges.extend([edge.source, edge.target, block.weight + offset].map(|unit| unit as i32));
                        let delay = program.signed(edge.target, edge.delay);
                        edges.extend([number(edge.gater.map(|(gater, _)| gater)), i32::from(edge.fixed), delay]);
                    }
                }
            }
        }
        for (unit, retention) in program.retention.iter().enumerate() {
            let gater = match *retention {
                Retention::None => continue,
                Retention::Whole => None,
                Retention::Gated(gater) => Some(gater),
            };
            edges.extend([unit as i32, unit as i32, -1, number(gater), 0, 0]);
        }
        edges
    }

    /// The program of the run, if there is one, as words: for a worker with a memory of its own.
    pub fn program(&self) -> Vec<u64> {
        self.network.shared().program.to_words()
    }

    /// One step: the input buffer to the output buffer. False while the memory is in use: an exception,
    /// which would be wrapped, costs the caller more.
    pub fn activate(&mut self) -> bool {
        self.network.activate(&self.input, &mut self.output).is_ok()
    }

    /// Learns from the target in the output buffer; false as in `activate`.
    pub fn propagate(&mut self, rate: f64) -> bool {
        self.network.propagate(rate, &self.output).is_ok()
    }

    pub fn store(&mut self, graph: &mut GraphHandle) -> Result<(), JsValue> {
        Ok(self.network.store(&mut graph.graph)?)
    }

    pub fn load(&self, graph: &GraphHandle) -> Result<(), JsValue> {
        Ok(self.network.load(&graph.graph)?)
    }

    /// Takes over what a network with fewer inputs and outputs has learnt: of `slots` of symbols and `more` new ones,
    /// and with new outputs before the last one or behind it.
    pub fn inherit(&self, old: &NetworkHandle, slots: usize, more: usize, end: bool) -> Result<(), JsValue> {
        Ok(self.network.inherit(&old.network, Growth { slots, more, end })?)
    }

    /// Takes weights that a worker with a memory of its own has sent.
    pub fn publish(&self, parameters: &[f64]) {
        self.network.shared().region.publish(parameters);
    }

    /// Hands the memory to a run; `held` are the indices of layers that do not learn in it.
    #[wasm_bindgen(js_name = beginRun)]
    pub fn begin_run(&mut self, held: &[usize]) -> Result<(), JsValue> {
        Ok(self.network.begin_run(held)?)
    }

    /// A run on this side's memory, after `beginRun`. Here, not with the runs: so a worker, which has no
    /// networks, carries no glue of theirs.
    pub fn run(&self, sets: &SetsHandle, options: &JsValue) -> Result<RunHandle, JsValue> {
        RunHandle::start(self.shared(), sets.sets.clone(), Arc::default(), options)
    }

    #[wasm_bindgen(js_name = endRun)]
    pub fn end_run(&mut self, image: Option<Vec<f64>>) -> Result<(), JsValue> {
        Ok(self.network.end_run(image.as_deref())?)
    }

    /// Packs the network and the sets of a run for workers on the same memory; gives the parcel's number.
    pub fn pack(&self, sets: &SetsHandle) -> u32 {
        PARCELS.send(Parcel { shared: self.shared(), sets: sets.sets.clone(), crew: Arc::default() })
    }

    /// Lends the network to a worker on the same memory, for single steps; gives the loan's number.
    pub fn lend(&self) -> u32 {
        LOANS.send(self.shared())
    }

    /// Outputs of every step of every sample, in the order of the data set's steps; of a network with a read-out those
    /// of last steps, and 0 before.
    #[wasm_bindgen(js_name = runSequences)]
    pub fn run_sequences(&self, data: &DataSetHandle) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        let size = self.output.len();
        let mut outputs = vec![0.0; data.data.steps() * size];
        self.network.run_sequences::<f64>(&data.data, false, &mut |step, _, output| {
            outputs[step * size..(step + 1) * size].copy_from_slice(output);
        });
        Ok(outputs)
    }

    /// Outputs of every step that has a target, in the order of the data set's steps.
    #[wasm_bindgen(js_name = runTargets)]
    pub fn run_targets(&self, data: &DataSetHandle) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        let (data, size) = (&data.data, self.output.len());
        let judged: Vec<usize> = (0..data.steps()).filter(|&step| data.has_target(step)).collect();
        let mut outputs = vec![0.0; judged.len() * size];
        self.network.run_sequences::<f64>(data, true, &mut |step, _, output| {
            let place = judged.partition_point(|&other| other < step);
            outputs[place * size..(place + 1) * size].copy_from_slice(output);
        });
        Ok(outputs)
    }

    /// Activations of every neuron at every step of the first sample, step after step.
    pub fn trace(&self, data: &DataSetHandle) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        Ok(self.network.trace(&data.data, data.data.sample(0)))
    }

    /// What each number of the first sample did to the answer that its target weighs, on the way from the second sample
    /// or from zeros, by the gradient or, with intervals, by integrated ones: (steps, inputs), or (steps) where symbols
    /// are gathered; then the answers to the sample and to the baseline.
    pub fn attribute(&self, data: &DataSetHandle, intervals: usize) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        let Attribution { mut of_inputs, answer, baseline } = self.network.attribute(&data.data, intervals);
        of_inputs.extend([answer, baseline]);
        Ok(of_inputs)
    }

    /// Codes of the squashing functions of the outputs.
    #[wasm_bindgen(js_name = outputSquashes)]
    pub fn output_squashes(&self) -> Vec<u8> {
        let program = self.network.program();
        program.squash[program.outputs.clone()].iter().map(|&squash| squash as u8).collect()
    }

    /// Error and accuracy on a set; without a cost, by the one that a run on such a set reports.
    pub fn test(
        &mut self,
        data: &DataSetHandle,
        cost: Option<String>,
        sequences: bool,
        double: bool,
    ) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        let cost = cost.map(|cost| names::choice(&cost, names::variant)).transpose()?;
        let score = self.network.test(&data.data, cost, sequences, double)?;
        Ok(vec![score.error, or_nan(score.accuracy)])
    }
}

impl NetworkHandle {
    pub(super) fn shared(&self) -> Shared {
        self.network.shared().clone()
    }

    fn check(&self, data: &DataSet) -> Result<(), Error> {
        data.check_sizes(self.input.len(), self.output.len())
    }
}
