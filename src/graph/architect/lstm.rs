//! Long short-term memory: Synaptic's, and the standard one; and what the latter shares with the gated recurrent unit.

use super::blueprint::{Blueprint, Builder};
use super::gru::{Reset, gru_layer};
use super::{Convolution, Counts, Initializer, Output, check_counts, check_sizes};
use crate::error::{Error, Result};
use crate::field::choice;
use crate::graph::{ConnectionType, GateType, Neuron, Pooling, Readout, Squash};
use crate::random::Random;

choice! {
    /// Which recurrent units to build.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Variant {
        /// Synaptic's: logistic cell with peepholes, no candidate squash, inputs also to the output.
        #[default]
        Synaptic,
        /// The textbook's LSTM, as in PyTorch and Keras: tanh candidate and cell, no peepholes.
        Standard,
        /// Gated recurrent units in PyTorch's form: the reset gate stands after the recurrent matrix.
        Gru,
        /// Gated recurrent units in the form of Cho et al. (2014): the reset gate stands before the recurrent matrix.
        GruResetBefore,
    }
}

/// Options of [`lstm`].
#[derive(Clone, Copy, Debug)]
pub struct LstmOptions<'a> {
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
    /// Which units; all but [`Variant::Synaptic`] ignore the five options above.
    pub variant: Variant,
    /// Squash of the output layer.
    pub output: Output,
    /// Every hidden layer has a twin that reads the sequence from its end; the layer that follows sees both.
    /// Not for [`Variant::Synaptic`].
    pub bidirectional: bool,
    /// Neurons of a layer of weighted sums between the input and the first hidden layer; 0 for none.
    /// Not for [`Variant::Synaptic`].
    pub embedding: usize,
    /// How a sequence's steps become one before the output layer, so that a sequence has one answer; `None` for
    /// outputs at every step. [`Readout::Last`] of one direction needs nothing: it is the output at the last step.
    /// Not for [`Variant::Synaptic`].
    pub readout: Option<Readout>,
    /// A second read-out beside it, of the same neurons.
    pub second_readout: Option<Readout>,
    /// Convolutions between the input, or the embedding, and the first hidden layer, of which there may be none then.
    /// With `bidirectional` each has a twin that looks ahead. Not for [`Variant::Synaptic`].
    pub convolution: &'a [Convolution],
    /// How first weights are drawn. Not for [`Variant::Synaptic`], which has Synaptic's; without [`Initializer::Synaptic`] and
    /// [`Initializer::He`].
    pub initializer: Initializer,
}

impl Default for LstmOptions<'_> {
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
            readout: None,
            second_readout: None,
            convolution: &[],
            initializer: Initializer::Scaled,
        }
    }
}

impl LstmOptions<'_> {
    /// The read-outs that a word names: one, or two with a plus between them. `choice` knows the words of one.
    ///
    /// # Errors
    /// What `choice` says, and TypeError for more than two.
    pub fn readouts(word: Option<&str>, choice: fn(&str) -> Result<Readout>) -> Result<[Option<Readout>; 2]> {
        let mut words = word.into_iter().flat_map(|word| word.split('+'));
        let readouts = [words.next().map(choice).transpose()?, words.next().map(choice).transpose()?];
        match words.next() {
            None => Ok(readouts),
            Some(_) => Err(Error::Type("there are two read-outs at most".into())),
        }
    }

    /// The read-outs that are layers.
    fn pools(&self) -> impl Iterator<Item = Readout> {
        // The output at the last step of one direction is the answer already.
        let given =
            self.readout.filter(|&kind| kind != Readout::Last || self.bidirectional || self.second_readout.is_some());
        given.into_iter().chain(self.second_readout)
    }
}

/// Long short-term memory. `sizes` is input, cells per hidden layer..., output.
pub fn lstm(sizes: &[usize], options: &LstmOptions, random: &mut Random) -> Result<Blueprint> {
    options.convolution.iter().enumerate().try_for_each(|(index, convolution)| convolution.check(index))?;
    match options.variant {
        Variant::Synaptic => check_sizes(sizes, || synaptic_counts(sizes, options))?,
        _ if sizes.len() == 2 && !options.convolution.is_empty() => {
            check_counts(sizes, || stacked_counts(sizes, options))?;
        }
        _ => check_sizes(sizes, || stacked_counts(sizes, options))?,
    }
    Ok(match options.variant {
        Variant::Synaptic => synaptic_lstm(sizes, options, random),
        Variant::Standard | Variant::Gru | Variant::GruResetBefore => stacked(sizes, options, random),
    })
}

