//! Ready-made topologies: Perceptron, LSTM (two kinds), Liquid, Hopfield.

use super::{ConnectionId, ConnectionType, GateType, Graph, NeuronId, Squash};
use crate::error::{Error, Result};
use crate::random::Random;

/// Most neurons an architect builds.
pub const MAX_NEURONS: usize = 1 << 20;
/// Most connections an architect builds.
pub const MAX_CONNECTIONS: usize = 1 << 25;

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

/// Squash of the output layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Each output in (0, 1) on its own.
    #[default]
    Logistic,
    /// Outputs are positive and sum to 1: one class of several.
    Softmax,
    /// Any number: regression.
    Linear,
}

impl Output {
    fn squash(self) -> Squash {
        match self {
            Output::Logistic => Squash::Logistic,
            Output::Softmax => Squash::Softmax,
            Output::Linear => Squash::Identity,
        }
    }
}

/// Which LSTM to build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Synaptic's: logistic cell with peepholes, no candidate squash, inputs also to the output.
    #[default]
    Synaptic,
    /// The textbook's, as in PyTorch and Keras: tanh candidate and cell, no peepholes.
    Standard,
}

/// Options of [`lstm`].
#[derive(Clone, Copy, Debug)]
pub struct LstmOptions {
    /// How cells project onto their gates; `None` for no peepholes.
    pub peepholes: Option<ConnectionType>,
    /// Every cell projects onto the other cells of its layer.
    pub hidden_to_hidden: bool,
    /// Outputs project onto the cells.
    pub output_to_hidden: bool,
    /// Outputs project onto the gates.
    pub output_to_gates: bool,
    /// Inputs project onto the outputs.
    pub input_to_output: bool,
    /// Which LSTM; [`Variant::Standard`] ignores the five options above.
    pub variant: Variant,
    /// Squash of the output layer.
    pub output: Output,
    /// Every hidden layer has a twin that reads the sequence from its end; the layer that follows sees both.
    /// For [`Variant::Standard`].
    pub bidirectional: bool,
    /// Neurons of a layer of weighted sums between the input and the first hidden layer; 0 for none.
    /// For [`Variant::Standard`].
    pub embedding: usize,
}

impl Default for LstmOptions {
    fn default() -> Self {
        LstmOptions {
            peepholes: Some(ConnectionType::AllToAll),
            hidden_to_hidden: false,
            output_to_hidden: false,
            output_to_gates: false,
            input_to_output: true,
            variant: Variant::Synaptic,
            output: Output::Logistic,
            bidirectional: false,
            embedding: 0,
        }
    }
}

struct Builder<'a> {
    blueprint: Blueprint,
    random: &'a mut Random,
}

impl<'a> Builder<'a> {
    fn new(random: &'a mut Random) -> Self {
        Builder { blueprint: Blueprint { graph: Graph::new(), layers: Vec::new(), projections: Vec::new() }, random }
    }

    fn layer(&mut self, name: &'static str, size: usize) -> usize {
        let neurons = self.blueprint.graph.add_layer(size, self.random);
        self.blueprint.layers.push(LayerPlan { name, neurons });
        self.blueprint.layers.len() - 1
    }

    fn set(&mut self, layer: usize, mut change: impl FnMut(&mut super::Neuron)) {
        for &id in &self.blueprint.layers[layer].neurons {
            change(&mut self.blueprint.graph.neurons[id as usize]);
        }
    }

    fn project(&mut self, from: usize, to: usize, kind: ConnectionType) -> usize {
        self.project_weighted(from, to, kind, None)
    }

    fn project_weighted(&mut self, from: usize, to: usize, kind: ConnectionType, weight: Option<f64>) -> usize {
        let Blueprint { graph, layers, projections } = &mut self.blueprint;
        let connections = graph
            .project_layer(&layers[from].neurons, &layers[to].neurons, kind, weight, self.random)
            .expect("an architect joins layers of fitting sizes");
        projections.push(ProjectionPlan { from, to, kind, connections, gates: Vec::new() });
        projections.len() - 1
    }

    /// A projection of all to all whose weights are `scale` times Synaptic's range of ±0.1.
    fn project_scaled(&mut self, from: usize, to: usize, scale: f64) {
        let made = self.project(from, to, ConnectionType::AllToAll);
        for &id in &self.blueprint.projections[made].connections {
            self.blueprint.graph.connections[id as usize].weight *= scale;
        }
    }

