//! The graph for JavaScript's `Neuron`, `Layer` and `Architect`.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::options::{JsLstmOptions, connection_type_of, lstm_options, output_of};
use super::to_js;
use crate::error::Error;
use crate::graph::architect::{self, Blueprint};
use crate::graph::{GateType, Graph, Squash};
use crate::random::Random;

thread_local! {
    /// Where weights come from unless a call brings a seed.
    static RANDOM: RefCell<Random> = RefCell::new(Random::new((js_sys::Math::random() * 2f64.powi(53)) as u64));
}

fn with_random<R>(seed: Option<f64>, use_random: impl FnOnce(&mut Random) -> R) -> R {
    match seed {
        Some(seed) => use_random(&mut Random::new(seed as u64)),
        None => RANDOM.with(|random| use_random(&mut random.borrow_mut())),
    }
}

/// Numbers per neuron in [`GraphHandle::neurons`] and [`GraphHandle::set_neurons`]: bias, state,
/// old state, activation, squash code, fixed bias, reversed, then (read only) derivative and the
/// three responsibilities.
const NEURON_FIELDS: usize = 11;
const NEURON_FIELDS_SET: usize = 7;

#[wasm_bindgen(js_name = Graph)]
pub struct GraphHandle {
    pub(super) graph: Graph,
}

/// A graph with the layers and projections an architect made, which the page wraps in handles.
#[wasm_bindgen(js_name = Blueprint)]
pub struct BlueprintHandle {
    blueprint: Blueprint,
}

#[wasm_bindgen(js_class = Blueprint)]
impl BlueprintHandle {
    pub fn perceptron(sizes: Vec<usize>, output: &str, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        let output = output_of(output)?;
        let blueprint = with_random(seed, |random| architect::perceptron(&sizes, output, random))?;
        Ok(BlueprintHandle { blueprint })
    }

    pub fn lstm(sizes: Vec<usize>, options: &JsLstmOptions, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        let options = lstm_options(options)?;
        let blueprint = with_random(seed, |random| architect::lstm(&sizes, &options, random))?;
        Ok(BlueprintHandle { blueprint })
    }

    pub fn liquid(
        inputs: usize,
        hidden: usize,
        outputs: usize,
        connections: usize,
        gates: usize,
        seed: Option<f64>,
    ) -> Result<BlueprintHandle, JsValue> {
        let build = |random: &mut Random| architect::liquid(inputs, hidden, outputs, connections, gates, random);
        Ok(BlueprintHandle { blueprint: with_random(seed, build)? })
    }

    pub fn hopfield(size: usize, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        Ok(BlueprintHandle { blueprint: with_random(seed, |random| architect::hopfield(size, random))? })
    }

    /// `{ layers: [{ name, neurons }], projections: [{ from, to, kind, connections, gates }] }`.
    pub fn plan(&self) -> Result<JsValue, JsValue> {
        to_js(&self.blueprint)
    }

    #[wasm_bindgen(js_name = intoGraph)]
    pub fn into_graph(self) -> GraphHandle {
        GraphHandle { graph: self.blueprint.graph }
    }
}

#[wasm_bindgen(js_class = Graph)]
impl GraphHandle {
    #[wasm_bindgen(constructor)]
    pub fn new() -> GraphHandle {
        GraphHandle { graph: Graph::new() }
    }

    /// Adds neurons; gives the id of the first.
    #[wasm_bindgen(js_name = addNeurons)]
    pub fn add_neurons(&mut self, count: usize) -> u32 {
        let first = self.graph.neurons.len() as u32;
        with_random(None, |random| self.graph.add_layer(count, random));
        first
    }

    pub fn project(&mut self, from: &[u32], to: &[u32], kind: &str, weight: Option<f64>) -> Result<Vec<u32>, JsValue> {
        let kind = connection_type_of(kind)?;
        Ok(with_random(None, |random| self.graph.project_layer(from, to, kind, weight, random))?)
    }

    /// Adds a connection beside any that runs between the two neurons; for files.
    pub fn connect(&mut self, from: u32, to: u32, weight: f64, fixed: bool) -> u32 {
        let id = self.graph.connect(from, to, weight);
        self.graph.connections[id as usize].fixed = fixed;
        id
    }

    #[wasm_bindgen(js_name = gateConnection)]
    pub fn gate_connection(&mut self, gater: u32, connection: u32) {
        self.graph.gate(gater, connection);
    }

