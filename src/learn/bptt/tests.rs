//! Gradients against central finite differences.

use super::*;
use crate::field::Choice;
use crate::graph::architect::{
    Blueprint, Initializer, LstmOptions, Output, Variant, every_lstm_option, hopfield, liquid, lstm, perceptron,
};
use crate::graph::{ConnectionType, GateType, Graph, NeuronId, Pooling, Readout, Squash};
use crate::learn::loss::Cost;
use crate::learn::online::Online;
use crate::program::{Lowered, Lowering, NO_CONNECTION};
use crate::random::Random;

pub(super) type Layers = Vec<(String, Vec<NeuronId>)>;

/// Sequences of different lengths with targets at the last step and at random other steps.
pub(super) fn sequences(inputs: usize, outputs: usize, softmax: bool, random: &mut Random) -> DataSet {
    sequences_judged(inputs, outputs, softmax, false, random)
}

/// Sequences for a program, with targets where it gives answers.
pub(super) fn sequences_for(program: &Program, random: &mut Random) -> DataSet {
    sequences_judged(program.inputs, program.output_count(), program.has_softmax(), program.has_readout(), random)
}

fn sequences_judged(inputs: usize, outputs: usize, softmax: bool, ends_alone: bool, random: &mut Random) -> DataSet {
    let lengths = [7, 5, 5, 3, 1];
    let total: u32 = lengths.iter().sum();
    let (mut target_of_step, mut targets) = (Vec::new(), Vec::new());
    for length in lengths {
        for step in 0..length {
            if step + 1 < length && (ends_alone || random.below(3) > 0) {
                target_of_step.push(crate::data::NO_TARGET);
                continue;
            }
            target_of_step.push((targets.len() / outputs) as u32);
            let hot = random.below(outputs);
            targets.extend((0..outputs).map(|output| match softmax {
                true => f64::from(u8::from(output == hot)),
                false => random.unit(),
            }));
        }
    }
    let values = (0..total as usize * inputs).map(|_| random.unit() * 2.0 - 1.0).collect();
    DataSet::new(inputs, outputs, values, targets, target_of_step, &lengths).unwrap()
}

fn loss_of(bptt: &mut Bptt<f64>, program: &Program, parameters: &[f64], data: &DataSet, loss: Loss) -> f64 {
    let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
    bptt.forward(program, parameters, data, &batch, Context::Fresh, false);
    let (mut sum, mut count) = (0.0, 0);
    for (lane, sample) in batch.iter().enumerate() {
        for step in 0..sample.steps {
            let mut row = Vec::new();
            let Some(target) = data.target(sample.first + step, &mut row) else { continue };
            let output: Vec<f64> = (0..target.len()).map(|o| bptt.output(program, step, lane, o)).collect();
            sum += sample.weight * loss.cost().of(target, &output, program.has_softmax());
            count += 1;
        }
    }
    sum / count as f64
}

/// The gradient, held against differences of the loss at 60 random parameters.
pub(super) fn checked_gradient(
    name: &str,
    (graph, lowered): (&Graph, &Lowered),
    data: &DataSet,
    loss: Loss,
    dropout: Option<Dropout>,
    random: &mut Random,
) -> Vec<f64> {
    let program = &lowered.program;
    let mut parameters = lowered.load(graph)[program.layout.parameters()].to_vec();
    let mut bptt = Bptt::<f64>::new(program);
    let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
    bptt.drop_out(program, &batch, dropout);
    loss_of(&mut bptt, program, &parameters, data, loss);
    let targets = batch.iter().map(|&sample| data.targets_in(sample)).sum();
    bptt.clear_gradient();
    bptt.backward(program, &parameters, data, loss, targets);
    let gradient = bptt.gradient.clone();
    let largest = gradient.iter().fold(1e-3f64, |a, b| a.max(b.abs()));
    for _ in 0..60 {
        let at = random.below(parameters.len());
        let fixed = at >= program.layout.weights && program.fixed_bias[at - program.layout.weights]
            || at < program.layout.weights
                && lowered.connections[at] != NO_CONNECTION
                && graph.connections[lowered.connections[at] as usize].fixed;
        if fixed {
            assert_eq!(gradient[at], 0.0);
            continue;
        }
        let (original, h) = (parameters[at], 1e-5);
        parameters[at] = original + h;
        let above = loss_of(&mut bptt, program, &parameters, data, loss);
        parameters[at] = original - h;
        let below = loss_of(&mut bptt, program, &parameters, data, loss);
        parameters[at] = original;
        let slope = (above - below) / (2.0 * h);
        assert!(
            (slope - gradient[at]).abs() <= 1e-6 * slope.abs().max(largest),
            "{name} parameter {at}: {} against {slope}",
            gradient[at]
        );
    }
    gradient
}

