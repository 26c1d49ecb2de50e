//! Attributions against central differences, and against what they are to sum to.

use super::path::Walk;
use super::*;
use crate::data::{Inputs, NO_TARGET, Targets};
use crate::field::Choice;
use crate::graph::architect::{Convolution, LstmOptions, Output, Variant, lstm};
use crate::graph::{Readout, Squash};
use crate::program::{Lowered, Lowering};
use crate::random::Random;

const INPUTS: usize = 8;
const STEPS: usize = 6;
const CONVOLUTION: [Convolution; 1] = [Convolution { filters: 4, width: 2, dilation: 2 }];

/// Some steps and their baseline in one of the three forms, and a target that weighs the outputs at `judged`.
fn two(form: usize, baseline: bool, judged: usize, random: &mut Random) -> DataSet {
    let samples = if baseline { 2 } else { 1 };
    let total = samples * STEPS;
    let inputs = match form {
        0 => Inputs::Rows((0..total * INPUTS).map(|_| random.unit() * 2.0 - 1.0).collect()),
        1 => Inputs::Symbols((0..total).map(|_| random.below(INPUTS) as u32).collect()),
        _ => Inputs::Bits((0..total).map(|_| random.below(1 << INPUTS) as u8).collect()),
    };
    let target_of_step = (0..total).map(|step| if step % STEPS == judged { 0 } else { NO_TARGET }).collect();
    let targets = Targets::Rows(vec![0.5, -1.0, 2.0]);
    DataSet::of(INPUTS, 3, inputs, targets, target_of_step, &vec![STEPS as u32; samples]).unwrap()
}

/// The first sample's inputs, and the second's or zeros, (steps, inputs).
fn rows(data: &DataSet) -> [Vec<f64>; 2] {
    let written = |index: usize| match index < data.len() {
        false => vec![0.0; STEPS * INPUTS],
        true => {
            (0..STEPS).flat_map(|step| data.input(data.sample(index).first + step, &mut Vec::new()).to_vec()).collect()
        }
    };
    [written(0), written(1)]
}

/// What the outputs, each times its target, say of some inputs.
fn answer(program: &Program, parameters: &[f64], inputs: Vec<f64>, judged: usize) -> f64 {
    let target_of_step = (0..STEPS).map(|step| if step == judged { 0 } else { NO_TARGET }).collect();
    let weights = vec![0.5, -1.0, 2.0];
    let data = DataSet::new(INPUTS, 3, inputs, weights.clone(), target_of_step, &[STEPS as u32]).unwrap();
    let mut bptt = Bptt::<f64>::new(program);
    bptt.forward(program, parameters, &data, &[data.sample(0)], Context::Fresh, false);
    weights.iter().enumerate().map(|(output, weight)| weight * bptt.output(program, judged, 0, output)).sum()
}

/// Every kind of network and input, with the parameters of a program of it.
fn each(mut check: impl FnMut(&str, &Program, &[f64], &DataSet, usize)) {
    let mut random = Random::new(71);
    let units = [Variant::Standard, Variant::Gru, Variant::GruResetBefore, Variant::Synaptic];
    for variant in units {
        for bidirectional in [false, true] {
            for readout in [None].into_iter().chain(Readout::ALL.iter().copied().map(Some)) {
                for embedding in [0, 3] {
                    if variant == Variant::Synaptic && (bidirectional || readout.is_some() || embedding > 0) {
                        continue;
                    }
                    let output = [Output::Softmax, Output::Linear, Output::Logistic][random.below(3)];
                    let options =
                        LstmOptions { variant, output, bidirectional, readout, embedding, ..LstmOptions::default() };
                    let convolved = variant == Variant::Gru;
                    let options = LstmOptions { convolution: if convolved { &CONVOLUTION } else { &[] }, ..options };
                    let blueprint = lstm(&[INPUTS, 4, 3, 3], &options, &mut random).unwrap();
                    let mut graph = blueprint.graph.clone();
                    graph.spread().unwrap();
                    for connection in graph.connections.iter_mut().filter(|c| !c.fixed && c.from != c.to) {
                        connection.weight = random.unit() * 2.0 - 1.0;
                    }
                    // At 0 a rectifier has no slope.
                    for neuron in graph.neurons.iter_mut().filter(|neuron| neuron.squash == Squash::Relu) {
                        neuron.bias = random.unit() - 0.3;
                    }
                    for lowering in [Lowering::Blocks, Lowering::Sparse] {
                        let lowered = Lowered::new(&graph, &blueprint.named_layers(), lowering).unwrap();
                        let program = &lowered.program;
                        let parameters = lowered.load(&graph)[program.layout.parameters()].to_vec();
                        for (form, baseline) in [(0, false), (0, true), (1, false), (1, true), (2, true)] {
                            let judged = if readout.is_some() { STEPS - 1 } else { random.below(STEPS) };
                            let data = two(form, baseline, judged, &mut random);
                            let name = format!("{options:?} {lowering:?} form {form}, baseline {baseline}");
                            check(&name, program, &parameters, &data, judged);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn attributions_equal_central_differences() {
    each(|name, program, parameters, data, judged| {
        let [own, from] = rows(data);
        let found = attribute(program, parameters, data, 0);
        assert_eq!(found.answer, answer(program, parameters, own.clone(), judged), "{name}");
        assert_eq!(found.baseline, answer(program, parameters, from.clone(), judged), "{name}");
        let width = found.of_inputs.len() / STEPS;
        assert_eq!(width, if skipped(program, data) > 0 { 1 } else { INPUTS });
        // Also between the two, where lanes stand at points of their own.
        for point in [1.0, 0.3] {
            let (did, _) = Walk::new(program, parameters, data).pass([0.0, 1.0], &[point]);
            let between: Vec<f64> = own.iter().zip(&from).map(|(x, from)| point * x + (1.0 - point) * from).collect();
            let h = 1e-5;
            let differences: Vec<f64> = (0..own.len())
                .map(|at| {
                    let [above, below] = [h, -h].map(|h| {
                        let mut moved = between.clone();
                        moved[at] += h;
                        answer(program, parameters, moved, judged)
                    });
                    (own[at] - from[at]) * (above - below) / (2.0 * h)
                })
                .collect();
            let largest = differences.iter().fold(1e-3f64, |most, value| most.max(value.abs()));
            for (at, &value) in did.iter().enumerate() {
                // Of symbols: all that changes at a step.
                let expected: f64 = differences[at * INPUTS / width..(at + 1) * INPUTS / width].iter().sum();
                assert!((value - expected).abs() <= 1e-6 * largest, "{name}: {value} against {expected}");
            }
            if point == 1.0 {
                assert_eq!(did, found.of_inputs);
            }
        }
    });
}

#[test]
fn integrated_gradients_sum_to_what_the_answer_changes() {
    each(|name, program, parameters, data, _| {
        if name.contains("Sparse") {
            return;
        }
        let found = attribute(program, parameters, data, 25);
        let (sum, change) = (found.of_inputs.iter().sum::<f64>(), found.answer - found.baseline);
        // The answer goes up and down on the way, which a small change does not show.
        assert!((sum - change).abs() <= 1e-3 * change.abs().max(0.5), "{name}: {sum} against {change}");
    });
}
