//! Which neurons are the units of a network, and in which order.

use std::ops::Range;

use super::Layer;
use crate::error::{Error, Result};
use crate::graph::{Graph, NeuronId};

/// Unit of a neuron that is none.
pub(super) const OUTSIDE: usize = usize::MAX;

/// The units of a network: its layers in their order, then the external ones.
pub(super) struct Units {
    /// The layers, that of the external units included.
    pub layers: Vec<Layer>,
    /// Number of input units.
    pub inputs: usize,
    /// The first external unit.
    pub active_end: usize,
    /// Neuron of each unit.
    pub neurons: Vec<NeuronId>,
    /// Unit of each neuron of the graph, or [`OUTSIDE`].
    pub unit_of: Vec<usize>,
    /// Layer of each unit.
    pub layer_of: Vec<usize>,
}

impl Units {
    /// The units of a network whose layers are `plan` (name, neurons).
    pub fn new(graph: &Graph, plan: &[(String, Vec<NeuronId>)]) -> Result<Self> {
        let mut units = Units {
            layers: Vec::new(),
            inputs: plan.first().map_or(0, |(_, neurons)| neurons.len()),
            active_end: 0,
            neurons: Vec::new(),
            unit_of: vec![OUTSIDE; graph.neurons.len()],
            layer_of: Vec::new(),
        };
        for (index, (name, neurons)) in plan.iter().enumerate() {
            units.layers.push(Layer { name: name.clone(), first: units.neurons.len(), size: neurons.len() });
            for &id in neurons {
                if units.unit_of[id as usize] != OUTSIDE {
                    return Err(Error::Range(format!("neuron {id} stands twice in the network's layers")));
                }
                units.add(id, index);
            }
        }
        units.active_end = units.neurons.len();
        units.add_externals(graph);
        Ok(units)
    }

    /// Units that are activated, see [`Program::active`](super::Program::active).
    pub fn active(&self) -> Range<usize> {
        self.inputs..self.active_end
    }

    fn add(&mut self, id: NeuronId, layer: usize) {
        self.unit_of[id as usize] = self.neurons.len();
        self.neurons.push(id);
        self.layer_of.push(layer);
    }

    /// Sources and gaters outside the network become units of a last layer that never fires.
    #[inline(never)]
    fn add_externals(&mut self, graph: &Graph) {
        let external_layer = self.layers.len();
        for unit in self.active() {
            let neuron = &graph.neurons[self.neurons[unit] as usize];
            for &id in neuron.incoming.iter().chain(&neuron.self_connection) {
                let connection = &graph.connections[id as usize];
                for end in std::iter::once(connection.from).chain(connection.gater) {
                    if self.unit_of[end as usize] == OUTSIDE {
                        self.add(end, external_layer);
                    }
                }
            }
        }
        if self.neurons.len() > self.active_end {
            self.layers.push(Layer {
                name: "external".into(),
                first: self.active_end,
                size: self.neurons.len() - self.active_end,
            });
        }
    }
}
