//! The graph: what the user builds. Neurons, connections between any two of them, and gates.
//!
//! Everything else is made from the graph: a [`Program`](crate::program::Program) is lowered from it
//! for speed and stores its values back; [`reference`] runs the graph as it stands.

pub mod architect;
pub mod reference;

use crate::error::{Error, Result};
pub use crate::kernels::Squash;
use crate::random::Random;

/// Index of a neuron in its graph.
pub type NeuronId = u32;
/// Index of a connection in its graph.
pub type ConnectionId = u32;

/// How a layer projects onto another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionType {
    /// Every neuron to every neuron.
    AllToAll,
    /// Neuron i to neuron i; the layers have the same size.
    OneToOne,
    /// Every neuron to every neuron but itself.
    AllToElse,
}

/// Which end of a projection a layer gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateType {
    /// Gater i gates everything that enters target i.
    Input,
    /// Gater i gates everything that leaves source i.
    Output,
    /// Gater i gates connection i.
    OneToOne,
}

/// Error responsibilities of a neuron (Monner & Reggia 2012, eqs. 20 to 23).
#[derive(Clone, Copy, Debug, Default)]
pub struct Responsibility {
    /// The sum of the two below; for an output neuron, target minus activation.
    pub total: f64,
    /// What flows back through projected connections.
    pub projected: f64,
    /// What flows back through gated connections.
    pub gated: f64,
}

/// What a gater remembers about one neuron whose incoming connections it gates.
#[derive(Clone, Debug)]
pub struct Extended {
    /// The gated neuron.
    pub target: NeuronId,
    /// The connections into `target` that are gated.
    pub gated: Vec<ConnectionId>,
    /// Extended eligibility trace per incoming connection of the gater, in the order of
    /// [`Neuron::incoming`] (eq. 18).
    pub traces: Vec<f64>,
}

/// One unit of the network.
#[derive(Clone, Debug)]
pub struct Neuron {
    /// Turns state into activation.
    pub squash: Squash,
    /// Added to the state at every step; 0 for neurons that take input.
    pub bias: f64,
    /// A neuron with a fixed bias keeps it in training.
    pub fixed_bias: bool,
    /// A reversed neuron reads its sequence from the end: its step before is the step after (a bidirectional
    /// network's backward layers, Schuster & Paliwal 1997).
    pub reversed: bool,
    /// State of this step (eq. 15).
    pub state: f64,
    /// State of the step before.
    pub old: f64,
    /// Squashed state (eq. 16).
    pub activation: f64,
    /// Derivative of the squash at the state.
    pub derivative: f64,
    /// The factor this neuron applies to what it gates: 1 until it first fires, then its
    /// activation.
    pub gain: f64,
    /// Error responsibilities of the last propagation.
    pub responsibility: Responsibility,
    /// Connections that end here, the self-connection not among them.
    pub incoming: Vec<ConnectionId>,
    /// Connections that start here, the self-connection not among them.
    pub projected: Vec<ConnectionId>,
    /// Target (high half) and id of all connections that start here, in order, to look up projections in. A
    /// new connection mostly comes last.
    edges: Vec<u64>,
    /// The connection of the neuron onto itself, of weight 1.
    pub self_connection: Option<ConnectionId>,
    /// The neurons gated by this one, in the order of the first gate.
    pub extended: Vec<Extended>,
}

/// A weighted edge.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Source.
    pub from: NeuronId,
    /// Target.
    pub to: NeuronId,
    /// The weight; 1 for self-connections.
    pub weight: f64,
    /// The neuron whose gain multiplies this connection.
    pub gater: Option<NeuronId>,
    /// A fixed connection keeps its weight in training.
    pub fixed: bool,
    /// Eligibility trace (eq. 17).
    pub eligibility: f64,
}

impl Connection {
    fn new(from: NeuronId, to: NeuronId, weight: f64) -> Self {
        Connection { from, to, weight, gater: None, fixed: false, eligibility: 0.0 }
    }
}

