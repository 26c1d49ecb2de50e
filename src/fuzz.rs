//! Hostile bytes against what the engine reads from outside: programs and checkpoints.
//!
//! Each test mutates what the engine has written itself, so that most of the bytes are right, and asserts
//! that the bytes are either refused or harmless: no panic, no index out of bounds, no endless loop. Each
//! test runs for a few seconds, or, by `ENGRAM_FUZZ_EXECUTIONS=10000000 cargo test --release fuzz`, for as
//! many executions. `ENGRAM_FUZZ_SEED` fixes what is random.

use std::time::{Duration, Instant};

use crate::data::{DataSet, Inputs, NO_TARGET, Sample, Targets};
use crate::field::Choice;
use crate::graph::architect::{LstmOptions, Variant, lstm};
use crate::graph::{Readout, random_gated};
use crate::learn::bptt::{Bptt, Context};
use crate::learn::loss::Loss;
use crate::learn::online::Online;
use crate::learn::optimizer::Method;
use crate::network::Network;
use crate::program::{Lowered, Lowering, Program};
use crate::random::Random;
use crate::train::frame::checksum;
use crate::train::{Event, Learner, Options, Run, Sets};

/// Numbers that are most likely to hurt.
const EDGES: [u64; 12] = [
    0,
    1,
    2,
    0x7f,
    0xff,
    u32::MAX as u64,
    u32::MAX as u64 + 1,
    1 << 62,
    u64::MAX,
    u64::MAX - 1,
    f64::NAN.to_bits(),
    f64::INFINITY.to_bits(),
];

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs `execute` with random numbers as often as asked, and prints how often and with which seed.
fn fuzz(target: &str, mut execute: impl FnMut(&mut Random) -> bool) {
    let seed = setting("ENGRAM_FUZZ_SEED").unwrap_or(1);
    let executions = setting("ENGRAM_FUZZ_EXECUTIONS");
    let (mut random, start) = (Random::new(seed), Instant::now());
    let (mut count, mut accepted) = (0u64, 0u64);
    let goes_on = |count: u64| match executions {
        Some(executions) => count < executions,
        None => start.elapsed() < Duration::from_secs(5),
    };
    while goes_on(count) {
        accepted += u64::from(execute(&mut random));
        count += 1;
    }
    println!("fuzz {target}: {count} executions, {accepted} accepted, seed {seed}, {:.0?}", start.elapsed());
    assert!(accepted > 0, "what was not hurt must be accepted, or nothing was tried");
}

/// Changes a few words: flipped bits, neighbours, edges, other words of the same text, cuts.
fn mutate(words: &mut Vec<u64>, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        if words.is_empty() {
            return;
        }
        let index = random.below(words.len());
        match random.below(8) {
            0 => words[index] ^= 1 << random.below(64),
            1 => words[index] = words[index].wrapping_add(1),
            2 => words[index] = words[index].wrapping_sub(1),
            3 => words[index] = EDGES[random.below(EDGES.len())],
            4 => words[index] = words[random.below(words.len())],
            5 => words[index] = random.below(40) as u64,
            6 => words.truncate(index),
            _ => words.insert(index, random.below(10) as u64),
        }
    }
}

fn options(learner: Learner) -> Options {
    Options {
        learner,
        rate: crate::train::Rate::Constant(0.1),
        iterations: 3,
        error: 0.0,
        shuffle: true,
        cost: None,
        host_cost: false,
        held_out: 1,
        held_out_error: -1.0,
        patience: 2,
        schedule_every: 0,
        log_every: 0,
        checkpoint_every: 0,
        sequences: learner == Learner::Bptt,
        optimizer: Method::Adam,
        weight_decay: None,
        decay: crate::train::Decay::None,
        warm_up: 0,
        truncate: Some(1),
        stateful: true,
        memory_limit: 1e9,
        dropout: 0.0,
        group_by_length: false,
        batch_size: 2,
        clip_norm: Some(1.0),
        precision: crate::train::Precision::F32,
        seed: 1,
    }
}

/// A small network with one of the read-outs, in one direction or both.
fn with_readout(index: usize, random: &mut Random) -> Lowered {
    let options = LstmOptions {
        variant: Variant::Standard,
        bidirectional: index % 8 == 3,
        readout: Some(Readout::ALL[index / 8 % Readout::ALL.len()]),
        ..LstmOptions::default()
    };
    let blueprint = lstm(&[1, 2, 2], &options, random).unwrap();
    Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap()
}

