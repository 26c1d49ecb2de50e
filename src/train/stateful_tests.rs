//! Runs that carry contexts from one update to the next.

use std::sync::Arc;

use super::tests::{end_of, network_of, options, run_to_end};
use super::{Crew, Event, Executor, Learner, Options, Precision, Rate, Run, Sets};
use crate::data::{DataSet, Inputs, NO_TARGET, Targets};
use crate::graph::architect::{LstmOptions, Output, Variant, lstm};
use crate::network::Network;
use crate::random::Random;

/// Sequences of 1 to 23 steps in which the first symbol says what is to be answered at every third step.
fn remembered(count: usize, random: &mut Random) -> DataSet {
    let (mut inputs, mut target_of_step, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let (first, length) = (random.below(2) as u32, 1 + random.below(23) as u32);
        lengths.push(length);
        for step in 0..length {
            inputs.push(if step == 0 { first } else { 2 });
            target_of_step.push(if step % 3 == 2 { first } else { NO_TARGET });
        }
    }
    let targets = Targets::Classes(vec![1.0, 0.0, 1.0, 0.0]);
    DataSet::of(3, 2, Inputs::Symbols(inputs), targets, target_of_step, &lengths).unwrap()
}

/// Runs that carry contexts, of steps as symbols or written out.
fn stateful(written: bool, precision: Precision) -> impl Fn() -> (Network, Run) {
    let mut random = Random::new(11);
    let data = remembered(70, &mut random);
    let sets: Sets = if written { data.written_out() } else { data }.into();
    let settings = LstmOptions { variant: Variant::Gru, output: Output::Softmax, ..LstmOptions::default() };
    let blueprint = lstm(&[3, 5, 2], &settings, &mut random).unwrap();
    move || {
        let options = Options {
            batch_size: 40,
            iterations: 3,
            error: 0.0,
            shuffle: true,
            stateful: true,
            truncate: Some(5),
            dropout: 0.2,
            held_out: 9,
            precision,
            ..options(Learner::Bptt)
        };
        let mut network = network_of(&blueprint);
        network.begin_run(&[]).unwrap();
        let run = Run::new(network.shared().clone(), sets.clone(), options).unwrap();
        (network, run)
    }
}

#[test]
fn contexts_are_carried_to_the_same_bits_elsewhere_on_threads_and_from_checkpoints() {
    for (written, precision) in [(false, Precision::F32), (true, Precision::F64)] {
        let make = stateful(written, precision);
        let (network, mut whole) = make();
        while whole.stopped().is_none() {
            whole.step(|| true);
        }
        let (_network, mut helped) = make();
        let crew = Arc::new(Crew::default());
        helped.join(Arc::clone(&crew));
        std::thread::scope(|scope| {
            scope.spawn(|| crew.help());
            while helped.stopped().is_none() {
                helped.step(|| true);
            }
            crew.dismiss();
        });
        assert_eq!(end_of(&helped), end_of(&whole));
        let (_network, mut run) = make();
        run.hand_out();
        let executor = Executor::new(Arc::clone(&network.shared().program), run.sets().clone(), precision);
        let (mut batches, mut checkpoints) = (0, Vec::new());
        while run.stopped().is_none() {
            if run.step(|| true) != Event::Batch {
                continue;
            }
            batches += 1;
            checkpoints.push(run.checkpoint().unwrap());
            let batch = run.batch().unwrap();
            for shard in run.missing() {
                let part = executor.compute(&batch, shard..shard + 1).unwrap();
                assert!(run.take(&part[..part.len() - 8]).is_err() && run.take(&part).unwrap());
            }
        }
        assert_eq!(batches, 3 * (2 * 5 + 1), "five passes of two batches, and one to look at");
        assert_eq!(end_of(&run), end_of(&whole));
        for bytes in checkpoints {
            let (_network, mut second) = make();
            second.resume(&bytes).unwrap();
            while second.stopped().is_none() {
                second.step(|| true);
            }
            assert_eq!(end_of(&second), end_of(&whole));
        }
    }
}

#[test]
fn what_lies_before_a_pass_is_remembered_with_contexts_that_are_carried_and_not_without() {
    let train = |stateful: bool| {
        let mut random = Random::new(3);
        let data = remembered(120, &mut random);
        // Without, every pass is a sequence of its own.
        let data = if stateful {
            data
        } else {
            let cuts = (0..data.len()).flat_map(|index| {
                let steps = data.sample(index).steps as u32;
                (0..steps.div_ceil(5)).map(move |pass| (steps - pass * 5).min(5))
            });
            let lengths: Vec<u32> = cuts.collect();
            let Inputs::Symbols(symbols) = data.inputs().clone() else { unreachable!("symbols") };
            let (targets, rows) = (data.targets().clone(), data.target_of_step().to_vec());
            DataSet::of(3, 2, Inputs::Symbols(symbols), targets, rows, &lengths).unwrap()
        };
        let settings = LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
        let mut network = network_of(&lstm(&[3, 8, 2], &settings, &mut random).unwrap());
        let options = Options {
            rate: Rate::Constant(0.02),
            iterations: 30,
            error: 0.0,
            truncate: Some(5),
            shuffle: true,
            stateful,
            ..options(Learner::Bptt)
        };
        run_to_end(&mut network, data, options).0.accuracy().unwrap()
    };
    let (carried, fresh) = (train(true), train(false));
    assert!(carried > 0.99 && fresh < 0.8, "{carried} and {fresh}");
}
