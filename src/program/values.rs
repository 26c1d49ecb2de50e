//! The numbers of a network: from its graph to the memory of its program, and back.

use std::ops::Range;

use super::{Lowered, NO_CONNECTION, Placed, Views};
use crate::graph::{Graph, NeuronId};
use crate::shared::SPARE;

/// Copies the weights and eligibility traces of rows of a matrix to those of a memory.
fn load_matrix(placed: &Placed, graph: &Graph, weights: &mut [f64], eligibilities: &mut [f64]) {
    let matrix = &graph.matrices[placed.matrix];
    let columns = matrix.from.len();
    let (own, theirs) = ranges(placed, columns);
    match matrix.spread {
        None => {
            weights[own.clone()].copy_from_slice(&matrix.weights[theirs.clone()]);
            if !matrix.eligibilities.is_empty() {
                eligibilities[own].copy_from_slice(&matrix.eligibilities[theirs]);
            }
        }
        Some(first) => {
            for (own, at) in own.zip(theirs) {
                let connection = &graph.connections[matrix.connection(first, at / columns, at % columns)];
                (weights[own], eligibilities[own]) = (connection.weight, connection.eligibility);
            }
        }
    }
}

/// The way back.
fn store_matrix(placed: &Placed, weights: &[f64], eligibilities: &[f64], graph: &mut Graph) {
    let matrix = &mut graph.matrices[placed.matrix];
    let columns = matrix.from.len();
    let (own, theirs) = ranges(placed, columns);
    match matrix.spread {
        None => {
            matrix.weights[theirs.clone()].copy_from_slice(&weights[own.clone()]);
            if matrix.eligibilities.is_empty() && eligibilities[own.clone()].iter().any(|&trace| trace != 0.0) {
                matrix.eligibilities = vec![0.0; matrix.weights.len()];
            }
            if !matrix.eligibilities.is_empty() {
                matrix.eligibilities[theirs].copy_from_slice(&eligibilities[own]);
            }
        }
        Some(first) => {
            for (own, at) in own.zip(theirs) {
                let connection = &mut graph.connections[matrix.connection(first, at / columns, at % columns)];
                (connection.weight, connection.eligibility) = (weights[own], eligibilities[own]);
            }
        }
    }
}

/// Where rows of a matrix lie among the weights of a memory, and of the matrix.
fn ranges(placed: &Placed, columns: usize) -> (Range<usize>, Range<usize>) {
    let (count, first) = (placed.rows * columns, placed.target * columns);
    (placed.weight..placed.weight + count, first..first + count)
}

impl Lowered {
    /// A memory with the graph's values.
    pub fn load(&self, graph: &Graph) -> Vec<f64> {
        let program = &self.program;
        // With the room that a region wants, so that it need not be copied.
        let mut memory = Vec::with_capacity(program.layout.size() + SPARE);
        memory.resize(program.layout.size(), 0.0);
        let views = program.layout.split(&mut memory);
        for (unit, &id) in self.neurons.iter().enumerate() {
            let neuron = &graph.neurons[id as usize];
            views.biases[unit] = if unit < program.inputs { 0.0 } else { neuron.bias };
            views.states[unit] = neuron.state;
            views.olds[unit] = neuron.old;
            views.activations[unit] = neuron.activation;
            views.gains[unit] = neuron.gain;
            views.derivatives[unit] = neuron.derivative;
            views.responsibilities[unit] = neuron.responsibility.total;
        }
        for (weight, &id) in self.connections.iter().enumerate().filter(|(_, id)| **id != NO_CONNECTION) {
            let connection = &graph.connections[id as usize];
            views.weights[weight] = connection.weight;
            views.eligibilities[weight] = connection.eligibility;
        }
        for placed in &self.matrices {
            load_matrix(placed, graph, views.weights, views.eligibilities);
        }
        self.for_each_past(|at, neuron, steps| {
            views.past[at] = graph.neurons[neuron as usize].past.get(steps).copied().unwrap_or_default();
        });
        self.for_each_trace(graph, |trace, neuron, relation, position| {
            views.extended[trace] = graph.neurons[neuron as usize].extended[relation].traces[position];
        });
        memory
    }