pub(super) fn assert_gradient_is_exact(name: &str, graph: &Graph, layers: &Layers, cost: Option<Cost>, seed: u64) {
    let mut random = Random::new(seed);
    // Gradients are compared by connection.
    let mut graph = graph.clone();
    graph.spread().unwrap();
    let graph = &graph;
    let mut gradients = Vec::new();
    for lowering in [Lowering::Blocks, Lowering::Sparse] {
        let lowered = Lowered::new(graph, layers, lowering).unwrap();
        let program = &lowered.program;
        let data = sequences_for(program, &mut Random::new(seed));
        let loss = Loss::choose(&program.squash[program.outputs.clone()], cost);
        let name = format!("{name} seed {seed} {lowering:?}");
        let gradient = checked_gradient(&name, (graph, &lowered), &data, loss, None, &mut random);
        let mut by_connection: Vec<f64> = vec![0.0; graph.connections.len()];
        for (weight, &id) in lowered.connections.iter().enumerate() {
            by_connection[id as usize] = gradient[weight];
        }
        gradients.push((by_connection, gradient[program.layout.weights..].to_vec()));
    }
    for (a, b) in gradients[0].0.iter().zip(&gradients[1].0).chain(gradients[0].1.iter().zip(&gradients[1].1)) {
        assert!(
            (a - b).abs() <= 1e-12 * a.abs().max(1.0),
            "{name} seed {seed}: blocks and sparse differ, {a} against {b}"
        );
    }
}

/// Wider weights than a new network's, so that gradients are not all nearly 0.
pub(super) fn widen(graph: &mut Graph, random: &mut Random) {
    for connection in graph.connections.iter_mut().filter(|c| !c.fixed && c.from != c.to) {
        connection.weight = random.unit() * 2.0 - 1.0;
    }
}

/// All recurrent units but Synaptic's.
const UNITS: [Variant; 3] = [Variant::Standard, Variant::Gru, Variant::GruResetBefore];

fn bidirectional(sizes: &[usize], variant: Variant, output: Output, random: &mut Random) -> Blueprint {
    let options = LstmOptions { variant, output, bidirectional: true, embedding: 3, ..LstmOptions::default() };
    lstm(sizes, &options, random).unwrap()
}

#[test]
fn gradients_under_dropout_and_weights_equal_finite_differences() {
    let mut random = Random::new(31);
    let stacked = [2, 4, 5, 3];
    for round in 0..8 {
        let options = LstmOptions {
            variant: [Variant::Standard, Variant::Synaptic, Variant::Gru, Variant::GruResetBefore][round % 4],
            output: Output::Softmax,
            ..LstmOptions::default()
        };
        let mut blueprint = match round {
            0 | 1 => bidirectional(&stacked, UNITS[round], Output::Softmax, &mut random),
            2 => perceptron(&[2, 5, 4, 3], Output::Softmax, Initializer::Synaptic, &mut random).unwrap(),
            _ => lstm(&stacked, &options, &mut random).unwrap(),
        };
        widen(&mut blueprint.graph, &mut random);
        let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
        let mut data = sequences(2, 3, true, &mut random);
        // Classes of different weight are targets that do not sum to 1.
        data.scale_targets(|class| [0.5, 1.0, 3.0][class]);
        let loss = Loss::choose(&lowered.program.squash[lowered.program.outputs.clone()], None);
        let plain = checked_gradient("plain", (&blueprint.graph, &lowered), &data, loss, None, &mut random);
        let dropout = Some(Dropout { share: 0.4, seed: round as u64 });
        let dropped = checked_gradient("dropout", (&blueprint.graph, &lowered), &data, loss, dropout, &mut random);
        assert_ne!(plain, dropped);
        let weighted = data.weighted(&[0.5, 2.0, 1.0, 7.0, 0.1]).unwrap();
        let weighted = checked_gradient("weighted", (&blueprint.graph, &lowered), &weighted, loss, None, &mut random);
        assert_ne!(plain, weighted);
    }
}

