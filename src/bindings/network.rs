//! Live networks and data sets for JavaScript, and how they are handed to a worker.

use std::sync::Arc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::compiled::compiled;
use super::graph::GraphHandle;
use super::options::{JsOptions, cost_of};
use super::parcel::{self, Parcel};
use super::run::RunHandle;
use super::to_js;
use crate::data::DataSet;
use crate::error::Error;
use crate::learn::online::Online;
use crate::network::{Network, Shared};
use crate::program::{BlockKind, Gating, Program};

#[wasm_bindgen(js_name = DataSet)]
pub struct DataSetHandle {
    pub(super) data: Arc<DataSet>,
}

#[wasm_bindgen(js_class = DataSet)]
impl DataSetHandle {
    #[wasm_bindgen(constructor)]
    pub fn new(
        input_size: usize,
        output_size: usize,
        inputs: Vec<f64>,
        targets: Vec<f64>,
        target_of_step: Vec<u32>,
        lengths: &[u32],
    ) -> Result<DataSetHandle, JsValue> {
        let data = DataSet::new(input_size, output_size, inputs, targets, target_of_step, lengths)?;
        Ok(DataSetHandle { data: Arc::new(data) })
    }

    #[wasm_bindgen(js_name = inputsAddress)]
    pub fn inputs_address(&self) -> usize {
        self.data.inputs().as_ptr() as usize
    }

    #[wasm_bindgen(js_name = targetsAddress)]
    pub fn targets_address(&self) -> usize {
        self.data.targets().as_ptr() as usize
    }

    #[wasm_bindgen(js_name = targetOfStepAddress)]
    pub fn target_of_step_address(&self) -> usize {
        self.data.target_of_step().as_ptr() as usize
    }
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    offset: usize,
    length: usize,
}

#[derive(Serialize)]
struct BlockLayout<'a> {
    name: String,
    from: &'a str,
    to: &'a str,
    kind: &'static str,
    offset: usize,
    length: usize,
    rows: usize,
    columns: usize,
    #[serde(rename = "gatedBy")]
    gated_by: Option<&'a str>,
}

#[derive(Serialize)]
struct LayerLayout<'a> {
    name: &'a str,
    first: usize,
    size: usize,
    reversed: bool,
}

#[derive(Serialize)]
struct NetworkLayout<'a> {
    length: usize,
    parts: Vec<Part>,
    layers: Vec<LayerLayout<'a>>,
    blocks: Vec<BlockLayout<'a>>,
}

fn layout(program: &Program) -> NetworkLayout<'_> {
    let mut offset = 0;
    let parts = program.layout.parts().map(|(name, length)| {
        let part = Part { name, offset, length };
        offset += length;
        part
    });
    let name_of = |layer: usize| program.layers[layer].name.as_str();
    let blocks = program.blocks.iter().map(|block| {
        let (kind, rows, columns) = match &block.kind {
            BlockKind::Dense { columns, .. } => ("dense", block.rows, *columns),
            BlockKind::Diagonal { .. } => ("diagonal", block.rows, 1),
            BlockKind::Sparse(_) => ("sparse", 1, block.count),
        };
        let gater = match block.gating {
            Gating::None => None,
            Gating::Rows { gater, .. } | Gating::Columns { gater, .. } => Some(gater),
        };
        BlockLayout {
            name: format!("{} -> {}", name_of(block.from), name_of(block.to)),
            from: name_of(block.from),
            to: name_of(block.to),
            kind,
            offset: block.weight,
            length: block.count,
            rows,
            columns,
            gated_by: gater.and_then(|gater| {
                let layer =
                    program.layers.iter().find(|layer| (layer.first..layer.first + layer.size).contains(&gater));
                layer.map(|layer| layer.name.as_str())
            }),
        }
    });
    NetworkLayout {
        length: offset,
        parts: parts.into(),
        layers: program
            .layers
            .iter()
            .map(|layer| LayerLayout {
                name: &layer.name,
                first: layer.first,
                size: layer.size,
                reversed: program.phases.iter().any(|phase| phase.reversed && phase.units.contains(&layer.first)),
            })
            .collect(),
        blocks: blocks.collect(),
    }
}

