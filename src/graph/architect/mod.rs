//! Ready-made topologies: Perceptron, LSTM (two kinds), GRU (two kinds), Liquid, Hopfield.

mod blueprint;
mod convolution;
mod gru;
mod initializer;
mod lstm;

use super::{ConnectionId, ConnectionType, MAX_CONNECTIONS, MAX_MATRIX, Squash};
use crate::error::{Error, Result};
use crate::field::choice;
use crate::random::Random;
use blueprint::Builder;
pub use blueprint::{Blueprint, GatePlan, LayerPlan, ProjectionPlan};
pub use convolution::Convolution;
pub use initializer::Initializer;
#[cfg(test)]
pub(crate) use lstm::every_lstm_option;
pub use lstm::{LstmOptions, Variant, lstm};

/// Most neurons an architect builds.
pub const MAX_NEURONS: usize = 1 << 20;
/// Most traces of gates that an architect builds.
pub const MAX_TRACES: usize = 1 << 24;

choice! {
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

/// What a topology consists of.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Neurons.
    neurons: f64,
    /// Connections that are kept one by one.
    connections: f64,
    /// Connections that are kept as a matrix.
    matrix: f64,
    /// Traces of gaters.
    traces: f64,
    /// Convolutions that are part of it.
    convolutions: usize,
}

/// Checks the layers, and that what they make, by exact count, fits.
fn check_sizes(sizes: &[usize], count: impl FnOnce() -> Counts) -> Result<()> {
    if sizes.len() < 3 {
        return Err(Error::Range(format!(
            "a network has at least 3 layers (input, hidden, output), got {}",
            sizes.len()
        )));
    }
    check_counts(sizes, count)
}

/// The same, where hidden layers may be others.
fn check_counts(sizes: &[usize], count: impl FnOnce() -> Counts) -> Result<()> {
    if let Some(index) = sizes.iter().position(|&size| size == 0) {
        return Err(Error::Range(format!("layer {index} has 0 neurons, expected at least 1")));
    }
    let Counts { neurons, connections, matrix, traces, convolutions } = count();
    let beside = if convolutions > 0 { format!(" and {convolutions} convolutions") } else { String::new() };
    let limits = [
        (neurons, MAX_NEURONS, "neurons"),
        (connections, MAX_CONNECTIONS, "connections"),
        (matrix, MAX_MATRIX, "weights of an embedding"),
        (traces, MAX_TRACES, "traces of gates"),
    ];
    for (count, most, what) in limits {
        if count > most as f64 {
            return Err(Error::Range(format!(
                "layers [{}]{beside} make {} {what}, at most {most} are allowed",
                sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                count as u64
            )));
        }
    }
    Ok(())
}

/// Layers joined one to the next, all to all. `sizes` is input, hidden..., output.
/// [`Initializer::Synaptic`] is Synaptic's.
pub fn perceptron(sizes: &[usize], output: Output, initializer: Initializer, random: &mut Random) -> Result<Blueprint> {
    check_sizes(sizes, || Counts {
        neurons: sizes.iter().map(|&size| size as f64).sum(),
        connections: sizes.windows(2).map(|pair| pair[0] as f64 * pair[1] as f64).sum(),
        ..Counts::default()
    })?;
    let mut builder = Builder::new(random);
    for (index, &size) in sizes.iter().enumerate() {
        let name = match index {
            0 => "input",
            _ if index + 1 == sizes.len() => "output",
            _ => "hidden",
        };
        let layer = builder.layer(name, size);
        if layer > 0 {
            let before = sizes[layer - 1];
            builder.bias_dense(layer, initializer, before);
            builder.project_scaled(layer - 1, layer, initializer.dense(before, size));
        }
    }
    Ok(builder.finish(output))
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
    check_sizes(&[inputs, hidden, outputs], || Counts {
        neurons: inputs as f64 + hidden as f64 + outputs as f64,
        connections: connections as f64 + gates as f64 + hidden as f64 * (inputs as f64 + outputs as f64),
        ..Counts::default()
    })?;
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
            graph.project(from, to, None, 0, builder.random)
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
    check_sizes(&[size, 1, size], || Counts {
        neurons: 2.0 * size as f64,
        connections: size as f64 * size as f64,
        ..Counts::default()
    })?;
    let mut builder = Builder::new(random);
    let input = builder.layer("input", size);
    let output = builder.layer("output", size);
    builder.project(input, output, ConnectionType::AllToAll);
    Ok(builder.finish(Output::Logistic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Choice;
    use crate::graph::Readout;

    #[test]
    fn the_synaptic_lstm_has_its_connections() {
        let blueprint = lstm(&[2, 3, 1], &LstmOptions::default(), &mut Random::new(1)).unwrap();
        // input to 4 layers, cell to output, self, 3 peepholes, input to output
        assert_eq!(blueprint.graph.connections.len(), 4 * 6 + 3 + 3 + 27 + 2);
        assert_eq!(blueprint.layers.len(), 6);
    }

    #[test]
    fn what_is_counted_is_what_is_made() {
        let forms = [(false, 0), (true, 0), (false, 3), (true, 3)];
        let standard: Vec<_> = [Variant::Standard, Variant::Gru, Variant::GruResetBefore]
            .into_iter()
            .flat_map(|variant| {
                forms.map(|(bidirectional, embedding)| LstmOptions {
                    variant,
                    bidirectional,
                    embedding,
                    ..LstmOptions::default()
                })
            })
            .collect();
        let pooling = Readout::ALL.iter().flat_map(|&readout| {
            standard.iter().map(move |&options| LstmOptions { readout: Some(readout), ..options })
        });
        const LAYERS: [Convolution; 2] =
            [Convolution { filters: 3, width: 4, dilation: 2 }, Convolution { filters: 2, width: 1, dilation: 1 }];
        let convolved = standard.iter().map(|&options| LstmOptions {
            convolution: &LAYERS,
            readout: Some(Readout::Mean),
            second_readout: Some(Readout::Max),
            ..options
        });
        for options in every_lstm_option().chain(standard.iter().copied()).chain(pooling).chain(convolved) {
            let sizes = [4, 3, 5, 2];
            let counts = match options.variant {
                Variant::Synaptic => lstm::synaptic_counts(&sizes, &options),
                _ => lstm::stacked_counts(&sizes, &options),
            };
            let graph = lstm(&sizes, &options, &mut Random::new(1)).unwrap().graph;
            let traces: usize =
                graph.neurons.iter().flat_map(|neuron| &neuron.extended).map(|relation| relation.traces.len()).sum();
            let matrix: usize = graph.matrices.iter().map(|matrix| matrix.weights.len()).sum();
            let made = [graph.neurons.len(), graph.connections.len(), matrix, traces].map(|count| count as f64);
            assert_eq!([counts.neurons, counts.connections, counts.matrix, counts.traces], made, "{options:?}");
        }
    }

    #[test]
    fn impossible_sizes_are_refused_before_memory_is_touched() {
        let refused = lstm(&[1, 1_000_000_000, 1], &LstmOptions::default(), &mut Random::new(1));
        assert!(matches!(refused, Err(Error::Range(_))));
        assert!(perceptron(&[2, 0, 1], Output::Logistic, Initializer::Synaptic, &mut Random::new(1)).is_err());
        assert!(perceptron(&[2, 1], Output::Logistic, Initializer::Synaptic, &mut Random::new(1)).is_err());
    }
}