#[test]
fn a_read_out_weighs_samples_too() {
    let mut random = Random::new(32);
    let options = LstmOptions {
        variant: Variant::Standard,
        output: Output::Linear,
        readout: Some(Readout::Mean),
        ..LstmOptions::default()
    };
    let blueprint = lstm(&[2, 4, 3], &options, &mut random).unwrap();
    let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
    let data = sequences_for(&lowered.program, &mut random).weighted(&[0.5, 2.0, 1.0, 7.0, 0.1]).unwrap();
    checked_gradient("read-out", (&blueprint.graph, &lowered), &data, Loss::Mse, None, &mut random);
}

/// An LSTM with a read-out of any kind, in one direction or both, of one layer or two.
fn pooled(readout: Readout, bidirectional: bool, sizes: &[usize], output: Output, random: &mut Random) -> Blueprint {
    let options = LstmOptions {
        variant: Variant::Standard,
        output,
        bidirectional,
        readout: Some(readout),
        ..LstmOptions::default()
    };
    let mut blueprint = lstm(sizes, &options, random).unwrap();
    widen(&mut blueprint.graph, random);
    blueprint
}

#[test]
fn gradients_through_read_outs_equal_finite_differences() {
    let mut random = Random::new(61);
    let mut seed = 100;
    for &readout in Readout::ALL {
        for bidirectional in [false, true] {
            for sizes in [&[2, 4, 3][..], &[2, 3, 4, 3]] {
                for output in [Output::Softmax, Output::Linear, Output::Logistic] {
                    let name = format!("{readout:?} {bidirectional} {sizes:?} {output:?}");
                    let blueprint = pooled(readout, bidirectional, sizes, output, &mut random);
                    let layers = blueprint.named_layers();
                    for cost in [None, Some(Cost::Mse)] {
                        assert_gradient_is_exact(&name, &blueprint.graph, &layers, cost, seed);
                        seed += 1;
                    }
                    let lowered = Lowered::new(&blueprint.graph, &layers, Lowering::Blocks).unwrap();
                    let mut data = sequences_for(&lowered.program, &mut random);
                    data.scale_targets(|class| [0.5, 1.0, 3.0][class]);
                    let loss = Loss::choose(&lowered.program.squash[lowered.program.outputs.clone()], None);
                    let dropout = Some(Dropout { share: 0.3, seed });
                    checked_gradient(&name, (&blueprint.graph, &lowered), &data, loss, dropout, &mut random);
                }
            }
        }
    }
}

/// A read-out of gated, squashed and biased neurons, with a hidden layer behind it: what no architect builds.
#[test]
fn gradients_through_read_outs_of_any_layers_equal_finite_differences() {
    for (seed, &readout) in Readout::ALL.iter().enumerate() {
        let random = &mut Random::new(seed as u64);
        let mut graph = Graph::new();
        let [input, gate, cell, pool, behind, output] = [2, 3, 3, 3, 4, 2].map(|size| graph.add_layer(size, random));
        let all = ConnectionType::AllToAll;
        for (from, to) in
            [(&input, &gate), (&input, &cell), (&cell, &cell), (&cell, &gate), (&pool, &behind), (&behind, &output)]
        {
            graph.project_layer(from, to, all, None, 0, random).unwrap();
        }
        let read = graph.project_layer(&cell, &pool, all, None, 0, random).unwrap();
        graph.gate_layer(&gate, &cell, &pool, &read, GateType::Output).unwrap();
        for &id in &pool {
            graph.neurons[id as usize].squash = Squash::Tanh;
            graph.neurons[id as usize].pooling = Pooling::new(readout, Some(gate[1]));
        }
        widen(&mut graph, random);
        let layers: Layers = [input, gate, cell, pool, behind, output]
            .into_iter()
            .enumerate()
            .map(|(index, neurons)| (index.to_string(), neurons))
            .collect();
        assert_gradient_is_exact(&format!("{readout:?}"), &graph, &layers, None, seed as u64);
    }
}