#[wasm_bindgen(js_name = Network)]
pub struct NetworkHandle {
    network: Network,
    /// Where inputs and targets are put and outputs are read, so that a call moves no arrays.
    input: Box<[f64]>,
    output: Box<[f64]>,
    /// Work space of compiled code.
    projected: Box<[f64]>,
}

#[wasm_bindgen(js_class = Network)]
impl NetworkHandle {
    /// `neurons` holds the layers one after the other, `sizes` and `names` describe them.
    #[wasm_bindgen(constructor)]
    pub fn new(graph: &GraphHandle, neurons: &[u32], sizes: &[usize], names: Vec<String>) -> Result<Self, JsValue> {
        let mut rest = neurons;
        let layers: Vec<(String, Vec<u32>)> = names
            .into_iter()
            .zip(sizes)
            .map(|(name, &size)| {
                let (layer, others) = rest.split_at(size.min(rest.len()));
                rest = others;
                (name, layer.to_vec())
            })
            .collect();
        let network = Network::new(&graph.graph, &layers)?;
        let input = vec![0.0; network.program().inputs].into();
        let output = vec![0.0; network.program().output_count()].into();
        Ok(NetworkHandle { network, input, output, projected: Box::default() })
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
    pub fn compile(&mut self) -> Option<js_sys::Object> {
        let (code, functions) = compiled(self.network.program())?;
        self.projected = vec![0.0; self.network.program().units].into();
        self.network.adopt(code);
        (!self.network.program().has_softmax()).then_some(functions)
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

    pub fn layout(&self) -> Result<JsValue, JsValue> {
        to_js(&layout(self.network.program()))
    }

    /// The program as words, for a worker with a memory of its own.
    pub fn program(&self) -> Vec<u64> {
        self.network.program().to_words()
    }

    /// One step: the input buffer to the output buffer. False while the memory is in use, which
    /// is cheaper for the caller than an exception's wrapping.
    pub fn activate(&mut self) -> bool {
        self.network.activate(&self.input, &mut self.output).is_ok()
    }

    /// Learns from the target in the output buffer; false as in `activate`.
    pub fn propagate(&mut self, rate: f64) -> bool {
        self.network.propagate(rate, &self.output).is_ok()
    }

    #[wasm_bindgen(js_name = resetContext)]
    pub fn reset_context(&mut self) -> Result<(), JsValue> {
        Ok(self.network.reset_context()?)
    }

    pub fn clear(&mut self) -> Result<(), JsValue> {
        Ok(self.network.clear()?)
    }

    pub fn store(&mut self, graph: &mut GraphHandle) -> Result<(), JsValue> {
        Ok(self.network.store(&mut graph.graph)?)
    }

    pub fn load(&self, graph: &GraphHandle) -> Result<(), JsValue> {
        Ok(self.network.load(&graph.graph)?)
    }

    /// Takes weights that a worker with a memory of its own has sent.
    pub fn publish(&self, parameters: &[f64]) {
        self.network.shared().region.publish(parameters);
    }

    /// A consistent copy of weights and biases, also during a run.
    pub fn parameters(&self) -> Vec<f64> {
        self.network.parameters()
    }

    #[wasm_bindgen(js_name = beginRun)]
    pub fn begin_run(&mut self) -> Result<(), JsValue> {
        Ok(self.network.begin_run()?)
    }

    /// A run on this side's memory, after `beginRun`. Here, not with the runs: so a worker, which has no
    /// networks, carries no glue of theirs.
    pub fn run(&self, data: &DataSetHandle, options: &JsOptions) -> Result<RunHandle, JsValue> {
        RunHandle::start(self.shared(), Arc::clone(&data.data), Arc::default(), options)
    }

    #[wasm_bindgen(js_name = endRun)]
    pub fn end_run(&mut self, image: Option<Vec<f64>>) -> Result<(), JsValue> {
        Ok(self.network.end_run(image.as_deref())?)
    }

    /// Packs the network and a data set for workers on the same memory; gives the parcel's number.
    pub fn pack(&self, data: &DataSetHandle) -> u32 {
        parcel::send(Parcel { shared: self.shared(), data: Arc::clone(&data.data), crew: Arc::default() })
    }

    /// Outputs of every step of every sample, in the order of the data set's steps.
    #[wasm_bindgen(js_name = runSequences)]
    pub fn run_sequences(&self, data: &DataSetHandle) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        let size = self.output.len();
        let last = data.data.sample(data.data.len() - 1);
        let mut outputs = vec![0.0; (last.first + last.steps) * size];
        self.network.run_sequences::<f64>(&data.data, false, |step, output| {
            outputs[step * size..(step + 1) * size].copy_from_slice(output);
        });
        Ok(outputs)
    }

    /// Activations of every neuron at every step of the first sample, step after step.
    pub fn trace(&self, data: &DataSetHandle) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        Ok(self.network.trace(&data.data, data.data.sample(0)))
    }

