//! Whole runs: they learn, stop, go on from checkpoints, and give the same bits on any number of threads.

use std::sync::Arc;

use super::{Crew, Decay, Event, Learner, Options, Precision, Rate, Run, Sets, Stopped};
use crate::data::DataSet;
use crate::graph::architect::{Initializer, LstmOptions, Output, Variant, lstm, perceptron};
use crate::network::Network;
use crate::random::Random;
use crate::shared::Word;

pub(super) fn options(learner: Learner) -> Options {
    Options {
        learner,
        rate: Rate::Constant(0.2),
        iterations: 20_000,
        error: 0.005,
        shuffle: false,
        cost: None,
        host_cost: false,
        held_out: 0,
        held_out_error: -1.0,
        patience: 0,
        schedule_every: 0,
        log_every: 0,
        checkpoint_every: 0,
        sequences: learner == Learner::Bptt,
        optimizer: crate::learn::optimizer::Method::Adam,
        weight_decay: None,
        decay: Decay::None,
        warm_up: 0,
        truncate: None,
        memory_limit: 1e9,
        dropout: 0.0,
        group_by_length: false,
        batch_size: 8,
        clip_norm: Some(1.0),
        precision: Precision::F64,
        seed: 1,
    }
}

fn run_to_end(network: &mut Network, data: DataSet, options: Options) -> (Run, Stopped) {
    network.begin_run().unwrap();
    let mut run = Run::new(network.shared().clone(), data.into(), options).unwrap();
    let stopped = loop {
        match run.step(|| true) {
            Event::Done(stopped) => break stopped,
            Event::Iteration => {}
            other => panic!("unexpected {other:?}"),
        }
    };
    network.end_run(Some(run.memory())).unwrap();
    (run, stopped)
}

fn network_of(blueprint: &crate::graph::architect::Blueprint) -> Network {
    let layers: Vec<_> = blueprint.layers.iter().map(|l| (l.name.to_string(), l.neurons.clone())).collect();
    Network::new(&blueprint.graph, &layers).unwrap()
}

fn xor() -> DataSet {
    let inputs = vec![0., 0., 1., 0., 0., 1., 1., 1.];
    DataSet::new(2, 1, inputs, vec![0., 1., 1., 0.], vec![0, 1, 2, 3], &[1; 4]).unwrap()
}

/// Sequences of two classes that take turns, judged at their last step.
fn alternating(inputs: u32, lengths: &[u32], mut value: impl FnMut() -> f64) -> DataSet {
    let total: u32 = lengths.iter().sum();
    let values = (0..total * inputs).map(|_| value()).collect();
    let mut target_of_step = vec![crate::data::NO_TARGET; total as usize];
    let (mut end, mut targets) = (0, Vec::new());
    for (index, &length) in lengths.iter().enumerate() {
        end += length as usize;
        target_of_step[end - 1] = index as u32;
        targets.extend([f64::from(index as u32 % 2), f64::from((index as u32 + 1) % 2)]);
    }
    DataSet::new(inputs as usize, 2, values, targets, target_of_step, lengths).unwrap()
}

#[test]
fn a_perceptron_learns_xor_online() {
    let blueprint = perceptron(&[2, 4, 1], Output::Logistic, Initializer::Synaptic, &mut Random::new(3)).unwrap();
    let mut network = network_of(&blueprint);
    let mut options = options(Learner::Online);
    options.iterations = 100_000;
    options.rate = Rate::Constant(0.5);
    let (run, stopped) = run_to_end(&mut network, xor(), options);
    assert_eq!(stopped, Stopped::Error, "error {} after {}", run.error(), run.iteration());
    let mut output = [0.0];
    network.activate(&[1.0, 0.0], &mut output).unwrap();
    assert!(output[0] > 0.8);
}

#[test]
fn bits_of_strings_are_memorised_in_both_precisions() {
    for precision in [Precision::F32, Precision::F64] {
        let mut random = Random::new(5);
        let lengths = [16u32, 24, 8, 16, 24, 8, 16, 24];
        let data = alternating(1, &lengths, || if random.unit() < 0.5 { -1.0 } else { 1.0 });
        let options_lstm =
            LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
        let blueprint = lstm(&[1, 12, 2], &options_lstm, &mut random).unwrap();
        let mut network = network_of(&blueprint);
        let mut options = options(Learner::Bptt);
        options.precision = precision;
        options.iterations = 500;
        options.rate = Rate::Constant(0.01);
        options.error = 0.01;
        let (run, stopped) = run_to_end(&mut network, data, options);
        assert_eq!(stopped, Stopped::Error, "error {} accuracy {:?}", run.error(), run.accuracy());
    }
}