    fn fix(&mut self, projection: usize) {
        for &id in &self.blueprint.projections[projection].connections {
            self.blueprint.graph.connections[id as usize].fixed = true;
        }
    }

    fn gate(&mut self, gater: usize, projection: usize, kind: GateType) {
        let Blueprint { graph, layers, projections } = &mut self.blueprint;
        let ProjectionPlan { from, to, connections, gates, .. } = &mut projections[projection];
        graph
            .gate_layer(&layers[gater].neurons, &layers[*from].neurons, &layers[*to].neurons, connections, kind)
            .expect("an architect gates with layers of fitting sizes");
        gates.push(GatePlan { layer: gater, kind });
    }

    /// The output layer is activated last, so its neurons are numbered last.
    fn finish(mut self, output: Output) -> Blueprint {
        let last = self.blueprint.layers.len() - 1;
        self.set(last, |neuron| neuron.squash = output.squash());
        self.blueprint
    }
}

fn check_sizes(sizes: &[usize], connections: impl FnOnce() -> f64, neurons_per_hidden: usize) -> Result<()> {
    if sizes.len() < 3 {
        return Err(Error::Range(format!(
            "a network has at least 3 layers (input, hidden, output), got {}",
            sizes.len()
        )));
    }
    if let Some(index) = sizes.iter().position(|&size| size == 0) {
        return Err(Error::Range(format!("layer {index} has 0 neurons, expected at least 1")));
    }
    let neurons = sizes.iter().map(|&size| size as f64).sum::<f64>() * neurons_per_hidden as f64;
    let connections = connections();
    if neurons > MAX_NEURONS as f64 || connections > MAX_CONNECTIONS as f64 {
        return Err(Error::Range(format!(
            "layers [{}] make up to {neurons} neurons and {connections} connections, \
             at most {MAX_NEURONS} and {MAX_CONNECTIONS} are allowed",
            sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            neurons = neurons as u64,
            connections = connections as u64,
        )));
    }
    Ok(())
}

/// Layers joined one to the next, all to all. `sizes` is input, hidden..., output.
pub fn perceptron(sizes: &[usize], output: Output, random: &mut Random) -> Result<Blueprint> {
    let connections = || sizes.windows(2).map(|pair| pair[0] as f64 * pair[1] as f64).sum();
    check_sizes(sizes, connections, 1)?;
    let mut builder = Builder::new(random);
    for (index, &size) in sizes.iter().enumerate() {
        let name = match index {
            0 => "input",
            _ if index + 1 == sizes.len() => "output",
            _ => "hidden",
        };
        let layer = builder.layer(name, size);
        if layer > 0 {
            builder.project(layer - 1, layer, ConnectionType::AllToAll);
        }
    }
    Ok(builder.finish(output))
}

/// Long short-term memory. `sizes` is input, cells per hidden layer..., output.
pub fn lstm(sizes: &[usize], options: &LstmOptions, random: &mut Random) -> Result<Blueprint> {
    // Four layers per memory block, each at most fed by input, cells, previous cells, outputs.
    let directions = if options.bidirectional { 2 } else { 1 };
    let connections = || {
        let widest = sizes.iter().copied().max().unwrap_or(0).max(options.embedding) as f64;
        let total = sizes.iter().map(|&size| size as f64).sum::<f64>() + options.embedding as f64;
        16.0 * f64::from(directions * directions) * widest * total
    };
    check_sizes(sizes, connections, 6 * directions as usize)?;
    Ok(match options.variant {
        Variant::Synaptic => synaptic_lstm(sizes, options, random),
        Variant::Standard => standard_lstm(sizes, options, random),
    })
}

