//! Whole runs: they learn, stop, go on from checkpoints, and give the same bits on any number of threads.

use std::sync::Arc;

use super::{Crew, Decay, Event, Executor, Learner, Options, Precision, Rate, Run, Sets, Stopped};
use crate::data::{DataSet, Inputs, NO_TARGET, Targets};
use crate::graph::architect::{Initializer, LstmOptions, Output, Variant, lstm, perceptron};
use crate::learn::loss::Cost;
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
        stateful: false,
        memory_limit: 1e9,
        dropout: 0.0,
        group_by_length: false,
        batch_size: 8,
        clip_norm: Some(1.0),
        precision: Precision::F64,
        seed: 1,
    }
}

pub(super) fn run_to_end(network: &mut Network, data: DataSet, options: Options) -> (Run, Stopped) {
    network.begin_run(&[]).unwrap();
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

pub(super) fn network_of(blueprint: &crate::graph::architect::Blueprint) -> Network {
    Network::new(&blueprint.graph, &blueprint.named_layers()).unwrap()
}

fn xor() -> DataSet {
    let inputs = vec![0., 0., 1., 0., 0., 1., 1., 1.];
    DataSet::new(2, 1, inputs, vec![0., 1., 1., 0.], vec![0, 1, 2, 3], &[1; 4]).unwrap()
}

/// Sequences of two classes that take turns, judged at their last step.
fn alternating(inputs: u32, lengths: &[u32], mut value: impl FnMut() -> f64) -> DataSet {
    let total: u32 = lengths.iter().sum();
    let values = (0..total * inputs).map(|_| value()).collect();
    let mut target_of_step = vec![NO_TARGET; total as usize];
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
            network.begin_run(&[]).unwrap();
            let data = if precision == Precision::F32 { xor() } else { xor().weighted(&[1.0, 5.0, 0.1, 2.0]).unwrap() };
            let run = Run::new(network.shared().clone(), data.into(), options).unwrap();
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
fn the_scores_at_the_end_are_those_of_the_parameters_kept() {
    let mut random = Random::new(8);
    let data = alternating(1, &[5; 12], || random.unit() * 2.0 - 1.0);
    let held_out = alternating(1, &[5; 6], || random.unit() * 2.0 - 1.0);
    let options_lstm = LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
    let make = || network_of(&lstm(&[1, 6, 2], &options_lstm, &mut Random::new(4)).unwrap());
    let sets = || Sets { data: Arc::new(data.clone()), held_out: Some(Arc::new(held_out.clone())) };
    let options = |patience| Options {
        patience,
        iterations: 60,
        error: -1.0,
        rate: Rate::Constant(0.05),
        cost: Some(Cost::CrossEntropy),
        checkpoint_every: 1,
        ..options(Learner::Bptt)
    };
    let mut network = make();
    network.begin_run(&[]).unwrap();
    let mut run = Run::new(network.shared().clone(), sets(), options(5)).unwrap();
    let (mut errors, mut written) = (Vec::new(), Vec::new());
    loop {
        match run.step(|| true) {
            Event::Iteration => errors.push(run.error()),
            Event::Checkpoint => written = run.checkpoint().unwrap(),
            Event::Done(_) => break,
            other => panic!("unexpected {other:?}"),
        }
    }
    let best = errors.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(run.error() == best && errors.last() > Some(&best), "{errors:?}");
    network.end_run(Some(run.memory())).unwrap();
    let kept = network.test(&held_out, Some(Cost::CrossEntropy), true, true).unwrap();
    assert_eq!((run.error(), run.accuracy()), (kept.error, kept.accuracy));
    // The same where a run goes on from a checkpoint behind the best iteration.
    let mut other = make();
    other.begin_run(&[]).unwrap();
    let mut second = Run::new(other.shared().clone(), sets(), options(5)).unwrap();
    second.resume(&written).unwrap();
    while !matches!(second.step(|| true), Event::Done(_)) {}
    assert_eq!((second.error(), second.accuracy(), second.training()), (run.error(), run.accuracy(), run.training()));
    // Without patience, a run ends with its last parameters, which its scores are of, too.
    let mut other = make();
    other.begin_run(&[]).unwrap();
    let mut third = Run::new(other.shared().clone(), sets(), options(0)).unwrap();
    third.resume(&written).unwrap();
    while !matches!(third.step(|| true), Event::Done(_)) {}
    other.end_run(Some(third.memory())).unwrap();
    let last = other.test(&held_out, Some(Cost::CrossEntropy), true, true).unwrap();
    assert_eq!((third.error(), third.accuracy()), (last.error, last.accuracy));
}

#[test]
fn a_checkpoint_is_of_its_samples_in_whatever_form_they_are_stored() {
    let set = |inputs, targets, weights: [f64; 2]| {
        DataSet::of(3, 2, inputs, targets, vec![0, 1, 1, 0], &[2, 2]).unwrap().weighted(&weights).unwrap()
    };
    let rows = |last| Inputs::Rows(vec![0., 1., 0., 1., 0., 0., 0., 0., 1., 0., 1., last]);
    let classes = |own| Targets::Classes(vec![own, 0.0, own, 0.0]);
    let run = |data: DataSet| {
        let options_lstm = LstmOptions { variant: Variant::Standard, ..LstmOptions::default() };
        let mut network = network_of(&lstm(&[3, 2, 2], &options_lstm, &mut Random::new(4)).unwrap());
        network.begin_run(&[]).unwrap();
        let options = Options { checkpoint_every: 1, ..options(Learner::Bptt) };
        Run::new(network.shared().clone(), data.into(), options).unwrap()
    };
    // Where nothing but 0 is read, and nothing is answered, steps are told apart.
    let impulse = |step: usize| {
        let mut inputs = vec![0.0; 12];
        inputs[step * 3] = 1.0;
        let target_of_step = vec![NO_TARGET, NO_TARGET, NO_TARGET, 0];
        Sets::from(DataSet::new(3, 2, inputs, vec![1.0, 0.0], target_of_step, &[4]).unwrap()).checksum()
    };
    assert!(impulse(0) != impulse(1) && impulse(1) == impulse(1));
    let mut first = run(set(rows(0.0), Targets::Rows(vec![1.0, 0.0, 0.0, 1.0]), [1.0, 2.0]));
    while !matches!(first.step(|| false), Event::Checkpoint) {}
    let bytes = first.checkpoint().unwrap();
    let resumed = |data| run(data).resume(&bytes);
    assert!(resumed(set(Inputs::Symbols(vec![1, 0, 2, 1]), classes(1.0), [1.0, 2.0])).is_ok());
    for other in [
        set(rows(1e-300), classes(1.0), [1.0, 2.0]),
        set(Inputs::Symbols(vec![1, 0, 2, 2]), classes(1.0), [1.0, 2.0]),
        set(rows(0.0), classes(0.9), [1.0, 2.0]),
        set(rows(0.0), classes(1.0), [2.0, 1.0]),
    ] {
        let message = format!("{:?}", resumed(other).unwrap_err());
        assert!(message.contains("of another network, set or run"), "{message}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    // Batches of one to seven shards, the last of which is not whole.
    for batch in [16, 20, 41, 70, 100] {
        any_number_of_threads(false, batch);
    }
    any_number_of_threads(true, 64);
}

fn any_number_of_threads(bidirectional: bool, batch_size: usize) {
    let mut results = Vec::new();
    for helpers in 0..7 {
        let mut random = Random::new(9);
        let lengths: Vec<u32> = (0..100).map(|_| 1 + random.below(12) as u32).collect();
        let data = alternating(2, &lengths, || random.unit());
        let output = Output::Softmax;
        let settings = LstmOptions { variant: Variant::Standard, output, bidirectional, ..LstmOptions::default() };
        let mut network = network_of(&lstm(&[2, 5, 2], &settings, &mut random).unwrap());
        let mut options = options(Learner::Bptt);
        (options.batch_size, options.iterations, options.shuffle) = (batch_size, 3, true);
        (options.dropout, options.group_by_length) = if bidirectional { (0.25, true) } else { (0.0, false) };
        network.begin_run(&[]).unwrap();
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
fn a_sample_of_weight_two_is_the_sample_twice() {
    let settings = LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
    let train = |data: DataSet| {
        let mut network = network_of(&lstm(&[1, 4, 2], &settings, &mut Random::new(5)).unwrap());
        let optimizer = crate::learn::optimizer::Method::Sgd;
        let options = Options { iterations: 9, error: 0.0, batch_size: 99, optimizer, ..options(Learner::Bptt) };
        let (run, _) = run_to_end(&mut network, data, options);
        (network.parameters(), run.error(), run.accuracy(), run.verdict().baseline)
    };
    let values = || (0..).map(|index| f64::from(index * 37 % 11) / 11.0);
    // The third sequence, and the same again.
    let (once, again) = ([3, 5, 2, 4], [3, 5, 2, 4, 2]);
    let mut given = values();
    let data = alternating(1, &once, || given.next().unwrap());
    let mut given = values().take(14).chain(values().skip(8).take(2));
    let twice = alternating(1, &again, || given.next().unwrap());
    let ((a, error, accuracy, baseline), (b, other, of_five, usual)) =
        (train(data.weighted(&[0.5, 0.5, 1.0, 0.5]).unwrap()), train(twice));
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!((error - other).abs() < 1e-12 && (baseline.unwrap() - usual.unwrap()).abs() < 1e-12);
    // Answers are counted, not weighed.
    let quarters = accuracy.unwrap() * 4.0;
    assert!((quarters - quarters.round()).abs() < 1e-12 && of_five.is_some());
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
        network.begin_run(&[]).unwrap();
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

/// A network, its sets and options, for runs that are made many times over.
fn dropped_and_held_out(precision: Precision) -> impl Fn() -> (Network, Run) {
    let mut random = Random::new(9);
    let lengths: Vec<u32> = (0..150).map(|_| 1 + random.below(12) as u32).collect();
    let (first, second) = lengths.split_at(121);
    let data = Arc::new(alternating(2, first, || random.unit()));
    let held_out = Some(Arc::new(alternating(2, second, || random.unit())));
    let sets = Sets { data, held_out };
    let settings = LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
    let blueprint = lstm(&[2, 5, 4, 2], &settings, &mut random).unwrap();
    move || {
        let options = Options {
            batch_size: 90,
            iterations: 4,
            error: 0.0,
            shuffle: true,
            dropout: 0.25,
            patience: 9,
            clip_norm: Some(0.1),
            precision,
            ..options(Learner::Bptt)
        };
        let mut network = network_of(&blueprint);
        network.begin_run(&[]).unwrap();
        let run = Run::new(network.shared().clone(), sets.clone(), options).unwrap();
        (network, run)
    }
}

/// All that a run ends with.
pub(super) fn end_of(run: &Run) -> (Vec<u64>, f64, Option<f64>, f64) {
    let bits = run.memory().iter().map(|value| value.to_bits()).collect();
    (bits, run.error(), run.accuracy(), run.training().error)
}

/// A range that is a node of the tree and begins with a missing shard, if the draw hits one.
fn draw_node(missing: &[usize], count: usize, random: &mut Random) -> Option<std::ops::Range<usize>> {
    let size = 1 << random.below(4);
    let start = missing[random.below(missing.len())] / size * size;
    let node = start..(start + size).min(count);
    node.clone().all(|shard| missing.contains(&shard)).then_some(node)
}

#[test]
fn executors_elsewhere_give_the_bits_of_the_runs_own_threads() {
    let seed = std::env::var("ENGRAM_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(17);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for precision in [Precision::F32, Precision::F64] {
        let make = dropped_and_held_out(precision);
        let (network, mut whole) = make();
        while whole.stopped().is_none() {
            whole.step(|| true);
        }
        for _ in 0..6 {
            let (_network, mut run) = make();
            run.hand_out();
            let sets = run.sets().clone();
            let executor = Executor::new(Arc::clone(&network.shared().program), sets, precision);
            let mut stale: Vec<Vec<u8>> = Vec::new();
            let mut batches = 0;
            while run.stopped().is_none() {
                match run.step(|| true) {
                    Event::Batch => {}
                    Event::Iteration => continue,
                    Event::Done(_) => break,
                    other => panic!("unexpected {other:?}"),
                }
                batches += 1;
                let batch = run.batch().unwrap();
                let count = run.missing().len();
                assert!(stale.iter().all(|part| !run.take(part).unwrap()), "parts of an earlier batch are not wanted");
                stale.clear();
                while !run.missing().is_empty() {
                    let Some(node) = draw_node(&run.missing(), count, &mut random) else { continue };
                    let part = executor.compute(&batch, node).unwrap();
                    // Now and then the executor is lost, and another one does the shards.
                    if random.below(4) > 0 {
                        assert!(run.take(&part).unwrap());
                        assert!(!run.take(&part).unwrap(), "who comes late is not wanted");
                    }
                    stale.push(part);
                }
            }
            assert_eq!(batches, 4 * 3, "two batches to learn from and one to look at");
            assert_eq!(end_of(&run), end_of(&whole), "{precision:?}");
        }
    }
}

#[test]
fn a_run_goes_on_from_a_checkpoint_of_an_open_batch() {
    let make = dropped_and_held_out(Precision::F32);
    let (_network, mut whole) = make();
    while whole.stopped().is_none() {
        whole.step(|| true);
    }
    let (network, mut first) = make();
    first.hand_out();
    assert_eq!(first.step(|| true), Event::Batch);
    let executor = Executor::new(Arc::clone(&network.shared().program), first.sets().clone(), Precision::F32);
    let batch = first.batch().unwrap();
    assert!(first.take(&executor.compute(&batch, 0..4).unwrap()).unwrap());
    let bytes = first.checkpoint().unwrap();
    let (_network, mut second) = make();
    second.resume(&bytes).unwrap();
    while second.stopped().is_none() {
        second.step(|| true);
    }
    assert_eq!(end_of(&second), end_of(&whole));
}

#[test]
fn halves_are_added_where_they_lie() {
    let make = dropped_and_held_out(Precision::F32);
    let (network, mut run) = make();
    run.hand_out();
    run.step(|| true);
    let mut executor = Executor::new(Arc::clone(&network.shared().program), run.sets().clone(), Precision::F32);
    let batch = run.batch().unwrap();
    assert_eq!(run.missing(), [0, 1, 2, 3, 4, 5]);
    let steps = run.shard_steps();
    assert!(steps.len() == 6 && steps[..5].is_sorted_by(|a, b| a >= b), "from long to short, and a rest");
    let whole = executor.compute(&batch, 0..6).unwrap();
    let parts = [0..1, 1..2, 2..4, 4..6].map(|node| executor.compute(&batch, node).unwrap());
    let left = executor.add(&executor.add(&parts[1], &parts[0]).unwrap(), &parts[2]).unwrap();
    assert_eq!(executor.add(&left, &parts[3]).unwrap(), whole);
    assert!(executor.add(&parts[0], &parts[0]).is_err() && executor.add(&parts[1], &parts[2]).is_err());
    // Threads of the executor's own.
    let crew = Arc::new(Crew::default());
    executor.join(Arc::clone(&crew));
    std::thread::scope(|scope| {
        scope.spawn(|| crew.help());
        assert_eq!(executor.compute(&batch, 0..6).unwrap(), whole);
        crew.dismiss();
    });
}

#[test]
fn bytes_that_are_no_batch_or_part_of_this_run_are_refused_and_change_nothing() {
    let make = dropped_and_held_out(Precision::F32);
    let (network, mut run) = make();
    run.hand_out();
    run.step(|| true);
    let program = &network.shared().program;
    let executor = Executor::new(Arc::clone(program), run.sets().clone(), Precision::F32);
    let batch = run.batch().unwrap();
    for node in [0..0, 1..3, 0..3, 4..7, 6..7, 0..8] {
        assert!(executor.compute(&batch, node).is_err());
    }
    let other = Executor::new(Arc::clone(program), run.sets().clone(), Precision::F64);
    let small = Executor::new(Arc::clone(program), alternating(2, &[3, 4], || 0.5).into(), Precision::F32);
    assert!(other.compute(&batch, 0..1).is_err() && small.compute(&batch, 0..1).is_err());
    let part = executor.compute(&batch, 0..2).unwrap();
    for cut in (0..batch.len()).step_by(7) {
        assert!(executor.compute(&batch[..cut], 0..1).is_err());
    }
    for cut in (0..part.len()).step_by(7) {
        assert!(run.take(&part[..cut]).is_err() && run.take(&batch[..cut]).is_err());
    }
    assert!(run.take(&batch).is_err() && executor.compute(&part, 0..1).is_err());
    assert_eq!(run.missing().len(), 6);
    assert!(run.take(&part).unwrap());
    let (_network, mut online) = make();
    assert!(online.batch().is_none() && online.missing().is_empty() && !online.take(&part).unwrap());
}