/// Two sequences of the inputs and outputs of a program.
fn two_sequences(program: &Program) -> DataSet {
    let (inputs, outputs) = (program.inputs, program.output_count());
    let targets = vec![0.5; 2 * outputs];
    DataSet::new(inputs, outputs, vec![0.3; 5 * inputs], targets, vec![NO_TARGET, NO_TARGET, 0, NO_TARGET, 1], &[3, 2])
        .unwrap()
}

/// Two sequences of symbols, with classes as targets.
fn two_sequences_of_symbols(program: &Program) -> DataSet {
    let (inputs, outputs) = (program.inputs, program.output_count());
    let symbols = Inputs::Symbols(vec![0, inputs as u32 - 1, 0, 0, inputs as u32 - 1]);
    let classes = Targets::Classes(vec![0.5; 2 * outputs]);
    let target_of_step = vec![NO_TARGET, NO_TARGET, 0, NO_TARGET, outputs as u32 - 1];
    DataSet::of(inputs, outputs, symbols, classes, target_of_step, &[3, 2]).unwrap()
}

#[test]
fn programs() {
    let mut making = Random::new(7);
    let seeds: Vec<Vec<u64>> = (0..200)
        .map(|index| {
            if index % 4 == 3 {
                return with_readout(index, &mut making).program.to_words();
            }
            let (graph, layers) = random_gated(&mut making);
            let lowering = if index % 2 == 0 { Lowering::Blocks } else { Lowering::Sparse };
            Lowered::new(&graph, &layers, lowering).unwrap().program.to_words()
        })
        .collect();
    fuzz("programs", |random| {
        let mut words = seeds[random.below(seeds.len())].clone();
        mutate(&mut words, random);
        let Ok(program) = Program::from_words(words) else { return false };
        // Indices within larger memories are as sound.
        if program.layout.size() > 10_000 || program.inputs > 100 || program.output_count() > 100 {
            return true;
        }
        let mut memory = vec![0.25; program.layout.size()];
        let mut online = Online::default();
        online.activate(&program, &mut memory, &vec![0.5; program.inputs]);
        online.propagate(&program, &mut memory, 0.1, &vec![0.5; program.output_count()]);
        let parameters = vec![0.1; program.layout.parameters().len()];
        let mut bptt = Bptt::<f64>::new(&program);
        for data in [two_sequences(&program), two_sequences_of_symbols(&program)] {
            let batch: [Sample; 2] = [data.sample(0), data.sample(1)];
            bptt.forward(&program, &parameters, &data, &batch, Context::Fresh, false);
            bptt.backward(&program, &parameters, &data, Loss::Mse, 2);
        }
        true
    });
}

#[test]
fn checkpoints() {
    let (graph, layers) = random_gated(&mut Random::new(3));
    let mut network = Network::new(&graph, &layers).unwrap();
    let sets = Sets::from(two_sequences(network.program()));
    network.begin_run(&[]).unwrap();
    let start = || Run::new(network.shared().clone(), sets.clone(), options(Learner::Bptt)).unwrap();
    let seeds: Vec<Vec<u64>> = (0..8)
        .map(|steps| {
            let mut run = start();
            for _ in 0..steps {
                // A pass of a batch, or an iteration.
                run.step(|| steps % 2 == 0);
            }
            // Written down between batches only.
            let bytes = loop {
                match run.checkpoint() {
                    Some(bytes) => break bytes,
                    None => run.step(|| false),
                };
            };
            let (words, _) = bytes.as_chunks::<8>();
            words.iter().map(|&word| u64::from_le_bytes(word)).collect()
        })
        .collect();
    fuzz("checkpoints", |random| {
        let mut words = seeds[random.below(seeds.len())].clone();
        words.pop();
        mutate(&mut words, random);
        // A forged sum, most of the time: what lies behind it is to be tried, too.
        words.push(if random.below(20) == 0 { random.word() } else { checksum(&words) });
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut run = start();
        if run.resume(&bytes).is_err() {
            return false;
        }
        while !matches!(run.step(|| true), Event::Done(_)) {}
        assert!(run.memory().iter().all(|number| number.is_finite()), "a run leaves finite numbers");
        true
    });
}