#[test]
fn a_sequence_is_pooled_whatever_runs_beside_it_and_as_step_by_step() {
    let mut random = Random::new(62);
    for &readout in Readout::ALL {
        for bidirectional in [false, true] {
            let blueprint = pooled(readout, bidirectional, &[2, 5, 2], Output::Linear, &mut random);
            let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
            let program = &lowered.program;
            let memory = lowered.load(&blueprint.graph);
            let parameters = memory[program.layout.parameters()].to_vec();
            let data = sequences_for(program, &mut random);
            let together: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
            let mut whole = Bptt::<f64>::new(program);
            whole.forward(program, &parameters, &data, &together, Context::Fresh, true);
            for (lane, &sample) in together.iter().enumerate() {
                let mut alone = whole.clone();
                alone.forward(program, &parameters, &data, &[sample], Context::Fresh, true);
                let expected = whole.output(program, sample.steps - 1, lane, 1);
                assert_eq!(alone.output(program, sample.steps - 1, 0, 1), expected);
                if bidirectional {
                    continue;
                }
                // The online rule's running pool, and the reference's, neuron by neuron.
                let (mut memory, mut graph) = (memory.clone(), blueprint.graph.clone());
                let neurons: Vec<NeuronId> =
                    blueprint.named_layers()[1..].iter().flat_map(|layer| layer.1.clone()).collect();
                for step in sample.first..sample.first + sample.steps {
                    Online::default().activate(program, &mut memory, data.input(step, &mut Vec::new()));
                    for (id, &value) in data.input(step, &mut Vec::new()).iter().enumerate() {
                        graph.feed(id as NeuronId, value);
                    }
                    graph.activate(&neurons);
                }
                let last = program.layout.split(&mut memory).activations[program.outputs.start + 1];
                let plain = graph.neurons[*neurons.last().unwrap() as usize].activation;
                assert!((last - expected).abs() < 1e-12 && (plain - expected).abs() < 1e-12, "{readout:?}");
            }
        }
    }
}

#[test]
fn a_reversed_layer_reads_every_sequence_from_its_own_end() {
    let mut random = Random::new(32);
    let blueprint = bidirectional(&[2, 3, 2], Variant::Standard, Output::Linear, &mut random);
    let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
    let program = &lowered.program;
    let parameters = lowered.load(&blueprint.graph)[program.layout.parameters()].to_vec();
    let data = sequences(2, 2, false, &mut random);
    let together: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
    let mut whole = Bptt::<f64>::new(program);
    whole.forward(program, &parameters, &data, &together, Context::Fresh, true);
    for (lane, &sample) in together.iter().enumerate() {
        // Outputs depend neither on what ran before in the work space nor on what runs beside.
        let mut alone = whole.clone();
        alone.forward(program, &parameters, &data, &[sample], Context::Fresh, true);
        for step in 0..sample.steps {
            assert_eq!(alone.output(program, step, 0, 1), whole.output(program, step, lane, 1));
        }
    }
}

#[test]
fn gradients_of_every_architecture_equal_finite_differences() {
    let mut random = Random::new(11);
    let mut cases: Vec<(String, Blueprint)> = Vec::new();
    for output in [Output::Logistic, Output::Softmax, Output::Linear] {
        cases.push((
            format!("perceptron {output:?}"),
            perceptron(&[3, 4, 5, 2], output, Initializer::Synaptic, &mut random).unwrap(),
        ));
        for variant in [Variant::Synaptic].into_iter().chain(UNITS) {
            let options = LstmOptions { variant, output, ..LstmOptions::default() };
            cases.push((format!("{variant:?} {output:?}"), lstm(&[2, 3, 4, 3], &options, &mut random).unwrap()));
        }
        for (variant, sizes) in UNITS.into_iter().flat_map(|unit| [(unit, &[2, 3, 3][..]), (unit, &[2, 3, 4, 3])]) {
            let name = format!("bidirectional {variant:?} {sizes:?} {output:?}");
            cases.push((name, bidirectional(sizes, variant, output, &mut random)));
        }
    }
    for options in every_lstm_option() {
        cases.push((format!("{options:?}"), lstm(&[2, 3, 2], &options, &mut random).unwrap()));
    }
    cases.push(("liquid".into(), liquid(2, 8, 2, 20, 8, &mut random).unwrap()));
    cases.push(("hopfield".into(), hopfield(4, &mut random).unwrap()));
    for (seed, (name, mut blueprint)) in cases.into_iter().enumerate() {
        widen(&mut blueprint.graph, &mut random);
        for cost in [None, Some(Cost::Mse)] {
            let layers = blueprint.named_layers();
            assert_gradient_is_exact(&name, &blueprint.graph, &layers, cost, seed as u64);
        }
    }
}