fn synaptic_lstm(sizes: &[usize], options: &LstmOptions, random: &mut Random) -> Blueprint {
    use ConnectionType::{AllToAll, AllToElse, OneToOne};
    let (inputs, cells, outputs) = split(sizes);
    let mut builder = Builder::new(random);
    let input = builder.layer("input", inputs);
    let blocks: Vec<[usize; 4]> = cells
        .iter()
        .map(|&size| ["inputGate", "forgetGate", "memoryCell", "outputGate"].map(|name| builder.layer(name, size)))
        .collect();
    let output = builder.layer("output", outputs);

    let mut previous = None;
    for [input_gate, forget_gate, cell, output_gate] in blocks {
        for gate in [input_gate, forget_gate, output_gate] {
            builder.set(gate, |neuron| neuron.bias = 1.0);
        }
        let mut sources = vec![input];
        sources.extend(previous);
        let mut gated = Vec::new();
        for source in sources {
            let arriving = builder.project(source, cell, AllToAll);
            gated.push((input_gate, arriving, GateType::Input));
            for gate in [input_gate, forget_gate, output_gate] {
                builder.project(source, gate, AllToAll);
            }
        }
        let leaving = builder.project(cell, output, AllToAll);
        gated.push((output_gate, leaving, GateType::Output));
        let own = builder.project(cell, cell, OneToOne);
        gated.push((forget_gate, own, GateType::OneToOne));
        if options.hidden_to_hidden {
            builder.project(cell, cell, AllToElse);
        }
        if options.output_to_hidden {
            builder.project(output, cell, AllToAll);
        }
        if options.output_to_gates {
            for gate in [input_gate, output_gate, forget_gate] {
                builder.project(output, gate, AllToAll);
            }
        }
        if let Some(kind) = options.peepholes {
            for gate in [input_gate, forget_gate, output_gate] {
                builder.project(cell, gate, kind);
            }
        }
        // Gates come last: a gater has a trace for every connection that enters it, and would have to get more.
        for (gater, projection, kind) in gated {
            builder.gate(gater, projection, kind);
        }
        previous = Some(cell);
    }
    if options.input_to_output {
        builder.project(input, output, AllToAll);
    }
    builder.finish(options.output)
}

/// Neurons that pass on what they are given: their bias is fixed at 0.
fn pass_on(neuron: &mut super::Neuron, squash: Squash) {
    neuron.squash = squash;
    neuron.bias = 0.0;
    neuron.fixed_bias = true;
}

/// Names of a memory block's layers, from a step's start to its end, and of its reversed twin's.
const STANDARD: [[&str; 6]; 2] = [
    ["inputGate", "forgetGate", "candidate", "outputGate", "memoryCell", "hidden"],
    [
        "reversed inputGate",
        "reversed forgetGate",
        "reversed candidate",
        "reversed outputGate",
        "reversed memoryCell",
        "reversed hidden",
    ],
];

fn standard_lstm(sizes: &[usize], options: &LstmOptions, random: &mut Random) -> Blueprint {
    let (inputs, cells, outputs) = split(sizes);
    let mut builder = Builder::new(random);
    let mut below = vec![builder.layer("input", inputs)];
    if options.embedding > 0 {
        let embedding = builder.layer("embedding", options.embedding);
        builder.set(embedding, |neuron| pass_on(neuron, Squash::Identity));
        // Uniform in ±1: a symbol brings one weight to each neuron, however many symbols there are.
        builder.project_scaled(below[0], embedding, 10.0);
        below = vec![embedding];
    }
    for &size in cells {
        let directions = if options.bidirectional { 2 } else { 1 };
        below = (0..directions).map(|direction| standard_layer(&mut builder, &below, size, direction == 1)).collect();
    }
    let output = builder.layer("output", outputs);
    let read = cells[cells.len() - 1] * below.len();
    for hidden in below {
        builder.project_scaled(hidden, output, 10.0 / (read as f64).sqrt());
    }
    builder.finish(options.output)
}

/// `i, f, o = logistic(W x + U h + b)`, `g = tanh(W x + U h + b)`, `c = f c + i g`, `h = o tanh c`;
/// gives the layer of `h`.
///
/// The candidate, the cell and the hidden state are layers of their own: the cell's one incoming
/// connection and the hidden neuron's are fixed at 1, their biases at 0. Weights start uniform in
/// `1 / sqrt(cells)`, the range PyTorch uses, since ±0.1 lets gradients fade in wide layers.
fn standard_layer(builder: &mut Builder, below: &[usize], size: usize, reversed: bool) -> usize {
    use ConnectionType::OneToOne;
    let layers = STANDARD[usize::from(reversed)].map(|name| builder.layer(name, size));
    let [input_gate, forget_gate, candidate, output_gate, cell, hidden] = layers;
    for layer in layers {
        builder.set(layer, |neuron| neuron.reversed = reversed);
    }
    builder.set(forget_gate, |neuron| neuron.bias = 1.0);
    builder.set(candidate, |neuron| neuron.squash = Squash::Tanh);
    builder.set(cell, |neuron| pass_on(neuron, Squash::Tanh));
    builder.set(hidden, |neuron| pass_on(neuron, Squash::Identity));
    for &source in below.iter().chain([&hidden]) {
        for gate in [input_gate, forget_gate, candidate, output_gate] {
            builder.project_scaled(source, gate, 10.0 / (size as f64).sqrt());
        }
    }
    let write = builder.project_weighted(candidate, cell, OneToOne, Some(1.0));
    builder.fix(write);
    builder.gate(input_gate, write, GateType::OneToOne);
    let keep = builder.project(cell, cell, OneToOne);
    builder.gate(forget_gate, keep, GateType::OneToOne);
    let read = builder.project_weighted(cell, hidden, OneToOne, Some(1.0));
    builder.fix(read);
    builder.gate(output_gate, read, GateType::OneToOne);
    hidden
}

