//! The graph for JavaScript's `Neuron` and `Layer`.

use wasm_bindgen::prelude::*;

use super::names;
use super::random::with_random;
use crate::error::Error;
use crate::field::Choice;
use crate::graph::{Connection, Graph, Neuron, Pooling, Readout, Squash};

/// Columns of a neuron in [`GraphHandle::neurons`] and [`GraphHandle::set_neurons`]; the last ones can only be read.
pub const NEURON_FIELDS: [&str; 13] = [
    "bias",
    "state",
    "old",
    "activation",
    "squash",
    "fixed",
    "reversed",
    "pooling",
    "score",
    "derivative",
    "total",
    "projected",
    "gated",
];
/// How many of them can be set.
pub const NEURON_FIELDS_SET: usize = 9;
/// Columns of a connection in [`GraphHandle::connections`].
pub const CONNECTION_FIELDS: [&str; 6] = ["from", "to", "weight", "gater", "fixed", "gain"];

fn neuron_fields(neuron: &Neuron) -> [f64; NEURON_FIELDS.len()] {
    // The kind's place from 1, 0 for none; the neuron that scores, -1 for none.
    let (pooling, score) = match neuron.pooling.map(Pooling::parts) {
        Some((kind, score)) => (kind as usize + 1, score.map_or(-1.0, f64::from)),
        None => (0, -1.0),
    };
    [
        neuron.bias,
        neuron.state,
        neuron.old,
        neuron.activation,
        f64::from(neuron.squash as u8),
        f64::from(u8::from(neuron.fixed_bias)),
        f64::from(u8::from(neuron.reversed)),
        pooling as f64,
        score,
        neuron.derivative,
        neuron.responsibility.total,
        neuron.responsibility.projected,
        neuron.responsibility.gated,
    ]
}

fn connection_fields(connection: &Connection, neurons: &[Neuron]) -> [f64; CONNECTION_FIELDS.len()] {
    [
        f64::from(connection.from),
        f64::from(connection.to),
        connection.weight,
        connection.gater.map_or(-1.0, f64::from),
        f64::from(u8::from(connection.fixed)),
        connection.gater.map_or(1.0, |gater| neurons[gater as usize].gain),
    ]
}

#[wasm_bindgen(js_name = Graph)]
pub struct GraphHandle {
    pub(super) graph: Graph,
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
        let kind = names::choice(kind, names::constant)?;
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
        let kind = names::choice(kind, names::constant)?;
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

    pub fn propagate(&mut self, neuron: u32, rate: f64, target: Option<f64>) -> Result<(), JsValue> {
        if self.graph.neurons[neuron as usize].pooling.is_some() {
            return Err(Error::Type("a read-out's neuron learns from whole sequences, not step by step".into()).into());
        }
        self.graph.propagate(neuron, rate, target);
        Ok(())
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

    /// The columns of these neurons, one neuron after the other.
    pub fn neurons(&self, ids: &[u32]) -> Vec<f64> {
        ids.iter().flat_map(|&id| neuron_fields(&self.graph.neurons[id as usize])).collect()
    }

    #[wasm_bindgen(js_name = setNeurons)]
    pub fn set_neurons(&mut self, ids: &[u32], fields: &[f64]) {
        for (&id, fields) in ids.iter().zip(fields.chunks_exact(NEURON_FIELDS_SET)) {
            let neuron = &mut self.graph.neurons[id as usize];
            [neuron.bias, neuron.state, neuron.old, neuron.activation] = [fields[0], fields[1], fields[2], fields[3]];
            neuron.squash = Squash::from_code(fields[4] as u8).unwrap_or(Squash::Logistic);
            neuron.fixed_bias = fields[5] != 0.0;
            neuron.reversed = fields[6] != 0.0;
            let score = (fields[8] >= 0.0).then_some(fields[8] as u32);
            neuron.pooling =
                (fields[7] as usize).checked_sub(1).and_then(|place| Pooling::new(*Readout::ALL.get(place)?, score));
        }
    }

    /// The columns of these connections, one connection after the other; the gater is -1 where there is none.
    pub fn connections(&self, ids: &[u32]) -> Vec<f64> {
        let Graph { connections, neurons, .. } = &self.graph;
        ids.iter().flat_map(|&id| connection_fields(&connections[id as usize], neurons)).collect()
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
