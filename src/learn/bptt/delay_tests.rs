//! Delays: against the reference, against central differences, and as convolutions.

use super::tests::{Layers, assert_gradient_is_exact, sequences, sequences_for, widen};
use super::*;
use crate::graph::architect::{Convolution, LstmOptions, Output, Variant, lstm};
use crate::graph::{ConnectionType, Graph, MAX_DELAY, NeuronId, Pooling, Readout, Squash};
use crate::learn::online::Online;
use crate::program::{Lowered, Lowering};
use crate::random::Random;

fn named(layers: Vec<Vec<NeuronId>>) -> Layers {
    layers.into_iter().enumerate().map(|(index, neurons)| (index.to_string(), neurons)).collect()
}

fn convolve(graph: &mut Graph, from: &[NeuronId], to: &[NeuronId], delays: &[i32], random: &mut Random) {
    for &delay in delays {
        graph.project_layer(from, to, ConnectionType::AllToAll, None, delay, random).unwrap();
    }
}

/// Two dilated convolutions below a recurrent layer that also reads further back, its own activations and the outputs,
/// as NARX networks do; a gate on some of it, and a few connections of other delays.
fn network(seed: u64) -> (Graph, Layers) {
    let random = &mut Random::new(seed);
    let mut graph = Graph::new();
    let layers = [2, 3, 4, 3, 2].map(|size| graph.add_layer(size, random));
    let [input, first, second, recurrent, output] = &layers;
    convolve(&mut graph, input, first, &[0, 1, 2], random);
    convolve(&mut graph, first, second, &[0, 2, 4], random);
    convolve(&mut graph, second, recurrent, &[0], random);
    convolve(&mut graph, recurrent, recurrent, &[1, 2], random);
    convolve(&mut graph, recurrent, output, &[0, 3], random);
    convolve(&mut graph, output, recurrent, &[1, 2], random);
    for &id in first.iter().chain(second) {
        graph.neurons[id as usize].squash = [Squash::Relu, Squash::Tanh][random.below(2)];
    }
    if seed % 2 == 1 {
        let gated = graph.project_layer(input, output, ConnectionType::AllToAll, None, 2, random).unwrap();
        for (index, &id) in gated.iter().enumerate() {
            graph.gate(recurrent[index % 2], id);
        }
        for _ in 0..6 {
            let from = layers[random.below(5)][0];
            let to = layers[1 + random.below(4)][1];
            graph.project(from, to, None, 1 + random.below(5) as i32, random);
        }
    }
    widen(&mut graph, random);
    graph.connections.iter_mut().for_each(|connection| connection.weight *= 0.7);
    (graph, named(layers.to_vec()))
}

/// A convolution that looks back and one that looks ahead, on inputs and on each other, with a read-out or without.
fn two_way(readout: Option<Readout>, seed: u64) -> (Graph, Layers) {
    let random = &mut Random::new(seed);
    let mut graph = Graph::new();
    let layers = [2, 3, 3, 3, 2].map(|size| graph.add_layer(size, random));
    let [input, back, ahead, last, output] = &layers;
    convolve(&mut graph, input, back, &[0, 1, 3], random);
    convolve(&mut graph, input, ahead, &[0, -1, -3], random);
    convolve(&mut graph, back, ahead, &[0, -2], random);
    convolve(&mut graph, ahead, ahead, &[-2], random);
    convolve(&mut graph, ahead, last, &[0, 1], random);
    convolve(&mut graph, last, output, &[0], random);
    for &id in ahead {
        graph.neurons[id as usize].reversed = true;
    }
    for &id in last {
        graph.neurons[id as usize].pooling = readout.and_then(|kind| Pooling::new(kind, None));
    }
    widen(&mut graph, random);
    (graph, named(layers.to_vec()))
}

#[test]
fn gradients_through_delays_equal_finite_differences() {
    for seed in 0..12 {
        let (graph, layers) = network(seed);
        assert_gradient_is_exact("delays", &graph, &layers, None, seed);
    }
    for (seed, readout) in (20..).zip([None, Some(Readout::Mean), Some(Readout::Max), Some(Readout::Last)]) {
        let (graph, layers) = two_way(readout, seed);
        assert_gradient_is_exact(&format!("two-way {readout:?}"), &graph, &layers, None, seed);
    }
}

