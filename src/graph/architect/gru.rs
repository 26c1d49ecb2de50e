//! The gated recurrent unit (Cho et al. 2014), of the graph's own means.

use super::blueprint::Builder;
use super::initializer::Initializer;
use super::lstm::pass_on;
use crate::graph::{ConnectionType, GateType, Squash};

/// On which side of the recurrent matrix the reset gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// `r * (U h + b)`, as in PyTorch, cuDNN and Keras' `reset_after`.
    After,
    /// `U (r * h)`, as Cho et al. have it, and Keras before `reset_after`.
    Before,
}

/// Names of a unit's layers, from a step's start to its end, and of its reversed twin's.
const NAMES: [[&str; 6]; 2] = [
    ["resetGate", "updateGate", "complement", "recurrent", "candidate", "hidden"],
    [
        "reversed resetGate",
        "reversed updateGate",
        "reversed complement",
        "reversed recurrent",
        "reversed candidate",
        "reversed hidden",
    ],
];

/// `r, z = logistic(W x + U h + b)`, `n = tanh(W x + b + r (U h + c))`, `h = (1 - z) n + z h`; gives the layer of `h`.
///
/// `1 - z` is a layer of its own, `complement`: bias and connection are fixed at 1 and -1. So is `U h + c`, the layer
/// `recurrent`, which the reset gate gates on its way to the candidate; with [`Reset::Before`] there is none, and the
/// reset gate gates what leaves `h`. What `h` keeps is its self-connection, gated by `z`.
pub fn gru_layer(
    builder: &mut Builder,
    below: &[usize],
    size: usize,
    reversed: bool,
    reset: Reset,
    initializer: Initializer,
) -> usize {
    use ConnectionType::OneToOne;
    let names = NAMES[usize::from(reversed)];
    let mut layer = |name: &'static str| {
        let made = builder.layer(name, size);
        builder.set(made, &mut |neuron| neuron.reversed = reversed);
        made
    };
    let [reset_gate, update_gate, complement] = [names[0], names[1], names[2]].map(&mut layer);
    let recurrent = (reset == Reset::After).then(|| layer(names[3]));
    let [candidate, hidden] = [names[4], names[5]].map(&mut layer);

    builder.bias_gates(&[reset_gate, update_gate], None, initializer);
    for layer in recurrent.into_iter().chain([candidate]) {
        builder.bias_dense(layer, initializer, size);
    }
    builder.set(candidate, &mut |neuron| neuron.squash = Squash::Tanh);
    builder.set(hidden, &mut |neuron| pass_on(neuron, Squash::Identity));
    builder.set(complement, &mut |neuron| {
        pass_on(neuron, Squash::Identity);
        neuron.bias = 1.0;
    });
    let sources = below.iter().map(|&layer| builder.blueprint.layers[layer].neurons.len()).sum();
    for gate in [reset_gate, update_gate, candidate] {
        for &source in below {
            builder.project_scaled(source, gate, initializer.gates(sources, size, 3));
        }
    }
    builder.project_fixed(update_gate, complement, -1.0);
    if let Some(recurrent) = recurrent {
        builder.set(recurrent, &mut |neuron| neuron.squash = Squash::Identity);
        let arriving = builder.project_fixed(recurrent, candidate, 1.0);
        builder.gate(reset_gate, arriving, GateType::OneToOne);
    }
    let back = [reset_gate, update_gate, recurrent.unwrap_or(candidate)]
        .map(|gate| builder.project_scaled(hidden, gate, initializer.gates(size, size, 3)));
    if initializer == Initializer::Keras {
        builder.orthogonal(&back, size);
    }
    if reset == Reset::Before {
        builder.gate(reset_gate, back[2], GateType::Output);
    }
    let write = builder.project_fixed(candidate, hidden, 1.0);
    builder.gate(complement, write, GateType::OneToOne);
    let keep = builder.project(hidden, hidden, OneToOne);
    builder.gate(update_gate, keep, GateType::OneToOne);
    hidden
}
