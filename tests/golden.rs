//! The standard LSTM and GRU, read-outs, convolutions and the loss of lists, against golden vectors from PyTorch's `nn.LSTM`,
//! `nn.GRU`, `nn.Conv1d` and `nn.CTCLoss` (tests/golden/make.py, make_readouts.py, make_convolutions.py, make_ctc.py).

use engram::data::{DataSet, NO_TARGET, Sample};
use engram::graph::architect::{Blueprint, Convolution, LstmOptions, Output, Variant, lstm};
use engram::graph::{ConnectionType, Readout};
use engram::kernels::Real;
use engram::learn::bptt::{Bptt, Context};
use engram::learn::ctc;
use engram::learn::loss::Loss;
use engram::learn::optimizer::{Method, Optimizer};
use engram::program::{Lowered, Lowering};
use engram::random::Random;
use serde_json::Value;

/// PyTorch stacks the gates of an LSTM and of a GRU in this order.
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
    // Memory blocks before this one, forward and reversed.
    let mut memory_blocks = [0, 0];
    let mut convolutions = 0;
    for (index, layer) in layers.iter().enumerate() {
        let (reversed, name) = match layer.name.strip_prefix("reversed ") {
            Some(name) => (true, name),
            None => (false, layer.name),
        };
        let block = &mut memory_blocks[usize::from(reversed)];
        // What the hidden state brings a GRU's candidate comes by way of a layer with a bias of its own.
        let recurrent = name == "recurrent";
        let gate = if recurrent { Some(2) } else { gates.iter().position(|&gate| gate == name) };
        let (prefix, offset) = match gate {
            Some(gate) if reversed => (format!("{block}_reverse"), gate * layer.neurons.len()),
            Some(gate) => (block.to_string(), gate * layer.neurons.len()),
            None if name == "output" => ("head".into(), 0),
            None if name == "score" => ("score".into(), 0),
            None if name == "convolution" => {
                convolutions += 1;
                (format!("conv_{}", convolutions - 1), 0)
            }
            None => {
                *block += usize::from(name == "hidden");
                continue;
            }
        };
        for (row, &neuron) in layer.neurons.iter().enumerate().filter(|_| name != "score") {
            let of = if recurrent { "bias_hh" } else { "bias" };
            visit(&format!("{of}_{prefix}"), offset + row, None, neuron as usize);
        }
        // What both directions bring stands side by side.
        let mut columns = 0;
        let trained = |kind| kind == ConnectionType::AllToAll;
        for projection in blueprint.projections.iter().filter(|made| made.to == index && trained(made.kind)) {
            let recurrent = projection.from > index;
            let name = match (gate, recurrent) {
                (None, _) => format!("weight_{prefix}"),
                (_, true) => format!("weight_hh_{prefix}"),
                (_, false) => format!("weight_ih_{prefix}"),
            };
            let first = if recurrent { 0 } else { columns };
            let targets = layer.neurons.len();
            for (at, &connection) in projection.connections.iter().enumerate() {
                visit(&name, offset + at % targets, Some(first + at / targets), connection as usize);
            }
            columns += layers[projection.from].neurons.len();
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

/// Holds a network against one case of a file that has the sequences and labels.
fn check<T: Real>(sizes: &[usize], options: LstmOptions, file: &Value, case: &Value, tolerance: f64) {
    let options = LstmOptions { output: Output::Softmax, ..options };
    let mut blueprint = lstm(sizes, &options, &mut Random::new(1)).unwrap();
    let mut graph = blueprint.graph.clone();
    for_each_parameter(&blueprint, |name, row, column, id| {
        let value = number(at(&case["parameters"], name, row, column));
        match column {
            Some(_) => graph.connections[id].weight = value,
            None => graph.neurons[id].bias = value,
        }
    });
    blueprint.graph = graph;

    let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
    let program = &lowered.program;
    let memory = lowered.load(&blueprint.graph);
    let mut parameters: Vec<T> = memory[program.layout.parameters()].iter().map(|&value| T::of(value)).collect();

    let sequences = file["sequences"].as_array().unwrap();
    let lengths: Vec<u32> = sequences.iter().map(|sequence| sequence.as_array().unwrap().len() as u32).collect();
    let inputs = sequences.iter().flat_map(|s| s.as_array().unwrap()).flat_map(|step| step.as_array().unwrap());
    let mut target_of_step = Vec::new();
    for (index, &length) in lengths.iter().enumerate() {
        target_of_step.extend((1..length).map(|_| NO_TARGET));
        target_of_step.push(index as u32);
    }
    let labels = file["labels"].as_array().unwrap();
    let targets = labels.iter().flat_map(|label| if label == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
    let data = DataSet::new(3, 2, inputs.map(number).collect(), targets, target_of_step, &lengths).unwrap();
    let mut order: Vec<usize> = (0..data.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let batch: Vec<Sample> = order.iter().map(|&index| data.sample(index)).collect();

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
                    let expected = number(&case["probabilities"][order[lane]][class]);
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
                let expected = number(at(&case["gradients"], name, row, column));
                assert_close(name, bptt.gradient[index].wide(), expected, tolerance);
            });
        }
        let mut gradient = bptt.gradient.clone();
        adam.step(&mut parameters, &mut gradient, number(&file["rate"]));
    }
    for_each_parameter(&blueprint, |name, row, column, id| {
        let index = if column.is_some() { weight_of(id) } else { bias_of(id) };
        let expected = number(at(&case["after_five_steps"], name, row, column));
        assert_close(name, parameters[index].wide(), expected, tolerance);
    });
}