#[test]
fn gradients_through_delays_under_dropout_equal_finite_differences() {
    for seed in 0..4 {
        let (graph, layers) = network(seed);
        let lowered = Lowered::new(&graph, &layers, Lowering::Blocks).unwrap();
        let random = &mut Random::new(seed);
        let data = sequences_for(&lowered.program, random);
        let dropout = Some(Dropout { share: 0.4, seed });
        super::tests::checked_gradient("dropout", (&graph, &lowered), &data, Loss::Mse, dropout, random);
    }
}

/// The lowered network, over a whole sequence, in short passes and step by step, gives what the reference gives.
#[test]
fn every_way_to_run_delays_equals_the_reference() {
    for seed in 0..40 {
        let (graph, layers) = network(seed);
        for lowering in [Lowering::Blocks, Lowering::Sparse] {
            let lowered = Lowered::new(&graph, &layers, lowering).unwrap();
            let program = &lowered.program;
            let data = sequences(2, 2, false, &mut Random::new(seed));
            let parameters = lowered.load(&graph)[program.layout.parameters()].to_vec();
            let sample = data.sample(0);
            let mut whole = Bptt::<f64>::new(program);
            whole.forward(program, &parameters, &data, &[sample], Context::Fresh, true);
            let mut short = Bptt::<f64>::new(program);
            let mut of_passes = Vec::new();
            for (batch, context) in passes(&[sample], 2) {
                short.forward(program, &parameters, &data, &batch, context, true);
                of_passes.extend((0..batch[0].steps).map(|step| short.output(program, step, 0, 1)));
            }
            let (mut plain, mut memory) = (graph.clone(), lowered.load(&graph));
            for (step, of_passes) in of_passes.into_iter().enumerate() {
                let input = data.input(sample.first + step, &mut Vec::new()).to_vec();
                for (&id, &value) in layers[0].1.iter().zip(&input) {
                    plain.feed(id, value);
                }
                layers[1..].iter().for_each(|(_, layer)| plain.activate(layer));
                Online::default().activate(program, &mut memory, &input);
                // What is kept goes from the memory to the graph and back.
                let mut stored = graph.clone();
                lowered.store(&mut memory, &mut stored);
                let mut rows = Graph::of_neurons(
                    &(0..stored.neurons.len() as u32).flat_map(|id| stored.neuron_row(id)).collect::<Vec<_>>(),
                );
                let connections: Vec<f64> = stored.connections.iter().flat_map(|c| stored.connection_row(c)).collect();
                rows.connect_rows(&connections, true);
                rows.take_pasts(&stored.past_rows());
                memory = lowered.load(&rows);
                let expected = plain.neurons[layers[4].1[1] as usize].activation;
                let single = program.layout.split(&mut memory).activations[program.outputs.start + 1];
                for found in [single, of_passes, whole.output(program, step, 0, 1)] {
                    assert!((found - expected).abs() < 1e-12, "seed {seed} step {step}: {found} against {expected}");
                }
            }
        }
    }
}

#[test]
fn a_sequence_is_convolved_whatever_runs_beside_it() {
    for readout in [None, Some(Readout::Max)] {
        let (graph, layers) = two_way(readout, 3);
        let lowered = Lowered::new(&graph, &layers, Lowering::Blocks).unwrap();
        let program = &lowered.program;
        let parameters = lowered.load(&graph)[program.layout.parameters()].to_vec();
        let data = sequences_for(program, &mut Random::new(4));
        let together: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
        let mut whole = Bptt::<f64>::new(program);
        whole.forward(program, &parameters, &data, &together, Context::Fresh, true);
        for (lane, &sample) in together.iter().enumerate() {
            let mut alone = whole.clone();
            alone.forward(program, &parameters, &data, &[sample], Context::Fresh, true);
            for step in 0..sample.steps {
                assert_eq!(alone.output(program, step, 0, 1), whole.output(program, step, lane, 1));
            }
        }
    }
}