/// What [`synaptic_lstm`] makes.
pub(super) fn synaptic_counts(sizes: &[usize], options: &LstmOptions) -> Counts {
    let (inputs, cells, outputs) = split(sizes);
    let [inputs, outputs] = [inputs, outputs].map(|size| size as f64);
    // Cells are none of their gates, so that all to else is all to all.
    let peepholes = |size: f64| match options.peepholes {
        None => 0.0,
        Some(ConnectionType::OneToOne) => 1.0,
        Some(ConnectionType::AllToAll | ConnectionType::AllToElse) => size,
    };
    let if_set = |flag: bool, count: f64| if flag { count } else { 0.0 };
    let mut counts = Counts { neurons: inputs + outputs, ..Counts::default() };
    counts.connections = if_set(options.input_to_output, inputs * outputs);
    let mut below = inputs;
    for &size in cells {
        let size = size as f64;
        counts.neurons += 4.0 * size;
        // What enters a gate, for each of which a gater has a trace per neuron that it gates.
        let into_gate = below + if_set(options.output_to_gates, outputs) + peepholes(size);
        let into_cell =
            below + 1.0 + if_set(options.hidden_to_hidden, size - 1.0) + if_set(options.output_to_hidden, outputs);
        counts.connections += size * (3.0 * into_gate + into_cell + outputs);
        counts.traces += size * into_gate * (2.0 + outputs);
        below = inputs + size;
    }
    counts
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
            builder.set(gate, &mut |neuron| neuron.bias = 1.0);
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
pub(super) fn pass_on(neuron: &mut Neuron, squash: Squash) {
    neuron.squash = squash;
    neuron.bias = 0.0;
    neuron.fixed_bias = true;
}

/// Names of read-outs, the first and the second, and of their reversed twins.
const READOUTS: [[&str; 2]; 2] = [["readout", "reversed readout"], ["second readout", "reversed second readout"]];

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

/// What [`stacked`] makes.
pub(super) fn stacked_counts(sizes: &[usize], options: &LstmOptions) -> Counts {
    let (inputs, cells, outputs) = split(sizes);
    let [inputs, outputs, embedding] = [inputs, outputs, options.embedding].map(|size| size as f64);
    let directions = if options.bidirectional { 2.0 } else { 1.0 };
    let mut counts = Counts {
        neurons: inputs + embedding + outputs,
        matrix: inputs * embedding,
        convolutions: options.convolution.len(),
        ..Counts::default()
    };
    let mut below = if embedding > 0.0 { embedding } else { inputs };
    for convolution in options.convolution {
        below = convolution.count(below, directions, &mut counts);
    }
    for &size in cells {
        let size = size as f64;
        let into = below + size;
        let [neurons, connections, traces] = match options.variant {
            Variant::Gru => [6.0, 3.0 * into + 4.0, 2.0 * into + 1.0],
            // Every reset gate gates what leaves its neuron, to all candidates.
            Variant::GruResetBefore => [5.0, 3.0 * into + 3.0, (size + 1.0) * into + 1.0],
            _ => [6.0, 4.0 * into + 3.0, 3.0 * into],
        };
        counts.neurons += directions * size * neurons;
        counts.connections += directions * size * connections;
        counts.traces += directions * size * traces;
        below = directions * size;
    }
    let read = below;
    for (index, kind) in options.pools().enumerate() {
        counts.neurons += read;
        counts.connections += read;
        below = read * (index + 1) as f64;
        if kind == Readout::Attention {
            counts.neurons += 1.0;
            counts.connections += read;
        }
    }
    counts.connections += below * outputs;
    counts
}

/// Layers of units, each twice where the network is bidirectional, between an embedding, if any, and the output.
fn stacked(sizes: &[usize], options: &LstmOptions, random: &mut Random) -> Blueprint {
    let (inputs, cells, outputs) = split(sizes);
    let mut builder = Builder::new(random);
    let initializer = options.initializer;
    let mut below = vec![builder.layer("input", inputs)];
    if options.embedding > 0 {
        let embedding = builder.layer("embedding", options.embedding);
        builder.set(embedding, &mut |neuron| pass_on(neuron, Squash::Identity));
        builder.embed(below[0], embedding, initializer.embedding());
        below = vec![embedding];
    }
    let directions = if options.bidirectional { 2 } else { 1 };
    for convolution in options.convolution {
        let twins = (0..directions).map(|twin| convolution.layer(&mut builder, &below, twin == 1, initializer));
        below = twins.collect();
    }
    for &size in cells {
        let mut layer = |reversed| match options.variant {
            Variant::Gru => gru_layer(&mut builder, &below, size, reversed, Reset::After, initializer),
            Variant::GruResetBefore => gru_layer(&mut builder, &below, size, reversed, Reset::Before, initializer),
            _ => standard_layer(&mut builder, &below, size, reversed, initializer),
        };
        below = (0..directions).map(|direction| layer(direction == 1)).collect();
    }
    let kinds: Vec<Readout> = options.pools().collect();
    if !kinds.is_empty() {
        below = readouts(&mut builder, &kinds, &below, initializer);
    }
    let read = below.iter().map(|&layer| builder.blueprint.layers[layer].neurons.len()).sum();
    let output = builder.layer("output", outputs);
    builder.bias_dense(output, initializer, read);
    for source in below {
        builder.project_scaled(source, output, initializer.dense(read, outputs));
    }
    builder.finish(options.output)
}

/// Layers that pool the last hidden ones, forward and reversed, neuron by neuron; gives them.
///
/// An attention's score is a learnt vector times the hidden state: Bahdanau, Cho & Bengio's (2015) without the
/// hidden layer of its own, as one answer has no query to be compared with (Yang et al. 2016, eq. 6). Both
/// directions of a step share it. It has no bias, of which a softmax knows nothing.
fn readouts(builder: &mut Builder, kinds: &[Readout], hidden: &[usize], initializer: Initializer) -> Vec<usize> {
    let size = builder.blueprint.layers[hidden[0]].neurons.len();
    let poolings: Vec<(usize, Option<Pooling>)> = kinds
        .iter()
        .map(|&kind| {
            let score = (kind == Readout::Attention).then(|| {
                let score = builder.layer("score", 1);
                builder.set(score, &mut |neuron| pass_on(neuron, Squash::Identity));
                for &source in hidden {
                    builder.project_scaled(source, score, initializer.dense(size * hidden.len(), 1));
                }
                builder.blueprint.layers[score].neurons[0]
            });
            Pooling::new(kind, score)
        })
        .enumerate()
        .collect();
    // The reversed layers first: they go on in the direction that the last one had, so that phases are fewer.
    let mut layers: Vec<(usize, usize, usize)> = Vec::new();
    for (direction, &source) in hidden.iter().enumerate().rev() {
        for &(index, pooling) in &poolings {
            let layer = builder.layer(READOUTS[index][direction], size);
            builder.set(layer, &mut |neuron| {
                pass_on(neuron, Squash::Identity);
                neuron.pooling = pooling;
                // A score sees both directions, so it and what it weighs come after both.
                neuron.reversed = direction == 1 && !matches!(pooling, Some(Pooling::Attention { .. }));
            });
            builder.project_fixed(source, layer, 1.0);
            layers.push((index, direction, layer));
        }
    }
    layers.sort_unstable();
    layers.into_iter().map(|(_, _, layer)| layer).collect()
}

/// `i, f, o = logistic(W x + U h + b)`, `g = tanh(W x + U h + b)`, `c = f c + i g`, `h = o tanh c`;
/// gives the layer of `h`.
///
/// The candidate, the cell and the hidden state are layers of their own: the cell's one incoming
/// connection and the hidden neuron's are fixed at 1, their biases at 0.
fn standard_layer(
    builder: &mut Builder,
    below: &[usize],
    size: usize,
    reversed: bool,
    initializer: Initializer,
) -> usize {
    use ConnectionType::OneToOne;
    let layers = STANDARD[usize::from(reversed)].map(|name| builder.layer(name, size));
    let [input_gate, forget_gate, candidate, output_gate, cell, hidden] = layers;
    for layer in layers {
        builder.set(layer, &mut |neuron| neuron.reversed = reversed);
    }
    let gates = [input_gate, forget_gate, candidate, output_gate];
    builder.bias_gates(&gates, Some(forget_gate), initializer);
    builder.set(candidate, &mut |neuron| neuron.squash = Squash::Tanh);
    builder.set(cell, &mut |neuron| pass_on(neuron, Squash::Tanh));
    builder.set(hidden, &mut |neuron| pass_on(neuron, Squash::Identity));
    let sources = below.iter().map(|&layer| builder.blueprint.layers[layer].neurons.len()).sum();
    for &source in below {
        for gate in gates {
            builder.project_scaled(source, gate, initializer.gates(sources, size, 4));
        }
    }
    let recurrent = gates.map(|gate| builder.project_scaled(hidden, gate, initializer.gates(size, size, 4)));
    if initializer == Initializer::Keras {
        builder.orthogonal(&recurrent, size);
    }
    let write = builder.project_fixed(candidate, cell, 1.0);
    builder.gate(input_gate, write, GateType::OneToOne);
    let keep = builder.project(cell, cell, OneToOne);
    builder.gate(forget_gate, keep, GateType::OneToOne);
    let read = builder.project_fixed(cell, hidden, 1.0);
    builder.gate(output_gate, read, GateType::OneToOne);
    hidden
}

fn split(sizes: &[usize]) -> (usize, &[usize], usize) {
    let last = sizes.len() - 1;
    (sizes[0], &sizes[1..last], sizes[last])
}

/// Every combination of Synaptic's LSTM options.
#[cfg(test)]
pub(crate) fn every_lstm_option() -> impl Iterator<Item = LstmOptions<'static>> {
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