/// Neurons and connections, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All neurons.
    pub neurons: Vec<Neuron>,
    /// All connections, self-connections included.
    pub connections: Vec<Connection>,
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
            state: 0.0,
            old: 0.0,
            activation: 0.0,
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

    /// The connection from one neuron to another, if there is one; the first of several.
    pub fn find(&self, from: NeuronId, to: NeuronId) -> Option<ConnectionId> {
        let edges = &self.neurons[from as usize].edges;
        let position = edges.partition_point(|&other| other < edge(to, 0));
        let &found = edges.get(position)?;
        (found >> 32 == u64::from(to)).then_some(found as ConnectionId)
    }

    /// Connects two neurons. An existing connection is kept and takes the weight, if one is given.
    /// A neuron projected onto itself gets a self-connection, whose weight is always 1.
    pub fn project(&mut self, from: NeuronId, to: NeuronId, weight: Option<f64>, random: &mut Random) -> ConnectionId {
        match self.find(from, to) {
            Some(existing) => {
                if let Some(weight) = weight
                    && from != to
                {
                    self.connections[existing as usize].weight = weight;
                }
                existing
            }
            None => {
                let weight = if from == to { 1.0 } else { weight.unwrap_or_else(|| random.weight()) };
                self.connect(from, to, weight)
            }
        }
    }

    /// Adds a connection, even beside another that already runs between the two neurons.
    pub fn connect(&mut self, from: NeuronId, to: NeuronId, weight: f64) -> ConnectionId {
        let id = self.connections.len() as ConnectionId;
        self.connections.push(Connection::new(from, to, weight));
        let edges = &mut self.neurons[from as usize].edges;
        let own = edge(to, id);
        let last = edges.last().is_none_or(|&other| other < own);
        let position = if last { edges.len() } else { edges.partition_point(|&other| other < own) };
        edges.insert(position, own);
        if from == to {
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

    /// Connects two layers, and gives the connections source by source.
    pub fn project_layer(
        &mut self,
        from: &[NeuronId],
        to: &[NeuronId],
        kind: ConnectionType,
        weight: Option<f64>,
        random: &mut Random,
    ) -> Result<Vec<ConnectionId>> {
        if kind == ConnectionType::OneToOne {
            if from.len() != to.len() {
                return Err(Error::Range(format!(
                    "a one-to-one projection joins layers of the same size, these have {} and {} neurons",
                    from.len(),
                    to.len()
                )));
            }
            return Ok(from.iter().zip(to).map(|(&a, &b)| self.project(a, b, weight, random)).collect());
        }
        if self.are_apart(from, to) {
            return Ok(self.join(from, to, weight, random));
        }
        let mut made = Vec::with_capacity(from.len() * to.len());
        for &a in from {
            for &b in to {
                if kind == ConnectionType::AllToAll || a != b {
                    made.push(self.project(a, b, weight, random));
                }
            }
        }
        Ok(made)
    }

    /// Whether two layers, in order, have no neuron in common, and the first no connection to the second.
    fn are_apart(&self, from: &[NeuronId], to: &[NeuronId]) -> bool {
        let in_order = |layer: &[NeuronId]| layer.is_sorted_by(|a, b| a < b);
        let (Some(&first), Some(&last)) = (to.first(), to.last()) else { return false };
        let between = edge(first, 0)..=edge(last, ConnectionId::MAX);
        in_order(from)
            && in_order(to)
            && from.iter().all(|&a| {
                let edges = &self.neurons[a as usize].edges;
                let next = edges.get(edges.partition_point(|own| own < between.start()));
                !(first..=last).contains(&a) && next.is_none_or(|own| !between.contains(own))
            })
    }

    /// Connects every neuron of one layer to every neuron of another [that is apart](Graph::are_apart), list by
    /// list: the result of connecting them one by one, in a fraction of the time.
    #[inline(never)]
    fn join(
        &mut self,
        from: &[NeuronId],
        to: &[NeuronId],
        weight: Option<f64>,
        random: &mut Random,
    ) -> Vec<ConnectionId> {
        let start = self.connections.len() as ConnectionId;
        self.connections.reserve(from.len() * to.len());
        for (row, &from) in from.iter().enumerate() {
            let ids = start + (row * to.len()) as ConnectionId..;
            let source = &mut self.neurons[from as usize];
            source.projected.extend(ids.clone().take(to.len()));
            let position = source.edges.partition_point(|&own| own < edge(to[0], 0));
            source.edges.splice(position..position, to.iter().zip(ids).map(|(&to, id)| edge(to, id)));
            self.add_connections(from, to, weight, random);
        }
        for (column, &id) in to.iter().enumerate() {
            let target = &mut self.neurons[id as usize];
            target.incoming.extend((0..from.len()).map(|row| start + (row * to.len() + column) as ConnectionId));
            for extended in &mut target.extended {
                extended.traces.resize(target.incoming.len(), 0.0);
            }
        }
        (start..self.connections.len() as ConnectionId).collect()
    }

    /// Adds connections from a neuron, without telling their targets. This is a function of its own, and small,
    /// because it becomes hot: see "What is hot while a network is made" in ARCHITECTURE.md.
    #[inline(never)]
    fn add_connections(&mut self, from: NeuronId, to: &[NeuronId], weight: Option<f64>, random: &mut Random) {
        let made = to.iter().map(|&to| Connection::new(from, to, weight.unwrap_or_else(|| random.weight())));
        self.connections.extend(made);
    }

    /// Lets a neuron gate a connection. A connection has one gater: a second one replaces the first.
    pub fn gate(&mut self, gater: NeuronId, connection: ConnectionId) {
        let target = self.connections[connection as usize].to;
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
            None => neuron.extended.push(Extended {
                target,
                gated: vec![connection],
                traces: vec![0.0; neuron.incoming.len()],
            }),
        }
    }

    /// Lets a layer gate a projection (a list of connections between `from` and `to`).
    pub fn gate_layer(
        &mut self,
        gaters: &[NeuronId],
        from: &[NeuronId],
        to: &[NeuronId],
        connections: &[ConnectionId],
        kind: GateType,
    ) -> Result<()> {
        let (size, what) = match kind {
            GateType::Input => (to.len(), "target neurons"),
            GateType::Output => (from.len(), "source neurons"),
            GateType::OneToOne => (connections.len(), "connections"),
        };
        if gaters.len() != size {
            return Err(Error::Range(format!(
                "the gating layer has {} neurons, the projection has {size} {what}",
                gaters.len()
            )));
        }
        if kind == GateType::OneToOne {
            for (&gater, &connection) in gaters.iter().zip(connections) {
                self.gate(gater, connection);
            }
            return Ok(());
        }
        let mut gater_of = vec![None; self.neurons.len()];
        for (&end, &gater) in if kind == GateType::Input { to } else { from }.iter().zip(gaters) {
            gater_of[end as usize] = Some(gater);
        }
        for &connection in connections {
            let edge = &self.connections[connection as usize];
            let end = if kind == GateType::Input { edge.to } else { edge.from };
            if let Some(gater) = gater_of[end as usize] {
                self.gate(gater, connection);
            }
        }
        Ok(())
    }

    /// Moves every neuron and connection of `other` into this graph, behind its own; their ids
    /// grow by the numbers returned (neurons, connections).
    pub fn absorb(&mut self, other: Graph) -> (u32, u32) {
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
            self.neurons.push(neuron);
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
            neuron.derivative = 0.0;
            neuron.gain = 1.0;
        }
    }

    /// Gives these neurons new random biases and their connections new random weights, and forgets their
    /// context. Fixed biases, fixed connections and self-connections keep their values.
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

