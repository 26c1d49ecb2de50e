//! Runs whose targets are lists of symbols.

use std::sync::Arc;

use super::tests::{end_of, network_of, options, run_to_end};
use super::{Event, Executor, Learner, Options, Precision, Rate, Run, Sets};
use crate::data::{DataSet, Inputs, NO_TARGET, Targets};
use crate::graph::architect::{LstmOptions, Output, Variant, lstm};
use crate::learn::loss::Cost;
use crate::random::Random;

/// Sequences of noise between pulses of two kinds, which are what is to be read.
fn pulses(count: usize, random: &mut Random) -> DataSet {
    let (mut inputs, mut symbols, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let list: Vec<u32> = (0..random.below(4)).map(|_| random.below(2) as u32).collect();
        let first = inputs.len();
        for &symbol in &list {
            inputs.extend((0..1 + random.below(4)).map(|_| random.unit() * 0.2));
            inputs.extend((0..1 + random.below(3)).map(|_| if symbol == 0 { 1.0 } else { -1.0 }));
        }
        inputs.push(0.1);
        let length = inputs.len() - first;
        lengths.push(length as u32);
        symbols.extend(list.iter().copied().chain(std::iter::repeat(NO_TARGET)).take(length));
    }
    DataSet::of(1, 3, Inputs::Rows(inputs), Targets::Lists, symbols, &lengths).unwrap()
}

fn settings(bidirectional: bool) -> LstmOptions<'static> {
    LstmOptions { variant: Variant::Standard, output: Output::Softmax, bidirectional, ..LstmOptions::default() }
}

#[test]
fn lists_are_learnt_in_both_precisions_and_read_one_and_two_ways() {
    for (precision, bidirectional) in [(Precision::F32, false), (Precision::F64, true)] {
        let mut random = Random::new(7);
        let mut network = network_of(&lstm(&[1, 8, 3], &settings(bidirectional), &mut random).unwrap());
        let rate = Rate::Constant(0.03);
        let options = Options { precision, rate, iterations: 60, error: 0.0, held_out: 20, ..options(Learner::Bptt) };
        let held_out = pulses(120, &mut random);
        let (run, _) = run_to_end(&mut network, held_out.clone(), options);
        assert!(run.error() < 0.1 && run.accuracy().unwrap() > 0.95, "{} {:?}", run.error(), run.accuracy());
        let score = network.test(&held_out, None, true, true).unwrap();
        assert!(score.error < 0.1 && score.accuracy.unwrap() > 0.95, "{score:?}");
        assert_eq!(run.verdict().baseline, None);
    }
}

#[test]
fn lists_give_the_same_bits_elsewhere_and_from_checkpoints() {
    for precision in [Precision::F32, Precision::F64] {
        let mut random = Random::new(8);
        let sets: Sets = pulses(70, &mut random).into();
        let blueprint = lstm(&[1, 4, 3], &settings(true), &mut random).unwrap();
        let make = || {
            let options =
                Options { precision, iterations: 2, error: 0.0, held_out: 9, batch_size: 40, ..options(Learner::Bptt) };
            let mut network = network_of(&blueprint);
            network.begin_run(&[]).unwrap();
            let run = Run::new(network.shared().clone(), sets.clone(), options).unwrap();
            (network, run)
        };
        let (network, mut whole) = make();
        while whole.stopped().is_none() {
            whole.step(|| true);
        }
        let (_network, mut run) = make();
        run.hand_out();
        let executor = Executor::new(Arc::clone(&network.shared().program), sets.clone(), precision);
        while run.stopped().is_none() {
            if run.step(|| true) != Event::Batch {
                continue;
            }
            let bytes = run.checkpoint().unwrap();
            let (_network, mut resumed) = make();
            resumed.resume(&bytes).unwrap();
            while resumed.stopped().is_none() {
                resumed.step(|| true);
            }
            assert_eq!(end_of(&resumed), end_of(&whole));
            let batch = run.batch().unwrap();
            for shard in run.missing() {
                assert!(run.take(&executor.compute(&batch, shard..shard + 1).unwrap()).unwrap());
            }
        }
        assert_eq!(end_of(&run), end_of(&whole));
    }
}

#[test]
fn what_lists_cannot_be_learnt_with_is_refused() {
    let mut random = Random::new(9);
    let data = Arc::new(pulses(5, &mut random));
    let rows = DataSet::new(1, 3, vec![0.0], vec![0.0; 3], vec![0], &[1]).unwrap();
    let sets = Sets { data: Arc::clone(&data), held_out: None };
    let apart = Sets { data, held_out: Some(Arc::new(rows)) };
    let refused = |sets: &Sets, output: Output, options: Options| {
        let settings = LstmOptions { output, ..settings(false) };
        let mut network = network_of(&lstm(&[1, 2, 3], &settings, &mut Random::new(1)).unwrap());
        network.begin_run(&[]).unwrap();
        Run::new(network.shared().clone(), sets.clone(), options).is_err()
    };
    let usual = || options(Learner::Bptt);
    assert!(!refused(&sets, Output::Softmax, usual()));
    assert!(refused(&sets, Output::Logistic, usual()) && refused(&apart, Output::Softmax, usual()));
    assert!(refused(&sets, Output::Softmax, options(Learner::Online)));
    assert!(refused(&sets, Output::Softmax, Options { truncate: Some(5), ..usual() }));
    assert!(refused(&sets, Output::Softmax, Options { host_cost: true, ..usual() }));
    assert!(refused(&sets, Output::Softmax, Options { cost: Some(Cost::Mse), ..usual() }));
}