    pub fn gate(
        &mut self,
        gaters: &[u32],
        from: &[u32],
        to: &[u32],
        connections: &[u32],
        kind: &str,
    ) -> Result<(), JsValue> {
        let kind = match kind {
            "INPUT" => GateType::Input,
            "OUTPUT" => GateType::Output,
            "ONE_TO_ONE" => GateType::OneToOne,
            _ => return Err(Error::Type(format!("{kind} is no gate type")).into()),
        };
        Ok(self.graph.gate_layer(gaters, from, to, connections, kind)?)
    }

    /// Takes over another graph; gives the offsets of its neurons and connections.
    pub fn absorb(&mut self, other: GraphHandle) -> Vec<u32> {
        let (neurons, connections) = self.graph.absorb(other.graph);
        vec![neurons, connections]
    }

    pub fn size(&self) -> usize {
        self.graph.neurons.len()
    }

    pub fn find(&self, from: u32, to: u32) -> Option<u32> {
        self.graph.find(from, to)
    }

    pub fn feed(&mut self, neuron: u32, input: f64) {
        self.graph.feed(neuron, input);
    }

    /// Activates neurons in this order; gives their activations.
    pub fn activate(&mut self, neurons: &[u32]) -> Vec<f64> {
        self.graph.activate(neurons);
        neurons.iter().map(|&id| self.graph.neurons[id as usize].activation).collect()
    }

    pub fn propagate(&mut self, neuron: u32, rate: f64, target: Option<f64>) {
        self.graph.propagate(neuron, rate, target);
    }

    pub fn clear(&mut self, neurons: &[u32]) {
        self.graph.clear(neurons);
    }

    #[wasm_bindgen(js_name = resetContext)]
    pub fn reset_context(&mut self, neurons: &[u32]) {
        self.graph.reset_context(neurons);
    }

    pub fn reset(&mut self, neurons: &[u32]) {
        with_random(None, |random| self.graph.reset(neurons, random));
    }

    /// All fields of these neurons, one after the other.
    pub fn neurons(&self, ids: &[u32]) -> Vec<f64> {
        let mut fields = Vec::with_capacity(ids.len() * NEURON_FIELDS);
        for &id in ids {
            let neuron = &self.graph.neurons[id as usize];
            fields.extend([
                neuron.bias,
                neuron.state,
                neuron.old,
                neuron.activation,
                f64::from(neuron.squash as u8),
                f64::from(u8::from(neuron.fixed_bias)),
                f64::from(u8::from(neuron.reversed)),
                neuron.derivative,
                neuron.responsibility.total,
                neuron.responsibility.projected,
                neuron.responsibility.gated,
            ]);
        }
        fields
    }

    #[wasm_bindgen(js_name = setNeurons)]
    pub fn set_neurons(&mut self, ids: &[u32], fields: &[f64]) {
        for (&id, fields) in ids.iter().zip(fields.chunks_exact(NEURON_FIELDS_SET)) {
            let neuron = &mut self.graph.neurons[id as usize];
            [neuron.bias, neuron.state, neuron.old, neuron.activation] = [fields[0], fields[1], fields[2], fields[3]];
            neuron.squash = Squash::from_code(fields[4] as u8).unwrap_or(Squash::Logistic);
            neuron.fixed_bias = fields[5] != 0.0;
            neuron.reversed = fields[6] != 0.0;
        }
    }

    /// From, to, weight, gater (or -1), fixed, gain of these connections, one after the other.
    pub fn connections(&self, ids: &[u32]) -> Vec<f64> {
        let mut fields = Vec::with_capacity(ids.len() * 6);
        for &id in ids {
            let connection = &self.graph.connections[id as usize];
            let gain = connection.gater.map_or(1.0, |gater| self.graph.neurons[gater as usize].gain);
            fields.extend([
                f64::from(connection.from),
                f64::from(connection.to),
                connection.weight,
                connection.gater.map_or(-1.0, f64::from),
                f64::from(u8::from(connection.fixed)),
                gain,
            ]);
        }
        fields
    }

    #[wasm_bindgen(js_name = setWeight)]
    pub fn set_weight(&mut self, connection: u32, weight: f64) {
        self.graph.connections[connection as usize].weight = weight;
    }

    pub fn incoming(&self, neuron: u32) -> Vec<u32> {
        self.graph.neurons[neuron as usize].incoming.clone()
    }

    pub fn projected(&self, neuron: u32) -> Vec<u32> {
        self.graph.neurons[neuron as usize].projected.clone()
    }

    pub fn gated(&self, neuron: u32) -> Vec<u32> {
        let extended = &self.graph.neurons[neuron as usize].extended;
        extended.iter().flat_map(|relation| relation.gated.iter().copied()).collect()
    }

    #[wasm_bindgen(js_name = selfConnection)]
    pub fn self_connection(&self, neuron: u32) -> Option<u32> {
        self.graph.neurons[neuron as usize].self_connection
    }
}
