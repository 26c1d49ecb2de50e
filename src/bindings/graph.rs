//! The graph for JavaScript's `Neuron` and `Layer`. What looks at connections one by one has matrices spread before.

use wasm_bindgen::prelude::*;

use super::random::with_random;
use super::{names, returned};
use crate::error::Error;
use crate::graph::{Graph, NEURON_FIELDS};
use crate::program::delayed;

#[wasm_bindgen(js_name = Graph)]
pub struct GraphHandle {
    pub(super) graph: Graph,
}

#[wasm_bindgen(js_class = Graph)]
impl GraphHandle {
    #[wasm_bindgen(constructor)]
    pub fn new() -> GraphHandle {
        returned(GraphHandle { graph: Graph::new() })
    }

    /// Adds neurons; gives the id of the first.
    #[wasm_bindgen(js_name = addNeurons)]
    pub fn add_neurons(&mut self, count: usize) -> u32 {
        let first = self.graph.neurons.len() as u32;
        with_random(None, |random| self.graph.add_layer(count, random));
        first
    }

    pub fn project(
        &mut self,
        from: &[u32],
        to: &[u32],
        kind: &str,
        weight: Option<f64>,
        delay: i32,
    ) -> Result<Vec<u32>, JsValue> {
        self.graph.spread()?;
        let kind = names::choice(kind, names::constant)?;
        Ok(with_random(None, |random| self.graph.project_layer(from, to, kind, weight, delay, random))?)
    }

    #[wasm_bindgen(js_name = gateConnection)]
    pub fn gate_connection(&mut self, gater: u32, connection: u32) -> Result<(), JsValue> {
        self.graph.spread()?;
        self.graph.gate(gater, connection);
        Ok(())
    }

    /// Connects all of a range of neurons to all of another, with weights (targets, delays, sources); for files. Where it is
    /// gated, `gater` is the first of the gaters, one per target or, by `by_source`, per source.
    #[wasm_bindgen(js_name = connectAll)]
    #[expect(clippy::too_many_arguments, reason = "an object would have to be read field by field")]
    pub fn connect_all(
        &mut self,
        from: u32,
        from_count: u32,
        to: u32,
        to_count: u32,
        weights: Vec<f64>,
        delays: &[i32],
        fixed: bool,
        gater: Option<u32>,
        by_source: bool,
    ) -> Result<(), JsValue> {
        let (from, to) = ((from..from + from_count).collect(), (to..to + to_count).collect());
        Ok(self.graph.connect_block(from, to, weights, delays, fixed, gater, by_source)?)
    }

    /// Whether connections are kept as matrices.
    #[wasm_bindgen(js_name = hasMatrices)]
    pub fn has_matrices(&self) -> bool {
        self.graph.has_matrices()
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
        self.graph.spread()?;
        Ok(self.graph.gate_layer(gaters, from, to, connections, kind)?)
    }

    /// Takes over another graph, which is empty then; gives the offsets of its neurons and connections.
    pub fn absorb(&mut self, other: &mut GraphHandle) -> Vec<u32> {
        let (neurons, connections) = self.graph.absorb(&mut other.graph);
        vec![neurons, connections]
    }

    pub fn size(&self) -> usize {
        self.graph.neurons.len()
    }

    pub fn find(&mut self, from: u32, to: u32, delay: i32) -> Result<Option<u32>, JsValue> {
        self.graph.spread()?;
        Ok(self.graph.find(from, to, delay))
    }

    pub fn feed(&mut self, neuron: u32, input: f64) {
        self.graph.feed(neuron, input);
    }

    /// Activates neurons in this order; gives their activations.
    pub fn activate(&mut self, neurons: &[u32]) -> Result<Vec<f64>, JsValue> {
        self.graph.spread()?;
        self.graph.activate(neurons);
        Ok(neurons.iter().map(|&id| self.graph.neurons[id as usize].activation).collect())
    }

