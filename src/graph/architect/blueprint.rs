//! Blueprints: a graph with the layers and projections it was built from, and what builds them.

use super::Output;
use crate::graph::{ConnectionId, ConnectionType, GateType, Graph, Neuron, NeuronId};
use crate::random::Random;

/// Sources of an embedding whose weights are drawn at a time.
const DRAWN: usize = 64;

/// A named layer of a blueprint.
#[derive(Clone, Debug)]
pub struct LayerPlan {
    /// What the layer is, in the field's words: `input`, `forgetGate`, `memoryCell`, ...
    pub name: &'static str,
    /// Its neurons, in order.
    pub neurons: Vec<NeuronId>,
}

/// One layer gating a projection.
#[derive(Clone, Copy, Debug)]
pub struct GatePlan {
    /// Index of the gating layer.
    pub layer: usize,
    /// Which end it gates.
    pub kind: GateType,
}

/// One layer projected onto another.
#[derive(Clone, Debug)]
pub struct ProjectionPlan {
    /// Index of the source layer.
    pub from: usize,
    /// Index of the target layer.
    pub to: usize,
    /// How neurons are paired.
    pub kind: ConnectionType,
    /// Delay of the connections.
    pub delay: i32,
    /// The connections, source by source.
    pub connections: Vec<ConnectionId>,
    /// The layers that gate it.
    pub gates: Vec<GatePlan>,
}

/// A graph and the layers it was built from: the first is the input, the last the output.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// The neurons and connections.
    pub graph: Graph,
    /// All layers in the order of activation.
    pub layers: Vec<LayerPlan>,
    /// All projections between them, in the order they were made.
    pub projections: Vec<ProjectionPlan>,
}

impl Blueprint {
    /// The layers (name, neurons) as a network is lowered from them.
    pub fn named_layers(&self) -> Vec<(String, Vec<NeuronId>)> {
        self.layers.iter().map(|layer| (layer.name.to_owned(), layer.neurons.clone())).collect()
    }
}

/// Builds a blueprint layer by layer.
pub struct Builder<'a> {
    pub blueprint: Blueprint,
    pub random: &'a mut Random,
}

impl<'a> Builder<'a> {
    /// An empty blueprint.
    pub fn new(random: &'a mut Random) -> Self {
        Builder { blueprint: Blueprint { graph: Graph::new(), layers: Vec::new(), projections: Vec::new() }, random }
    }

    /// Adds a layer; gives its index.
    #[inline(never)]
    pub fn layer(&mut self, name: &'static str, size: usize) -> usize {
        let neurons = self.blueprint.graph.add_layer(size, self.random);
        self.blueprint.layers.push(LayerPlan { name, neurons });
        self.blueprint.layers.len() - 1
    }

    /// Changes the neurons of a layer. One function for all changes, as architects make many.
    #[inline(never)]
    pub fn set(&mut self, layer: usize, change: &mut dyn FnMut(&mut Neuron)) {
        for &id in &self.blueprint.layers[layer].neurons {
            change(&mut self.blueprint.graph.neurons[id as usize]);
        }
    }

    /// Projects a layer onto another; gives the index of the projection.
    pub fn project(&mut self, from: usize, to: usize, kind: ConnectionType) -> usize {
        self.project_weighted(from, to, kind, None, 0)
    }

    /// Projects a layer onto another, with one weight for all connections where it is given.
    #[inline(never)]
    fn project_weighted(
        &mut self,
        from: usize,
        to: usize,
        kind: ConnectionType,
        weight: Option<f64>,
        delay: i32,
    ) -> usize {
        let Blueprint { graph, layers, projections } = &mut self.blueprint;
        let connections = graph
            .project_layer(&layers[from].neurons, &layers[to].neurons, kind, weight, delay, self.random)
            .expect("an architect joins layers of fitting sizes");
        projections.push(ProjectionPlan { from, to, kind, delay, connections, gates: Vec::new() });
        projections.len() - 1
    }

    /// A projection of one to one whose weights are fixed at one number; gives its index.
    #[inline(never)]
    pub fn project_fixed(&mut self, from: usize, to: usize, weight: f64) -> usize {
        let made = self.project_weighted(from, to, ConnectionType::OneToOne, Some(weight), 0);
        for &id in &self.blueprint.projections[made].connections {
            self.blueprint.graph.connections[id as usize].fixed = true;
        }
        made
    }

    /// A projection of all to all whose weights are `scale` times Synaptic's range of ±0.1; gives its index.
    pub fn project_scaled(&mut self, from: usize, to: usize, scale: f64) -> usize {
        self.project_delayed(from, to, scale, 0)
    }

    /// The same with a delay.
    #[inline(never)]
    pub fn project_delayed(&mut self, from: usize, to: usize, scale: f64, delay: i32) -> usize {
        let made = self.project_weighted(from, to, ConnectionType::AllToAll, None, delay);
        for &id in &self.blueprint.projections[made].connections {
            self.blueprint.graph.connections[id as usize].weight *= scale;
        }
        made
    }

    /// A projection of all to all that is kept as a matrix: no one looks at its connections one by one. Weights are
    /// `scale` times Synaptic's range of ±0.1, drawn source by source.
    pub fn embed(&mut self, from: usize, to: usize, scale: f64) {
        let Blueprint { graph, layers, .. } = &mut self.blueprint;
        let (from, to) = (layers[from].neurons.clone(), layers[to].neurons.clone());
        let mut weights = vec![0.0; from.len() * to.len()];
        // Drawn for some sources at a time, so that what is written lies together.
        for first in (0..from.len()).step_by(DRAWN) {
            let sources = DRAWN.min(from.len() - first);
            let drawn: Vec<f64> = (0..sources * to.len()).map(|_| self.random.weight() * scale).collect();
            for (target, row) in weights.chunks_exact_mut(from.len()).enumerate() {
                for (source, weight) in row[first..first + sources].iter_mut().enumerate() {
                    *weight = drawn[source * to.len() + target];
                }
            }
        }
        graph.connect_matrix(from, to, weights).expect("an architect embeds layers that are apart");
    }

    /// Lets a layer gate a projection.
    #[inline(never)]
    pub fn gate(&mut self, gater: usize, projection: usize, kind: GateType) {
        let Blueprint { graph, layers, projections } = &mut self.blueprint;
        let ProjectionPlan { from, to, connections, gates, .. } = &mut projections[projection];
        graph
            .gate_layer(&layers[gater].neurons, &layers[*from].neurons, &layers[*to].neurons, connections, kind)
            .expect("an architect gates with layers of fitting sizes");
        gates.push(GatePlan { layer: gater, kind });
    }

    /// The blueprint, whose last layer is the output.
    pub fn finish(mut self, output: Output) -> Blueprint {
        let last = self.blueprint.layers.len() - 1;
        self.set(last, &mut |neuron| neuron.squash = output.squash());
        self.blueprint
    }
}