#[cfg(test)]
/// A graph of 2 inputs, one or two hidden layers and 2 outputs with random connections, loops
/// and gates anywhere among them.
pub(crate) fn random_gated(random: &mut Random) -> (Graph, Vec<(String, Vec<NeuronId>)>) {
    let mut graph = Graph::new();
    let mut layers = vec![("input".into(), graph.add_layer(2, random))];
    for _ in 0..1 + random.below(2) {
        let size = 1 + random.below(4);
        layers.push(("hidden".into(), graph.add_layer(size, random)));
    }
    layers.push(("output".into(), graph.add_layer(2, random)));
    let all: Vec<NeuronId> = layers.iter().flat_map(|(_, ids)| ids.clone()).collect();
    for window in 0..layers.len() - 1 {
        let (from, to) = (layers[window].1.clone(), layers[window + 1].1.clone());
        graph.project_layer(&from, &to, ConnectionType::AllToAll, None, random).unwrap();
    }
    for &id in &all[2..] {
        graph.neurons[id as usize].squash = [Squash::Logistic, Squash::Tanh, Squash::Identity][random.below(3)];
    }
    for _ in 0..random.below(12) {
        let (from, to) = (all[random.below(all.len())], all[2 + random.below(all.len() - 2)]);
        graph.project(from, to, None, random);
    }
    for _ in 0..random.below(10) {
        let gater = all[2 + random.below(all.len() - 2)];
        let connection = random.below(graph.connections.len()) as u32;
        graph.gate(gater, connection);
    }
    (graph, layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_projection_keeps_the_connection_and_takes_the_weight() {
        let mut random = Random::new(1);
        let mut graph = Graph::new();
        let layer = graph.add_layer(2, &mut random);
        let forth = graph.project(layer[0], layer[1], None, &mut random);
        graph.project(layer[1], layer[0], None, &mut random);
        assert_eq!(graph.project(layer[0], layer[1], Some(0.5), &mut random), forth);
        assert_eq!(graph.connections[forth as usize].weight, 0.5);
        assert_eq!(graph.connections.len(), 2);
    }

    #[test]
    fn layers_are_joined_as_their_neurons_would_be() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let (mut graph, layers) = random_gated(&mut random);
            let new = graph.add_layer(1 + random.below(4), &mut random);
            let mut one_by_one = graph.clone();
            let old = &layers[random.below(layers.len())].1;
            let (from, to) = if random.below(2) == 0 { (old, &new) } else { (&new, old) };
            let mut other = random.clone();
            let made = graph.project_layer(from, to, ConnectionType::AllToAll, None, &mut random).unwrap();
            let pairs = from.iter().flat_map(|&a| to.iter().map(move |&b| (a, b)));
            let expected: Vec<_> = pairs.map(|(a, b)| one_by_one.project(a, b, None, &mut other)).collect();
            assert_eq!(made, expected, "seed {seed}");
            assert_eq!(format!("{graph:?}"), format!("{one_by_one:?}"), "seed {seed}");
        }
    }

    #[test]
    fn a_self_connection_weighs_one_whatever_is_asked() {
        let mut random = Random::new(1);
        let mut graph = Graph::new();
        let neuron = graph.add_neuron(&mut random);
        let own = graph.project(neuron, neuron, Some(0.3), &mut random);
        assert_eq!(graph.connections[own as usize].weight, 1.0);
        assert!(graph.neurons[0].incoming.is_empty());
    }

    #[test]
    fn absorbing_keeps_every_relation() {
        let mut random = Random::new(2);
        let build = |random: &mut Random| {
            let mut graph = Graph::new();
            let layer = graph.add_layer(3, random);
            let connection = graph.project(layer[0], layer[1], None, random);
            graph.gate(layer[2], connection);
            graph
        };
        let mut whole = build(&mut random);
        let (neurons, connections) = whole.absorb(build(&mut random));
        assert_eq!((neurons, connections), (3, 1));
        assert_eq!(whole.connections[1].gater, Some(5));
        assert_eq!(whole.neurons[5].extended[0].gated, vec![1]);
        assert_eq!(whole.find(3, 4), Some(1));
    }
}
