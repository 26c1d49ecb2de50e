//! Layers of a graph: one projected onto another, or gating a projection.

use super::change::Change;
use super::{Connection, ConnectionId, Graph, NeuronId, edge};
use crate::error::{Error, Result};
use crate::field::choice;
use crate::random::Random;

/// Most steps that a connection can reach back, or ahead.
pub const MAX_DELAY: u32 = 1024;

choice! {
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
}

choice! {
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
}

impl Graph {
    /// Connects two layers, and gives the connections source by source, all of one delay, at most [`MAX_DELAY`] either
    /// way. Where memory is used up, none is made.
    pub fn project_layer(
        &mut self,
        from: &[NeuronId],
        to: &[NeuronId],
        kind: ConnectionType,
        weight: Option<f64>,
        delay: i32,
        random: &mut Random,
    ) -> Result<Vec<ConnectionId>> {
        let mut change = Change::of(self);
        let made = change.connect_layers(from, to, kind, weight, delay, random);
        change.done();
        made
    }

    fn connect_layers(
        &mut self,
        from: &[NeuronId],
        to: &[NeuronId],
        kind: ConnectionType,
        weight: Option<f64>,
        delay: i32,
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
            return Ok(from.iter().zip(to).map(|(&a, &b)| self.project(a, b, weight, delay, random)).collect());
        }
        if self.are_apart(from, to, delay) {
            return Ok(self.join(from, to, weight, delay, random));
        }
        let mut made = Vec::with_capacity(from.len() * to.len());
        for &a in from {
            for &b in to {
                if kind == ConnectionType::AllToAll || a != b {
                    made.push(self.project(a, b, weight, delay, random));
                }
            }
        }
        Ok(made)
    }

    /// Connects every neuron of one layer to every neuron of another [that is apart](Graph::are_apart), list by
    /// list: the result of connecting them one by one, in a fraction of the time.
    #[inline(never)]
    pub(super) fn join(
        &mut self,
        from: &[NeuronId],
        to: &[NeuronId],
        weight: Option<f64>,
        delay: i32,
        random: &mut Random,
    ) -> Vec<ConnectionId> {
        let start = self.connections.len() as ConnectionId;
        self.connections.reserve(from.len() * to.len());
        for (row, &from) in from.iter().enumerate() {
            let ids = start + (row * to.len()) as ConnectionId..;
            let source = &mut self.neurons[from as usize];
            source.projected.extend(ids.clone().take(to.len()));
            let position = source.edges.partition_point(|&own| own < edge(to[0], 0));
            let last = edge(to[to.len() - 1], ids.start);
            source.edges.splice(position..position, to.iter().zip(ids).map(|(&to, id)| edge(to, id)));
            // Connections of other delays lie between.
            if source.edges.get(position + to.len()).is_some_and(|&next| next < last) {
                source.edges.sort_unstable();
            }
            source.reach = delay.unsigned_abs().max(source.reach);
            self.add_connections(from, to, weight, delay, random);
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
    fn add_connections(
        &mut self,
        from: NeuronId,
        to: &[NeuronId],
        weight: Option<f64>,
        delay: i32,
        random: &mut Random,
    ) {
        let made = to.iter().map(|&to| Connection::new(from, to, weight.unwrap_or_else(|| random.weight()), delay));
        self.connections.extend(made);
    }

    /// Lets a layer gate a projection (a list of connections between `from` and `to`); self-connections one to one only.
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
            // What enters or leaves a neuron is, as in Synaptic, not what it keeps.
            if edge.from == edge.to && edge.delay == 0 {
                continue;
            }
            let end = if kind == GateType::Input { edge.to } else { edge.from };
            if let Some(gater) = gater_of[end as usize] {
                self.gate(gater, connection);
            }
        }
        Ok(())
    }
}