    /// Error and accuracy on a set.
    pub fn test(
        &mut self,
        data: &DataSetHandle,
        cost: &str,
        sequences: bool,
        double: bool,
    ) -> Result<Vec<f64>, JsValue> {
        self.check(&data.data)?;
        let cost = cost_of(cost)?;
        let score = self.network.test(&data.data, cost, sequences, double)?;
        Ok(vec![score.error, score.accuracy])
    }
}

impl NetworkHandle {
    pub(super) fn shared(&self) -> Shared {
        self.network.shared().clone()
    }

    fn check(&self, data: &DataSet) -> Result<(), Error> {
        if data.input_size() == self.input.len() && data.output_size() == self.output.len() {
            return Ok(());
        }
        Err(Error::Range(format!(
            "the set has {} inputs and {} outputs, the network {} and {}",
            data.input_size(),
            data.output_size(),
            self.input.len(),
            self.output.len()
        )))
    }
}

/// A network inside a worker that activates and propagates on memory images sent to it.
#[wasm_bindgen]
pub struct Session {
    program: Program,
    memory: Vec<f64>,
    online: Online,
}

#[wasm_bindgen]
impl Session {
    #[wasm_bindgen(constructor)]
    pub fn new(program: Vec<u64>) -> Result<Session, JsValue> {
        let program = Program::from_words(program)?;
        Ok(Session { program, memory: Vec::new(), online: Online::default() })
    }

    /// One step on `memory`; gives the outputs.
    pub fn activate(&mut self, memory: &[f64], input: &[f64]) -> Result<Vec<f64>, JsValue> {
        self.take(memory, input.len(), self.program.inputs)?;
        self.online.activate(&self.program, &mut self.memory, input);
        Ok(self.program.layout.split(&mut self.memory).activations[self.program.outputs.clone()].to_vec())
    }

    /// Learns from one target on `memory`.
    pub fn propagate(&mut self, memory: &[f64], rate: f64, target: &[f64]) -> Result<(), JsValue> {
        self.take(memory, target.len(), self.program.output_count())?;
        self.online.propagate(&self.program, &mut self.memory, rate, target);
        Ok(())
    }

    /// The memory after the last call.
    pub fn memory(&self) -> Vec<f64> {
        self.memory.clone()
    }
}

impl Session {
    /// Takes a memory, and checks that values come in the number that is wanted.
    fn take(&mut self, memory: &[f64], given: usize, wanted: usize) -> Result<(), Error> {
        let size = self.program.layout.size();
        if memory.len() != size || given != wanted {
            return Err(Error::Range(format!(
                "a memory of {} numbers and {given} values, the program has {size} and {wanted}",
                memory.len()
            )));
        }
        memory.clone_into(&mut self.memory);
        Ok(())
    }
}
