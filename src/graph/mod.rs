//! The graph: what the user builds. Neurons, connections between any two of them, and gates.
//!
//! Everything else is made from the graph: a [`Program`](crate::program::Program) is lowered from it
//! for speed and stores its values back; [`mod@reference`] runs the graph as it stands.

pub mod architect;
mod change;
mod element;
mod layer;
mod matrix;
mod pooling;
pub mod reference;
mod rows;
#[cfg(test)]
mod tests;

pub use crate::kernels::Squash;
use crate::random::Random;
pub use element::{Connection, Extended, Neuron, Responsibility};
pub use layer::{ConnectionType, GateType, MAX_DELAY};
pub use matrix::{MAX_CONNECTIONS, MAX_MATRIX, Matrix};
pub use pooling::{Pooled, Pooling, Readout};
pub use rows::{CONNECTION_FIELDS, NEURON_FIELDS};
#[cfg(test)]
pub(crate) use tests::random_gated;

/// Index of a neuron in its graph.
pub type NeuronId = u32;
/// Index of a connection in its graph.
pub type ConnectionId = u32;

/// Neurons and connections, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All neurons.
    pub neurons: Vec<Neuron>,
    /// All connections that are kept one by one, self-connections included.
    pub connections: Vec<Connection>,
    /// The other connections, and those that were kept so before.
    pub matrices: Vec<Matrix>,
}

/// An entry of a neuron's edges.
fn edge(to: NeuronId, id: ConnectionId) -> u64 {
    u64::from(to) << 32 | u64::from(id)
}

impl Graph {
    /// A graph with no neurons.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a neuron with a random bias and the logistic squash.
    pub fn add_neuron(&mut self, random: &mut Random) -> NeuronId {
        self.neurons.push(Neuron {
            squash: Squash::Logistic,
            bias: random.weight(),
            fixed_bias: false,
            reversed: false,
            pooling: None,
            state: 0.0,
            old: 0.0,
            activation: 0.0,
            past: Vec::new(),
            reach: 0,
            fired: 0,
            derivative: 0.0,
            gain: 1.0,
            responsibility: Responsibility::default(),
            incoming: Vec::new(),
            projected: Vec::new(),
            edges: Vec::new(),
            self_connection: None,
            extended: Vec::new(),
        });
        (self.neurons.len() - 1) as NeuronId
    }

    /// Adds `count` neurons and gives their ids.
    pub fn add_layer(&mut self, count: usize, random: &mut Random) -> Vec<NeuronId> {
        (0..count).map(|_| self.add_neuron(random)).collect()
    }

    /// The connection of this delay from one neuron to another, if there is one that is kept on its own; the first of
    /// several.
    pub fn find(&self, from: NeuronId, to: NeuronId, delay: i32) -> Option<ConnectionId> {
        let edges = &self.neurons[from as usize].edges;
        let position = edges.partition_point(|&other| other < edge(to, 0));
        let between = edges[position..].iter().take_while(|&&other| other >> 32 == u64::from(to));
        between.map(|&other| other as ConnectionId).find(|&id| self.connections[id as usize].delay == delay)
    }

    /// Connects two neurons. An existing connection of this delay is kept and takes the weight, if one is given.
    /// A neuron projected onto itself without delay gets a self-connection, whose weight is always 1.
    pub fn project(
        &mut self,
        from: NeuronId,
        to: NeuronId,
        weight: Option<f64>,
        delay: i32,
        random: &mut Random,
    ) -> ConnectionId {
        let retains = from == to && delay == 0;
        match self.find(from, to, delay) {
            Some(existing) => {
                if let Some(weight) = weight
                    && !retains
                {
                    self.connections[existing as usize].weight = weight;
                }
                existing
            }
            None => {
                let weight = if retains { 1.0 } else { weight.unwrap_or_else(|| random.weight()) };
                self.connect(from, to, weight, delay)
            }
        }
    }

    /// Whether a connection from or to the neuron has a delay.
    pub fn is_delayed(&self, neuron: NeuronId) -> bool {
        let Neuron { reach, incoming, .. } = &self.neurons[neuron as usize];
        *reach > 0 || incoming.iter().any(|&id| self.connections[id as usize].delay != 0)
    }

    /// Adds a connection, even beside another that already runs between the two neurons.
    pub fn connect(&mut self, from: NeuronId, to: NeuronId, weight: f64, delay: i32) -> ConnectionId {
        let id = self.connections.len() as ConnectionId;
        self.connections.push(Connection::new(from, to, weight, delay));
        let reach = &mut self.neurons[from as usize].reach;
        *reach = delay.unsigned_abs().max(*reach);
        let edges = &mut self.neurons[from as usize].edges;
        let own = edge(to, id);
        let last = edges.last().is_none_or(|&other| other < own);
        let position = if last { edges.len() } else { edges.partition_point(|&other| other < own) };
        edges.insert(position, own);
        if from == to && delay == 0 {
            self.neurons[to as usize].self_connection = Some(id);
        } else {
            self.neurons[from as usize].projected.push(id);
            let target = &mut self.neurons[to as usize];
            target.incoming.push(id);
            for extended in &mut target.extended {
                extended.traces.push(0.0);
            }
        }
        id
    }