    /// Stores a memory's values in the graph.
    pub fn store(&self, memory: &mut [f64], graph: &mut Graph) {
        let views = self.program.layout.split(memory);
        for (unit, &id) in self.neurons.iter().enumerate() {
            let neuron = &mut graph.neurons[id as usize];
            neuron.bias = views.biases[unit];
            neuron.state = views.states[unit];
            neuron.old = views.olds[unit];
            neuron.activation = views.activations[unit];
            neuron.gain = views.gains[unit];
            neuron.derivative = views.derivatives[unit];
            neuron.responsibility.total = views.responsibilities[unit];
        }
        for (weight, &id) in self.connections.iter().enumerate().filter(|(_, id)| **id != NO_CONNECTION) {
            let connection = &mut graph.connections[id as usize];
            connection.weight = views.weights[weight];
            connection.eligibility = views.eligibilities[weight];
        }
        for placed in &self.matrices {
            store_matrix(placed, views.weights, views.eligibilities, graph);
        }
        self.for_each_past(|at, neuron, steps| {
            let neuron = &mut graph.neurons[neuron as usize];
            if steps < neuron.reach as usize {
                neuron.past.resize(neuron.reach as usize, 0.0);
                neuron.past[steps] = views.past[at];
            }
        });
        let mut moves = Vec::new();
        self.for_each_trace(graph, |trace, neuron, relation, position| {
            moves.push((trace, neuron, relation, position));
        });
        for (trace, neuron, relation, position) in moves {
            graph.neurons[neuron as usize].extended[relation].traces[position] = views.extended[trace];
        }
        self.store_stateless_traces(&views, graph);
    }

    /// Stores the extended traces towards gated units without state. The memory does not hold them: each is
    /// the influence times the eligibility.
    fn store_stateless_traces(&self, views: &Views, graph: &mut Graph) {
        for (unit, pairs) in self.program.pair_rows.iter().enumerate() {
            for index in pairs.clone() {
                let pair = &self.program.pairs[index];
                if pair.traces.is_some() {
                    continue;
                }
                let target = self.neurons[pair.target];
                let Graph { neurons, connections, .. } = graph;
                let neuron = &mut neurons[self.neurons[unit] as usize];
                let incoming = &neuron.incoming;
                for relation in neuron.extended.iter_mut().filter(|relation| relation.target == target) {
                    for (trace, &id) in relation.traces.iter_mut().zip(incoming) {
                        *trace = views.influences[index] * connections[id as usize].eligibility;
                    }
                }
            }
        }
    }

    /// Calls `visit(offset in the past, neuron, steps before the step before)` for every activation that is kept.
    fn for_each_past(&self, mut visit: impl FnMut(usize, NeuronId, usize)) {
        let past = self.program.past;
        for (at, steps) in (0..self.program.layout.past).map(|at| (at, at / past.span)) {
            visit(at, self.neurons[past.first + at % past.span], steps);
        }
    }

    /// Calls `visit(trace offset, neuron, relation, position among incoming)` for every extended
    /// trace in the memory.
    #[inline(never)]
    fn for_each_trace(&self, graph: &Graph, mut visit: impl FnMut(usize, NeuronId, usize, usize)) {
        let program = &self.program;
        let mut position_of = vec![0; graph.connections.len()];
        for (unit, pairs) in program.pair_rows.iter().enumerate() {
            if pairs.is_empty() {
                continue;
            }
            let id = self.neurons[unit];
            let neuron = &graph.neurons[id as usize];
            for (position, &connection) in neuron.incoming.iter().enumerate() {
                position_of[connection as usize] = position;
            }
            for pair in &program.pairs[pairs.clone()] {
                let Some(mut trace) = pair.traces else { continue };
                let target = self.neurons[pair.target];
                let Some(relation) = neuron.extended.iter().position(|relation| relation.target == target) else {
                    continue;
                };
                for segment in &program.segments[program.rows[unit].clone()] {
                    for &connection in &self.connections[segment.weight..segment.weight + segment.len] {
                        visit(trace, id, relation, position_of[connection as usize]);
                        trace += 1;
                    }
                }
            }
        }
    }
}
