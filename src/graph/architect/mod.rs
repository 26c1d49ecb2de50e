//! Ready-made topologies: Perceptron, LSTM (two kinds), Liquid, Hopfield.

mod blueprint;
mod initializer;
mod lstm;

use super::{ConnectionId, ConnectionType, Squash};
use crate::error::{Error, Result};
use crate::field::choice;
use crate::random::Random;
use blueprint::Builder;
pub use blueprint::{Blueprint, GatePlan, LayerPlan, ProjectionPlan};
pub use initializer::Initializer;
#[cfg(test)]
pub(crate) use lstm::every_lstm_option;
pub use lstm::{LstmOptions, Variant, lstm};

/// Most neurons an architect builds.
pub const MAX_NEURONS: usize = 1 << 20;
/// Most connections an architect builds.
pub const MAX_CONNECTIONS: usize = 1 << 25;

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

/// Checks the layers, and that they make no more neurons and connections than an architect builds.
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
/// [`Initializer::Synaptic`] is Synaptic's.
pub fn perceptron(sizes: &[usize], output: Output, initializer: Initializer, random: &mut Random) -> Result<Blueprint> {
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
        assert!(perceptron(&[2, 0, 1], Output::Logistic, Initializer::Synaptic, &mut Random::new(1)).is_err());
        assert!(perceptron(&[2, 1], Output::Logistic, Initializer::Synaptic, &mut Random::new(1)).is_err());
    }
}
