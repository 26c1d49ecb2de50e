//! The layers of a network as arrays, for files: what stands where in a graph, and a graph of what a file says.

use std::collections::HashMap;

use engram::field::Choice;
use engram::graph::{Graph, Neuron, NeuronId, Pooling, Readout, Squash};
use engram::random::Random;

/// Columns of a neuron: bias, state, old, activation, code of its squash, whether its bias is fixed, whether it reads
/// sequences from their end, code of its pooling (0 for none), place of the neuron that scores (-1 for none).
pub const NEURON_FIELDS: usize = 9;

/// Neurons and connections by their places; one row each.
#[derive(Default)]
pub struct Parts {
    /// (neurons, [`NEURON_FIELDS`]).
    pub neurons: Vec<f64>,
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    pub weights: Vec<f64>,
    /// Place of the gater of each connection, -1 where there is none.
    pub gaters: Vec<i64>,
    /// Whether the weight of each connection learns nothing.
    pub fixed: Vec<bool>,
    /// Delay of each connection.
    pub delays: Vec<i32>,
    /// Activations of steps before, of each neuron that has some: its place, how many they are, and these.
    pub pasts: Vec<f64>,
}

fn fields(neuron: &Neuron, place: &HashMap<NeuronId, u32>) -> [f64; NEURON_FIELDS] {
    let (pooling, score) = match neuron.pooling.map(Pooling::parts) {
        Some((kind, score)) => (kind as usize + 1, score.and_then(|score| place.get(&score)).copied()),
        None => (0, None),
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
        score.map_or(-1.0, f64::from),
    ]
}

impl Parts {
    /// What a graph holds of these neurons, in their order; connections source by source, the one onto itself last.
    pub fn of(graph: &Graph, neurons: &[NeuronId]) -> Self {
        let place: HashMap<NeuronId, u32> = neurons.iter().copied().zip(0..).collect();
        let mut parts = Parts::default();
        for &id in neurons {
            let neuron = &graph.neurons[id as usize];
            parts.neurons.extend(fields(neuron, &place));
            if neuron.past.iter().any(|&value| value != 0.0) {
                parts.pasts.extend([f64::from(place[&id]), neuron.past.len() as f64]);
                parts.pasts.extend(&neuron.past);
            }
            for &leaving in neuron.projected.iter().chain(&neuron.self_connection) {
                let connection = &graph.connections[leaving as usize];
                let Some(&to) = place.get(&connection.to) else { continue };
                let gater = connection.gater.and_then(|gater| place.get(&gater));
                parts.from.push(place[&id]);
                parts.to.push(to);
                parts.weights.push(connection.weight);
                parts.gaters.push(gater.map_or(-1, |&gater| i64::from(gater)));
                parts.fixed.push(connection.fixed);
                parts.delays.push(connection.delay);
            }
        }
        parts
    }

    /// A graph in which every neuron has its place as its id; `None` where a place is none, or the columns differ in
    /// length. A second connection of a neuron onto itself is left out.
    pub fn graph(&self) -> Option<Graph> {
        let rows = self.neurons.as_chunks::<NEURON_FIELDS>().0;
        let Parts { from, to, weights, gaters, fixed, delays, .. } = self;
        let count = from.len();
        let known = |place: u32| ((place as usize) < rows.len()).then_some(place);
        if [to.len(), weights.len(), gaters.len(), fixed.len(), delays.len()] != [count; 5] {
            return None;
        }
        let mut graph = Graph::new();
        // The first biases are replaced.
        graph.add_layer(rows.len(), &mut Random::new(0));
        for (neuron, &row) in graph.neurons.iter_mut().zip(rows) {
            let [bias, state, old, activation, squash, fixed_bias, reversed, pooling, score] = row;
            [neuron.bias, neuron.state, neuron.old, neuron.activation] = [bias, state, old, activation];
            neuron.squash = Squash::from_code(squash as u8)?;
            neuron.fixed_bias = fixed_bias != 0.0;
            neuron.reversed = reversed != 0.0;
            if pooling != 0.0 {
                let kind = *Readout::ALL.get(pooling as usize - 1)?;
                let score = if score < 0.0 { None } else { Some(known(score as u32)?) };
                neuron.pooling = Some(Pooling::new(kind, score)?);
            }
        }
        for index in 0..count {
            let (from, to) = (known(from[index])?, known(to[index])?);
            let (delay, retains) = (delays[index], from == to && delays[index] == 0);
            if retains && graph.neurons[from as usize].self_connection.is_some() {
                continue;
            }
            let id = graph.connect(from, to, if retains { 1.0 } else { weights[index] }, delay);
            graph.connections[id as usize].fixed = fixed[index];
            if let Ok(gater) = u32::try_from(gaters[index]) {
                graph.gate(known(gater)?, id);
            }
        }
        let mut pasts = &self.pasts[..];
        while let [place, count, rest @ ..] = pasts {
            let (past, rest) = rest.split_at_checked(*count as usize)?;
            graph.neurons[known(*place as u32)? as usize].past = past.to_vec();
            pasts = rest;
        }
        Some(graph)
    }
}