fn split(sizes: &[usize]) -> (usize, &[usize], usize) {
    let last = sizes.len() - 1;
    (sizes[0], &sizes[1..last], sizes[last])
}

/// A reservoir: `hidden` neurons with `connections` random connections and `gates` random gates
/// among them; the input projects onto all of them, all of them onto the output.
pub fn liquid(
    inputs: usize,
    hidden: usize,
    outputs: usize,
    connections: usize,
    gates: usize,
    random: &mut Random,
) -> Result<Blueprint> {
    let count = || connections as f64 + gates as f64 + hidden as f64 * (inputs as f64 + outputs as f64);
    check_sizes(&[inputs, hidden, outputs], count, 1)?;
    if gates > 0 && connections == 0 {
        return Err(Error::Range(format!("{gates} gates need a connection to gate, got 0 connections")));
    }
    let mut builder = Builder::new(random);
    let input = builder.layer("input", inputs);
    let pool = builder.layer("hidden", hidden);
    let output = builder.layer("output", outputs);
    let neurons = builder.blueprint.layers[pool].neurons.clone();
    let graph = &mut builder.blueprint.graph;
    let made: Vec<ConnectionId> = (0..connections)
        .map(|_| {
            let from = neurons[builder.random.below(hidden)];
            let to = neurons[builder.random.below(hidden)];
            graph.project(from, to, None, builder.random)
        })
        .collect();
    for _ in 0..gates {
        let gater = neurons[builder.random.below(hidden)];
        graph.gate(gater, made[builder.random.below(connections)]);
    }
    builder.project(input, pool, ConnectionType::AllToAll);
    builder.project(pool, output, ConnectionType::AllToAll);
    Ok(builder.finish(Output::Logistic))
}

/// Content-addressable memory of `size` bits: input joined to output, all to all.
pub fn hopfield(size: usize, random: &mut Random) -> Result<Blueprint> {
    check_sizes(&[size, 1, size], || size as f64 * size as f64, 1)?;
    let mut builder = Builder::new(random);
    let input = builder.layer("input", size);
    let output = builder.layer("output", size);
    builder.project(input, output, ConnectionType::AllToAll);
    Ok(builder.finish(Output::Logistic))
}

/// Every combination of Synaptic's LSTM options.
#[cfg(test)]
pub(crate) fn every_lstm_option() -> impl Iterator<Item = LstmOptions> {
    use ConnectionType::{AllToAll, AllToElse, OneToOne};
    (0..64).map(|bits| LstmOptions {
        peepholes: [Some(AllToAll), Some(OneToOne), Some(AllToElse), None][bits % 4],
        hidden_to_hidden: bits & 4 != 0,
        output_to_hidden: bits & 8 != 0,
        output_to_gates: bits & 16 != 0,
        input_to_output: bits & 32 != 0,
        ..LstmOptions::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_synaptic_lstm_has_its_connections() {
        let blueprint = lstm(&[2, 3, 1], &LstmOptions::default(), &mut Random::new(1)).unwrap();
        // input to 4 layers, cell to output, self, 3 peepholes, input to output
        assert_eq!(blueprint.graph.connections.len(), 4 * 6 + 3 + 3 + 27 + 2);
        assert_eq!(blueprint.layers.len(), 6);
    }

    #[test]
    fn impossible_sizes_are_refused_before_memory_is_touched() {
        let refused = lstm(&[1, 1_000_000_000, 1], &LstmOptions::default(), &mut Random::new(1));
        assert!(matches!(refused, Err(Error::Range(_))));
        assert!(perceptron(&[2, 0, 1], Output::Logistic, &mut Random::new(1)).is_err());
        assert!(perceptron(&[2, 1], Output::Logistic, &mut Random::new(1)).is_err());
    }
}