const LSTM: &str = include_str!("golden/lstm.json");
const GRU: &str = include_str!("golden/gru.json");

fn check_stack<T: Real>(variant: Variant, golden: &str, tolerance: f64) {
    let golden: Value = serde_json::from_str(golden).unwrap();
    check::<T>(&[3, 4, 3, 2], LstmOptions { variant, ..LstmOptions::default() }, &golden, &golden, tolerance);
}

fn check_readouts<T: Real>(tolerance: f64) {
    let golden: Value = serde_json::from_str(include_str!("golden/readouts.json")).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let readout = match case["readout"].as_str() {
            Some("last") => Readout::Last,
            Some("mean") => Readout::Mean,
            Some("max") => Readout::Max,
            _ => Readout::Attention,
        };
        let bidirectional = case["bidirectional"] == true;
        let options =
            LstmOptions { variant: Variant::Standard, bidirectional, readout: Some(readout), ..LstmOptions::default() };
        check::<T>(&[3, 4, 4, 2], options, &golden, case, tolerance);
    }
}

fn check_convolutions<T: Real>(tolerance: f64) {
    let golden: Value = serde_json::from_str(include_str!("golden/convolutions.json")).unwrap();
    let convolution = [(4, 3, 1), (3, 2, 2)].map(|(filters, width, dilation)| Convolution { filters, width, dilation });
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let options = LstmOptions {
            variant: Variant::Standard,
            readout: Some(Readout::Mean),
            second_readout: Some(Readout::Max),
            convolution: &convolution,
            ..LstmOptions::default()
        };
        let sizes: &[usize] = if case["recurrent"] == true { &[3, 4, 2] } else { &[3, 2] };
        check::<T>(sizes, options, &golden, case, tolerance);
    }
}

#[test]
fn convolutions_equal_pytorch_in_double_precision() {
    check_convolutions::<f64>(1e-9);
}

#[test]
fn convolutions_equal_pytorch_in_single_precision() {
    check_convolutions::<f32>(2e-5);
}

#[test]
fn the_standard_lstm_equals_pytorch_in_double_precision() {
    check_stack::<f64>(Variant::Standard, LSTM, 1e-9);
}

#[test]
fn the_standard_lstm_equals_pytorch_in_single_precision() {
    check_stack::<f32>(Variant::Standard, LSTM, 1e-5);
}

#[test]
fn the_gru_equals_pytorch_in_double_precision() {
    check_stack::<f64>(Variant::Gru, GRU, 1e-9);
}

#[test]
fn the_gru_equals_pytorch_in_single_precision() {
    check_stack::<f32>(Variant::Gru, GRU, 1e-5);
}

#[test]
fn every_read_out_equals_pytorch_in_double_precision() {
    check_readouts::<f64>(1e-9);
}

#[test]
fn every_read_out_equals_pytorch_in_single_precision() {
    check_readouts::<f32>(2e-5);
}

#[test]
fn losses_of_lists_equal_those_of_pytorch() {
    let golden: Value = serde_json::from_str(include_str!("golden/ctc.json")).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let rows =
            |name: &str| case[name].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap()).map(number);
        let list: Vec<u32> = case["list"].as_array().unwrap().iter().map(|symbol| number(symbol) as u32).collect();
        let outputs = case["states"][0].as_array().unwrap().len();
        let mut states: Vec<f64> = rows("states").collect();
        let (loss, expected) = (ctc::loss(&mut states, outputs, &list), number(&case["loss"]));
        assert_close("loss", loss, expected, 1e-9 * expected.abs().max(1.0));
        for (slope, expected) in states.into_iter().zip(rows("gradient")) {
            assert_close("gradient", slope, expected, 1e-9);
        }
    }
}