#[test]
fn a_run_goes_on_from_a_checkpoint_to_the_same_bits() {
    for (learner, precision) in
        [(Learner::Online, Precision::F64), (Learner::Bptt, Precision::F32), (Learner::Bptt, Precision::F64)]
    {
        let make = || {
            let blueprint =
                perceptron(&[2, 4, 1], Output::Logistic, Initializer::Synaptic, &mut Random::new(3)).unwrap();
            let mut network = network_of(&blueprint);
            let mut options = options(learner);
            (options.iterations, options.shuffle, options.error) = (12, true, 0.0);
            (options.precision, options.batch_size, options.held_out, options.patience) = (precision, 2, 1, 9);
            (options.dropout, options.group_by_length) = (0.3, true);
            network.begin_run().unwrap();
            let run = Run::new(network.shared().clone(), xor().into(), options).unwrap();
            (network, run)
        };
        let (_network, mut whole) = make();
        while !matches!(whole.step(|| true), Event::Done(_)) {}
        for stop_after in 0..30 {
            let (network, mut first) = make();
            for _ in 0..stop_after {
                first.step(|| false);
            }
            network.shared().region.set_word(Word::Checkpoint, 1);
            let mut event = first.step(|| false);
            while !matches!(event, Event::Checkpoint | Event::Done(_)) {
                event = first.step(|| false);
            }
            let bytes = first.checkpoint().unwrap();
            let (_network, mut second) = make();
            second.resume(&bytes).unwrap();
            while !matches!(second.step(|| true), Event::Done(_)) {}
            let bits = |run: &Run| run.memory().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&second), bits(&whole), "{learner:?} {precision:?} after {stop_after}");
            assert_eq!((second.iteration(), second.error()), (whole.iteration(), whole.error()));
            let (_network, mut other) = make();
            assert!(other.resume(&bytes[..bytes.len() - 8]).is_err());
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    any_number_of_threads(false);
    any_number_of_threads(true);
}

fn any_number_of_threads(bidirectional: bool) {
    let mut results = Vec::new();
    for helpers in 0..4 {
        let mut random = Random::new(9);
        let lengths: Vec<u32> = (0..70).map(|_| 1 + random.below(12) as u32).collect();
        let data = alternating(2, &lengths, || random.unit());
        let output = Output::Softmax;
        let settings = LstmOptions { variant: Variant::Standard, output, bidirectional, ..LstmOptions::default() };
        let mut network = network_of(&lstm(&[2, 5, 2], &settings, &mut random).unwrap());
        let mut options = options(Learner::Bptt);
        (options.batch_size, options.iterations, options.shuffle) = (64, 5, true);
        (options.dropout, options.group_by_length) = if bidirectional { (0.25, true) } else { (0.0, false) };
        network.begin_run().unwrap();
        let crew = Arc::new(Crew::default());
        let threads: Vec<_> = (0..helpers)
            .map(|_| {
                let crew = Arc::clone(&crew);
                std::thread::spawn(move || crew.help())
            })
            .collect();
        let mut run = Run::new(network.shared().clone(), data.into(), options).unwrap();
        run.join(Arc::clone(&crew));
        while !matches!(run.step(|| true), Event::Done(_)) {}
        crew.dismiss();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        results.push(run.memory().iter().map(|value| value.to_bits()).collect::<Vec<_>>());
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_diverging_run_stops_with_the_last_finite_weights() {
    let blueprint = perceptron(&[2, 3, 1], Output::Linear, Initializer::Synaptic, &mut Random::new(1)).unwrap();
    let mut network = network_of(&blueprint);
    let mut options = options(Learner::Online);
    options.rate = Rate::Constant(1e200);
    let (_, stopped) = run_to_end(&mut network, xor(), options);
    assert_eq!(stopped, Stopped::Diverged);
    assert!(network.parameters().iter().all(|value| value.is_finite()));
}

#[test]
fn a_set_that_is_held_out_as_a_whole_is_as_good_as_the_end_of_one_set() {
    let lengths = [3, 5, 2, 4, 6, 3, 4];
    let value = |seed| {
        let mut random = Random::new(seed);
        move || random.unit()
    };
    let whole = alternating(1, &lengths, value(9));
    // The same numbers, in two sets.
    let mut values = value(9);
    let data = alternating(1, &lengths[..4], &mut values);
    let held_out = alternating(1, &lengths[4..], &mut values);
    let settings = LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
    let train = |sets: Sets, held_out: usize| {
        let mut network = network_of(&lstm(&[1, 4, 2], &settings, &mut Random::new(5)).unwrap());
        network.begin_run().unwrap();
        let options =
            Options { held_out, iterations: 6, error: 0.0, shuffle: true, patience: 9, ..options(Learner::Bptt) };
        let mut run = Run::new(network.shared().clone(), sets, options).unwrap();
        while run.stopped().is_none() {
            run.step(|| true);
        }
        (run.memory().to_vec(), run.error(), run.accuracy(), run.training().error)
    };
    let apart = Sets { data: Arc::new(data), held_out: Some(Arc::new(held_out)) };
    assert_eq!(train(apart, 0), train(whole.into(), 3));
}
