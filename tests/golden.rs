//! The standard LSTM and the GRU against golden vectors from PyTorch's `nn.LSTM` and `nn.GRU` (tests/golden/make.py).

use engram::data::{DataSet, NO_TARGET, Sample};
use engram::graph::ConnectionType;
use engram::graph::architect::{Blueprint, LstmOptions, Output, Variant, lstm};
use engram::kernels::Real;
use engram::learn::bptt::{Bptt, Context};
use engram::learn::loss::Loss;
use engram::learn::optimizer::{Method, Optimizer};
use engram::program::{Lowered, Lowering};
use engram::random::Random;
use serde_json::Value;

/// Layers with trained numbers, in the order in which PyTorch stacks them: weights of what comes from below, or of both.
const GATES: [&[&str]; 2] =
    [&["inputGate", "forgetGate", "candidate", "outputGate"], &["resetGate", "updateGate", "candidate"]];

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Visits every trained number of the network: its name in the file, its row and column there
/// (no column for a bias), and the connection or neuron it belongs to.
fn for_each_parameter(blueprint: &Blueprint, mut visit: impl FnMut(&str, usize, Option<usize>, usize)) {
    let layers = &blueprint.layers;
    let gates = GATES[usize::from(layers.iter().any(|layer| layer.name == "resetGate"))];
    let mut below = 0;
    for (index, layer) in layers.iter().enumerate() {
        let targets = layer.neurons.len();
        // A GRU's candidate is fed from below; what the hidden state brings it comes by way of `recurrent`.
        let (gate, bias) = match layer.name {
            "recurrent" => (Some(2), format!("bias_hh_{below}")),
            name => (gates.iter().position(|&gate| gate == name), format!("bias_{below}")),
        };
        let (bias, offset) = match gate {
            Some(gate) => (bias, gate * targets),
            None if layer.name == "output" => ("bias_head".into(), 0),
            None => {
                below += usize::from(layer.name == "hidden");
                continue;
            }
        };
        for (row, &neuron) in layer.neurons.iter().enumerate() {
            visit(&bias, offset + row, None, neuron as usize);
        }
        let trained = |kind| kind == ConnectionType::AllToAll;
        for projection in blueprint.projections.iter().filter(|made| made.to == index && trained(made.kind)) {
            let name = match (gate, projection.from > index) {
                (None, _) => "weight_head".to_string(),
                (_, true) => format!("weight_hh_{below}"),
                (_, false) => format!("weight_ih_{below}"),
            };
            for (at, &connection) in projection.connections.iter().enumerate() {
                visit(&name, offset + at % targets, Some(at / targets), connection as usize);
            }
        }
    }
}

fn at<'a>(table: &'a Value, name: &str, row: usize, column: Option<usize>) -> &'a Value {
    let row = &table[name][row];
    column.map_or(row, |column| &row[column])
}

fn assert_close(what: &str, actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance, "{what}: {actual} against PyTorch's {expected}");
}

fn check<T: Real>(variant: Variant, golden: &str, tolerance: f64) {
    let golden: Value = serde_json::from_str(golden).unwrap();
    let options = LstmOptions { variant, output: Output::Softmax, ..LstmOptions::default() };
    let mut blueprint = lstm(&[3, 4, 3, 2], &options, &mut Random::new(1)).unwrap();
    let mut graph = blueprint.graph.clone();
    for_each_parameter(&blueprint, |name, row, column, id| {
        let value = number(at(&golden["parameters"], name, row, column));
        match column {
            Some(_) => graph.connections[id].weight = value,
            None => graph.neurons[id].bias = value,
        }
    });
    blueprint.graph = graph;

    let layers: Vec<_> = blueprint.layers.iter().map(|l| (l.name.to_string(), l.neurons.clone())).collect();
    let lowered = Lowered::new(&blueprint.graph, &layers, Lowering::Blocks).unwrap();
    let program = &lowered.program;
    let memory = lowered.load(&blueprint.graph);
    let mut parameters: Vec<T> = memory[program.layout.parameters()].iter().map(|&value| T::of(value)).collect();

    let sequences = golden["sequences"].as_array().unwrap();
    let lengths: Vec<u32> = sequences.iter().map(|sequence| sequence.as_array().unwrap().len() as u32).collect();
    let inputs = sequences.iter().flat_map(|s| s.as_array().unwrap()).flat_map(|step| step.as_array().unwrap());
    let mut target_of_step = Vec::new();
    for (index, &length) in lengths.iter().enumerate() {
        target_of_step.extend((1..length).map(|_| NO_TARGET));
        target_of_step.push(index as u32);
    }
    let labels = golden["labels"].as_array().unwrap();
    let targets = labels.iter().flat_map(|label| if label == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
    let data = DataSet::new(3, 2, inputs.map(number).collect(), targets, target_of_step, &lengths).unwrap();
    let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();

    let mut bptt = Bptt::<T>::new(program);
    let mut adam = Optimizer::new(Method::Adam, program, 0.0);
    let weight_of = |id: usize| lowered.connections.iter().position(|&c| c as usize == id).unwrap();
    let bias_of = |id: usize| program.layout.weights + lowered.neurons.iter().position(|&n| n as usize == id).unwrap();
    for step in 0..5 {
        bptt.forward(program, &parameters, &data, &batch, Context::Fresh, true);
        if step == 0 {
            for (lane, sample) in batch.iter().enumerate() {
                for class in 0..2 {
                    let probability = bptt.output(program, sample.steps - 1, lane, class).wide();
                    let expected = number(&golden["probabilities"][lane][class]);
                    assert_close("probability", probability, expected, tolerance);
                }
            }
        }
        let targets = batch.iter().map(|&sample| data.targets_in(sample)).sum();
        bptt.clear_gradient();
        bptt.backward(program, &parameters, &data, Loss::CrossEntropy, targets);
        if step == 0 {
            for_each_parameter(&blueprint, |name, row, column, id| {
                let index = if column.is_some() { weight_of(id) } else { bias_of(id) };
                let expected = number(at(&golden["gradients"], name, row, column));
                assert_close(name, bptt.gradient[index].wide(), expected, tolerance);
            });
        }
        let mut gradient = bptt.gradient.clone();
        adam.step(&mut parameters, &mut gradient, number(&golden["rate"]));
    }
    for_each_parameter(&blueprint, |name, row, column, id| {
        let index = if column.is_some() { weight_of(id) } else { bias_of(id) };
        let expected = number(at(&golden["after_five_steps"], name, row, column));
        assert_close(name, parameters[index].wide(), expected, tolerance);
    });
}

const LSTM: &str = include_str!("golden/lstm.json");
const GRU: &str = include_str!("golden/gru.json");

#[test]
fn the_standard_lstm_equals_pytorch_in_double_precision() {
    check::<f64>(Variant::Standard, LSTM, 1e-9);
}

#[test]
fn the_standard_lstm_equals_pytorch_in_single_precision() {
    check::<f32>(Variant::Standard, LSTM, 1e-5);
}

#[test]
fn the_gru_equals_pytorch_in_double_precision() {
    check::<f64>(Variant::Gru, GRU, 1e-9);
}

#[test]
fn the_gru_equals_pytorch_in_single_precision() {
    check::<f32>(Variant::Gru, GRU, 1e-5);
}