#[test]
fn gradients_of_random_gated_graphs_equal_finite_differences() {
    for seed in 0..100 {
        let mut random = Random::new(seed);
        let (mut graph, layers) = crate::graph::random_gated(&mut random);
        widen(&mut graph, &mut random);
        assert_gradient_is_exact("gated graph", &graph, &layers, None, seed);
    }
}

/// Sum of the losses of a pass, with the context that the work space has.
fn loss_of_pass(
    bptt: &mut Bptt<f64>,
    program: &Program,
    parameters: &[f64],
    data: &DataSet,
    (batch, context): (&[Sample], Context),
    loss: Loss,
) -> f64 {
    bptt.forward(program, parameters, data, batch, context, false);
    let mut sum = 0.0;
    for (lane, sample) in batch.iter().enumerate() {
        for step in 0..sample.steps {
            let mut row = Vec::new();
            let Some(target) = data.target(sample.first + step, &mut row) else { continue };
            let output: Vec<f64> = (0..target.len()).map(|o| bptt.output(program, step, lane, o)).collect();
            sum += loss.cost().of(target, &output, program.has_softmax());
        }
    }
    sum
}

#[test]
fn truncated_gradients_are_exact_within_each_pass() {
    let mut random = Random::new(21);
    for variant in [Variant::Synaptic].into_iter().chain(UNITS) {
        let options = LstmOptions { variant, output: Output::Softmax, ..LstmOptions::default() };
        let blueprint = lstm(&[2, 3, 2], &options, &mut random).unwrap();
        let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
        let program = &lowered.program;
        let parameters = lowered.load(&blueprint.graph)[program.layout.parameters()].to_vec();
        let data = sequences(2, 2, true, &mut random);
        let loss = Loss::choose(&program.squash[program.outputs.clone()], None);
        let samples: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
        let mut bptt = Bptt::new(program);
        bptt.clear_gradient();
        let mut expected = vec![0.0; parameters.len()];
        for (batch, context) in passes(&samples, 2) {
            let start = bptt.clone();
            for (index, expected) in expected.iter_mut().enumerate() {
                let at = |offset: f64| {
                    let mut moved = parameters.clone();
                    moved[index] += offset;
                    loss_of_pass(&mut start.clone(), program, &moved, &data, (&batch, context), loss)
                };
                *expected += (at(1e-6) - at(-1e-6)) / 2e-6;
            }
            loss_of_pass(&mut bptt, program, &parameters, &data, (&batch, context), loss);
            bptt.backward(program, &parameters, &data, loss, 1);
        }
        let decays = |index: usize| bptt.gradient[index] != 0.0;
        for (index, expected) in expected.iter().enumerate().filter(|&(index, _)| decays(index)) {
            let actual = bptt.gradient[index];
            assert!((actual - expected).abs() < 1e-6 * expected.abs().max(1.0), "{index}: {actual} against {expected}");
        }
        assert!((0..expected.len()).filter(|&index| decays(index)).count() > expected.len() / 2);
    }
}

#[test]
fn passes_give_the_outputs_of_a_whole_pass() {
    let mut random = Random::new(22);
    let blueprint = lstm(&[2, 4, 2], &LstmOptions::default(), &mut random).unwrap();
    let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
    let program = &lowered.program;
    let parameters = lowered.load(&blueprint.graph)[program.layout.parameters()].to_vec();
    let data = sequences(2, 2, false, &mut random);
    let samples: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
    let mut whole = Bptt::<f64>::new(program);
    whole.forward(program, &parameters, &data, &samples, Context::Fresh, true);
    for most in 1..8 {
        let mut cut = Bptt::<f64>::new(program);
        let mut done = 0;
        for (batch, context) in passes(&samples, most) {
            cut.forward(program, &parameters, &data, &batch, context, true);
            for (lane, sample) in batch.iter().enumerate() {
                for step in 0..sample.steps {
                    assert_eq!(cut.output(program, step, lane, 1), whole.output(program, done + step, lane, 1));
                }
            }
            done += most;
        }
    }
}