    /// Lets a neuron gate a connection. A connection has one gater: a second one replaces the first.
    pub fn gate(&mut self, gater: NeuronId, connection: ConnectionId) {
        let target = self.connections[connection as usize].to;
        // All that can fail for want of memory comes before the first change.
        let neuron = &mut self.neurons[gater as usize];
        match neuron.extended.iter_mut().find(|relation| relation.target == target) {
            Some(relation) => relation.gated.reserve(1),
            None => neuron.extended.reserve(1),
        }
        let (gated, traces) = (vec![connection], vec![0.0; neuron.incoming.len()]);
        if let Some(previous) = self.connections[connection as usize].gater.replace(gater) {
            let extended = &mut self.neurons[previous as usize].extended;
            for relation in extended.iter_mut() {
                relation.gated.retain(|&gated| gated != connection);
            }
            extended.retain(|relation| !relation.gated.is_empty());
        }
        let neuron = &mut self.neurons[gater as usize];
        match neuron.extended.iter_mut().find(|relation| relation.target == target) {
            Some(relation) => relation.gated.push(connection),
            None => neuron.extended.push(Extended { target, gated, traces }),
        }
    }

    /// Moves every neuron and connection of `other` into this graph, behind its own; their ids
    /// grow by the numbers returned (neurons, connections). Where memory is used up, both stay as they are.
    pub fn absorb(&mut self, other: &mut Graph) -> (u32, u32) {
        self.neurons.reserve(other.neurons.len());
        self.connections.reserve(other.connections.len());
        let other = std::mem::take(other);
        let neuron_offset = self.neurons.len() as u32;
        let connection_offset = self.connections.len() as u32;
        for mut neuron in other.neurons {
            let ids = neuron.incoming.iter_mut().chain(&mut neuron.projected).chain(&mut neuron.self_connection);
            for id in ids {
                *id += connection_offset;
            }
            for own in &mut neuron.edges {
                *own += edge(neuron_offset, connection_offset);
            }
            for extended in &mut neuron.extended {
                extended.target += neuron_offset;
                for id in &mut extended.gated {
                    *id += connection_offset;
                }
            }
            if let Some(Pooling::Attention { score }) = &mut neuron.pooling {
                *score += neuron_offset;
            }
            self.neurons.push(neuron);
        }
        for mut matrix in other.matrices {
            matrix.shift(neuron_offset, connection_offset);
            self.matrices.push(matrix);
        }
        for mut connection in other.connections {
            connection.from += neuron_offset;
            connection.to += neuron_offset;
            if let Some(gater) = &mut connection.gater {
                *gater += neuron_offset;
            }
            self.connections.push(connection);
        }
        (neuron_offset, connection_offset)
    }

    /// Forgets the traces and responsibilities of these neurons; states and weights stay.
    pub fn clear(&mut self, neurons: &[NeuronId]) {
        self.clear_matrices(neurons);
        for &id in neurons {
            let neuron = &mut self.neurons[id as usize];
            neuron.responsibility = Responsibility::default();
            for extended in &mut neuron.extended {
                extended.traces.fill(0.0);
            }
            for &connection in &neuron.incoming {
                self.connections[connection as usize].eligibility = 0.0;
            }
        }
    }

    /// Forgets traces, states, activations and gains: the next step is the first.
    pub fn reset_context(&mut self, neurons: &[NeuronId]) {
        self.clear(neurons);
        for &id in neurons {
            let neuron = &mut self.neurons[id as usize];
            neuron.state = 0.0;
            neuron.old = 0.0;
            neuron.activation = 0.0;
            neuron.past.clear();
            neuron.derivative = 0.0;
            neuron.gain = 1.0;
        }
    }

    /// Gives these neurons new random biases and their connections (those that are kept one by one) new random weights,
    /// and forgets their context. Fixed biases, fixed connections and self-connections keep their values.
    pub fn reset(&mut self, neurons: &[NeuronId], random: &mut Random) {
        self.reset_context(neurons);
        for &id in neurons {
            let neuron = &mut self.neurons[id as usize];
            if !neuron.fixed_bias {
                neuron.bias = random.weight();
            }
            for &connection in neuron.incoming.iter().chain(&neuron.projected) {
                let connection = &mut self.connections[connection as usize];
                if !connection.fixed {
                    connection.weight = random.weight();
                }
            }
        }
    }
}
