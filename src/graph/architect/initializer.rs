//! First weights and biases of dense projections and of standard LSTM and GRU layers.
//!
//! Only sums, products, quotients and square roots are used, which every platform rounds alike.

use super::blueprint::Builder;
use crate::field::choice;
use crate::kernels::{add_scaled, dot};
use crate::random::Random;

choice! {
    /// How weights and biases are drawn before the first training.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Initializer {
        /// Synaptic's: all uniform in ±0.1.
        #[default]
        Synaptic,
        /// Weights uniform in `±1 / sqrt(n)`, of `n` cells in a standard LSTM layer and of `n` sources elsewhere;
        /// biases uniform in ±0.1, the forget gate's 1; embeddings uniform in ±1. engram's own.
        Scaled,
        /// PyTorch's: weights and biases uniform in `±1 / sqrt(n)`; a gate's bias is the sum of two such, and the
        /// forget gate's 1 more (Jozefowicz, Zaremba & Sutskever 2015); embeddings of variance 1.
        Pytorch,
        /// Keras': weights uniform with variance `2 / (sources + targets)` (Glorot & Bengio 2010), recurrent ones
        /// orthogonal (Saxe, McClelland & Ganguli 2014), biases 0, the forget gate's 1; embeddings in ±0.05.
        Keras,
        /// For layers of rectified neurons: weights uniform with variance `2 / sources` (He et al. 2015), biases 0.
        He,
    }
}

/// What weights and biases are drawn in, ±0.1, goes so often into ±1.
const TO_ONE: f64 = 10.0;

impl Initializer {
    /// The range of the weights of a dense layer with so many sources and targets, over Synaptic's of ±0.1.
    pub(super) fn dense(self, sources: usize, targets: usize) -> f64 {
        let (sources, targets) = (sources as f64, targets as f64);
        match self {
            Initializer::Synaptic => 1.0,
            Initializer::Scaled | Initializer::Pytorch => TO_ONE / sources.sqrt(),
            Initializer::Keras => TO_ONE * (6.0 / (sources + targets)).sqrt(),
            Initializer::He => TO_ONE * (6.0 / sources).sqrt(),
        }
    }

    /// The same of the weights from `sources` to each gate of a recurrent layer of `cells`: to Keras, its gates are one
    /// matrix.
    pub(super) fn gates(self, sources: usize, cells: usize, gates: usize) -> f64 {
        match self {
            Initializer::Scaled | Initializer::Pytorch => TO_ONE / (cells as f64).sqrt(),
            _ => self.dense(sources, gates * cells),
        }
    }

    /// The same of an embedding: a symbol brings one weight to each neuron, however many symbols there are.
    pub(super) fn embedding(self) -> f64 {
        match self {
            Initializer::Pytorch => TO_ONE * 3f64.sqrt(),
            Initializer::Keras => TO_ONE * 0.05,
            _ => TO_ONE,
        }
    }
}

impl Builder<'_> {
    /// Gives the neurons of a dense layer their first biases; new ones are uniform in ±0.1.
    pub(super) fn bias_dense(&mut self, layer: usize, initializer: Initializer, sources: usize) {
        self.set(layer, &mut |neuron| match initializer {
            Initializer::Synaptic | Initializer::Scaled => {}
            Initializer::Pytorch => neuron.bias *= TO_ONE / (sources as f64).sqrt(),
            Initializer::Keras | Initializer::He => neuron.bias = 0.0,
        });
    }

    /// Gives the gates of a recurrent layer their first biases: all but the forget gate's, if one is, around 0, that
    /// around 1.
    pub(super) fn bias_gates(&mut self, gates: &[usize], forget: Option<usize>, initializer: Initializer) {
        for &gate in gates {
            let forgets = forget == Some(gate);
            let cells = self.blueprint.layers[gate].neurons.len();
            match initializer {
                Initializer::Pytorch => {
                    let more: Vec<f64> = (0..cells).map(|_| self.random.weight()).collect();
                    let mut more = more.into_iter();
                    let scale = TO_ONE / (cells as f64).sqrt();
                    let start = if forgets { 1.0 } else { 0.0 };
                    self.set(gate, &mut |neuron| {
                        neuron.bias = start + scale * (neuron.bias + more.next().unwrap_or_default());
                    });
                }
                Initializer::Keras => self.set(gate, &mut |neuron| neuron.bias = f64::from(u8::from(forgets))),
                _ if forgets => self.set(gate, &mut |neuron| neuron.bias = 1.0),
                _ => {}
            }
        }
    }

    /// Makes projections of a layer of `cells` onto its gates, (cells, gates × cells) side by side, orthogonal: its
    /// rows are of length 1 and stand at right angles to each other.
    pub(super) fn orthogonal(&mut self, projections: &[usize], cells: usize) {
        let rows = orthonormal(cells, projections.len() * cells, self.random);
        for (gate, &projection) in projections.iter().enumerate() {
            // The connections of a projection are listed source by source.
            for (at, &id) in self.blueprint.projections[projection].connections.iter().enumerate() {
                self.blueprint.graph.connections[id as usize].weight = rows[at / cells][gate * cells + at % cells];
            }
        }
    }
}

/// `count` random rows of `size` numbers, at least as many as rows, each of length 1 and orthogonal to the others:
/// by the modified Gram-Schmidt process from rows of nearly normal numbers. Every direction is as probable as any
/// other but for that; one pass does, as long random rows are far from dependent.
fn orthonormal(count: usize, size: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(count);
    for _ in 0..count {
        // The sum of twelve uniform numbers has variance 1, and needs no logarithm.
        let mut row: Vec<f64> = (0..size).map(|_| (0..12).map(|_| random.unit()).sum::<f64>() - 6.0).collect();
        for other in &rows {
            let along = dot(&row, other);
            add_scaled(&mut row, -along, other);
        }
        let length = dot(&row, &row).sqrt();
        row.iter_mut().for_each(|value| *value /= length);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Readout;
    use crate::graph::architect::{LstmOptions, Variant, lstm};
    use crate::program::{Lowered, Lowering};

    #[test]
    fn rows_are_orthonormal() {
        for (count, size) in [(1, 4), (7, 28), (64, 256), (12, 12)] {
            let rows = orthonormal(count, size, &mut Random::new(51));
            for (index, row) in rows.iter().enumerate() {
                for (other, second) in rows.iter().enumerate() {
                    let product: f64 = row.iter().zip(second).map(|(a, b)| a * b).sum();
                    let expected = if index == other { 1.0 } else { 0.0 };
                    assert!((product - expected).abs() < 1e-12, "{index} {other}: {product}");
                }
            }
        }
    }
    /// What tests/node/initializers.test.mjs finds in WebAssembly, too.
    #[test]
    fn first_weights_are_the_same_on_every_platform() {
        let folded = [
            (Initializer::Keras, 0xf24e_5f32_b5d5_406e_u64),
            (Initializer::Pytorch, 0x367a_4848_7eea_f5e7),
            (Initializer::Scaled, 0xcf45_3c62_5a85_6477),
        ];
        for (initializer, expected) in folded {
            let options = LstmOptions {
                variant: Variant::Standard,
                readout: Some(Readout::Attention),
                initializer,
                ..LstmOptions::default()
            };
            let blueprint = lstm(&[30, 16, 5], &options, &mut Random::new(4)).unwrap();
            let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
            let memory = lowered.load(&blueprint.graph);
            let words = memory[lowered.program.layout.parameters()].iter().map(|value| value.to_bits());
            assert_eq!(words.fold(0u64, |sum, word| sum.rotate_left(1) ^ word), expected, "{initializer:?}");
        }
    }
}