    pub fn propagate(&mut self, neuron: u32, rate: f64, target: Option<f64>) -> Result<(), JsValue> {
        self.graph.spread()?;
        if self.graph.neurons[neuron as usize].pooling.is_some() {
            return Err(Error::Type("a read-out's neuron learns from whole sequences, not step by step".into()).into());
        }
        if self.graph.is_delayed(neuron) {
            return Err(delayed().into());
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

    pub fn reset(&mut self, neurons: &[u32]) -> Result<(), JsValue> {
        self.graph.spread()?;
        with_random(None, |random| self.graph.reset(neurons, random));
        Ok(())
    }

    /// The rows of these neurons, one after the other.
    pub fn neurons(&self, ids: &[u32]) -> Vec<f64> {
        ids.iter().flat_map(|&id| self.graph.neuron_row(id)).collect()
    }

    #[wasm_bindgen(js_name = setNeurons)]
    pub fn set_neurons(&mut self, ids: &[u32], rows: &[f64]) {
        for (&id, row) in ids.iter().zip(rows.chunks_exact(NEURON_FIELDS.len())) {
            self.graph.set_neuron_row(id, row);
        }
    }

    /// The rows of these connections, one after the other.
    pub fn connections(&self, ids: &[u32]) -> Vec<f64> {
        ids.iter().flat_map(|&id| self.graph.connection_row(&self.graph.connections[id as usize])).collect()
    }

    /// The rows of consecutive neurons.
    #[wasm_bindgen(js_name = neuronsFrom)]
    pub fn neurons_from(&self, first: usize, count: usize) -> Vec<f64> {
        (first..first + count).flat_map(|id| self.graph.neuron_row(id as u32)).collect()
    }

    /// Number of connections.
    #[wasm_bindgen(js_name = connectionCount)]
    pub fn connection_count(&self) -> usize {
        self.graph.connections.len()
    }

    /// The rows of consecutive connections.
    #[wasm_bindgen(js_name = connectionsFrom)]
    pub fn connections_from(&self, first: usize, count: usize) -> Vec<f64> {
        let connections = &self.graph.connections[first..first + count];
        connections.iter().flat_map(|connection| self.graph.connection_row(connection)).collect()
    }

    /// What the gaters know of what they gate, see [`Graph::relation_rows`].
    pub fn relations(&self) -> Vec<f64> {
        self.graph.relation_rows()
    }

    /// The neurons of these rows, without connections.
    #[wasm_bindgen(js_name = ofNeurons)]
    pub fn of_neurons(rows: &[f64]) -> GraphHandle {
        returned(GraphHandle { graph: Graph::of_neurons(rows) })
    }

    /// Adds the connections of these rows, see [`Graph::connect_rows`].
    #[wasm_bindgen(js_name = connectRows)]
    pub fn connect_rows(&mut self, rows: &[f64], gate: bool) {
        self.graph.connect_rows(rows, gate);
    }

    /// Lets gaters know what they gate, see [`Graph::relate`].
    pub fn relate(&mut self, rows: &[f64]) {
        self.graph.relate(rows);
    }

    /// The matrices, see [`Graph::matrix_rows`].
    pub fn matrices(&self) -> Vec<f64> {
        self.graph.matrix_rows()
    }

    /// Takes matrices, see [`Graph::take_matrices`].
    #[wasm_bindgen(js_name = takeMatrices)]
    pub fn take_matrices(&mut self, rows: &[f64]) {
        self.graph.take_matrices(rows);
    }

    /// Activations of steps before, see [`Graph::past_rows`].
    pub fn pasts(&self) -> Vec<f64> {
        self.graph.past_rows()
    }

    /// Takes activations of steps before, see [`Graph::take_pasts`].
    #[wasm_bindgen(js_name = takePasts)]
    pub fn take_pasts(&mut self, rows: &[f64]) {
        self.graph.take_pasts(rows);
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        self.graph.bytes()
    }

    #[wasm_bindgen(js_name = setWeight)]
    pub fn set_weight(&mut self, connection: u32, weight: f64) {
        self.graph.connections[connection as usize].weight = weight;
    }

    pub fn incoming(&mut self, neuron: u32) -> Result<Vec<u32>, JsValue> {
        self.graph.spread()?;
        Ok(self.graph.neurons[neuron as usize].incoming.clone())
    }

    pub fn projected(&mut self, neuron: u32) -> Result<Vec<u32>, JsValue> {
        self.graph.spread()?;
        Ok(self.graph.neurons[neuron as usize].projected.clone())
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