#[test]
fn a_convolution_is_one_block_with_a_tap_per_delay() {
    let (graph, layers) = network(0);
    let program = Lowered::new(&graph, &layers, Lowering::Blocks).unwrap().program;
    let taps: Vec<&[usize]> = program.blocks.iter().map(|block| &block.delays[..]).collect();
    assert_eq!(taps, [&[0, 1, 2][..], &[0, 2, 4], &[], &[1, 2], &[1, 2], &[0, 3]]);
    assert!(program.blocks.iter().all(|block| matches!(block.kind, BlockKind::Dense { .. })));
    assert!(program.check_online().is_err());
    let again = Program::from_words(program.to_words()).unwrap();
    assert_eq!(again, *program);
    // Words that say other delays are no program, or one that runs.
    let words = program.to_words();
    let data = sequences(2, 2, false, &mut Random::new(1));
    for (at, value) in (0..words.len()).flat_map(|at| [0, 1, 3, 2000, u64::MAX].map(|value| (at, value))) {
        let mut words = words.clone();
        words[at] = value;
        let Ok(program) = Program::from_words(words) else { continue };
        let longest = program.segments.iter().map(|segment| segment.delay).max();
        assert!(longest <= Some(MAX_DELAY as usize));
        if (program.inputs, program.output_count()) == (2, 2) {
            let parameters = vec![0.1; program.layout.parameters().len()];
            let mut bptt = Bptt::<f64>::new(&program);
            bptt.forward(&program, &parameters, &data, &[data.sample(0)], Context::Fresh, true);
            bptt.backward(&program, &parameters, &data, Loss::Mse, 1);
        }
    }
}

#[test]
fn delays_that_nobody_knows_are_refused() {
    let refused = |change: &dyn Fn(&mut Graph, &Layers, &mut Random)| {
        let (mut graph, layers) = two_way(Some(Readout::Mean), 5);
        change(&mut graph, &layers, &mut Random::new(1));
        Lowered::new(&graph, &layers, Lowering::Blocks).is_err()
    };
    assert!(!refused(&|_, _, _| {}));
    let add = |from: usize, to: usize, delay: i32| {
        refused(&move |graph, layers, random| convolve(graph, &layers[from].1, &layers[to].1, &[delay], random))
    };
    assert!(add(0, 1, -1), "a forward layer looks ahead");
    assert!(add(0, 2, 1), "a reversed layer looks back");
    assert!(add(3, 4, 1), "a head looks back");
    assert!(add(2, 1, 1), "an earlier phase reads a later one");
    assert!(refused(&|graph, layers, random| {
        let outside = graph.add_layer(2, random);
        convolve(graph, &outside, &layers[1].1, &[1], random);
    }));
}

#[test]
fn gradients_through_convolutions_equal_finite_differences() {
    let layers = [(4, 3, 1), (3, 2, 2)].map(|(filters, width, dilation)| Convolution { filters, width, dilation });
    let mut seed = 40;
    for bidirectional in [false, true] {
        for sizes in [&[2, 3][..], &[2, 4, 3]] {
            for readouts in [[None, None], [Some(Readout::Mean), Some(Readout::Max)], [Some(Readout::Attention), None]]
            {
                let options = LstmOptions {
                    variant: Variant::Standard,
                    output: Output::Softmax,
                    bidirectional,
                    readout: readouts[0],
                    second_readout: readouts[1],
                    convolution: &layers,
                    ..LstmOptions::default()
                };
                let mut blueprint = lstm(sizes, &options, &mut Random::new(seed)).unwrap();
                let random = &mut Random::new(seed);
                widen(&mut blueprint.graph, random);
                // At 0, where a rectifier has no slope, a first layer that is silent would leave the second.
                for neuron in blueprint.graph.neurons.iter_mut().filter(|neuron| neuron.squash == Squash::Relu) {
                    neuron.bias = random.unit() - 0.3;
                }
                let name = format!("{bidirectional} {sizes:?} {readouts:?}");
                assert_gradient_is_exact(&name, &blueprint.graph, &blueprint.named_layers(), None, seed);
                seed += 1;
            }
        }
    }
}

#[test]
fn convolutions_that_make_no_layer_are_refused() {
    for (filters, width, dilation) in [(0, 3, 1), (3, 0, 1), (3, 3, 0), (3, 2, 1025), (3, usize::MAX, usize::MAX)] {
        let convolution = [Convolution { filters, width, dilation }];
        let options = LstmOptions { variant: Variant::Standard, convolution: &convolution, ..LstmOptions::default() };
        assert!(lstm(&[2, 3, 2], &options, &mut Random::new(1)).is_err());
    }
}
