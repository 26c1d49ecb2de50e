//! The sequence cases of the benchmark in the native engine. Prints one line of JSON, as the other peers do.
//!   native train|infer THREADS T I H C B

use std::sync::Arc;
use std::time::Instant;

use engram::data::{DataSet, NO_TARGET};
use engram::graph::architect::{LstmOptions, Output, Variant, lstm};
use engram::learn::optimizer::Method;
use engram::network::Network;
use engram::random::Random;
use engram::train::{Crew, Decay, Learner, Options, Precision, Rate, Run, Sets};

/// Seconds that one measurement should take at least.
const ENOUGH: f64 = 0.4;
/// Iterations of a run at least: a run looks at its set once, and learns from it many times.
const ITERATIONS: usize = 10;

struct Shape {
    steps: usize,
    inputs: usize,
    hidden: usize,
    classes: usize,
    batch: usize,
}

fn samples(count: usize, shape: &Shape) -> DataSet {
    let random = &mut Random::new(1);
    let inputs = (0..count * shape.steps * shape.inputs).map(|_| random.unit()).collect();
    let mut targets = vec![0.0; count * shape.classes];
    targets.chunks_exact_mut(shape.classes).for_each(|target| target[random.below(shape.classes)] = 1.0);
    let is_last = |step: usize| (step + 1).is_multiple_of(shape.steps);
    let target_of = |step: usize| if is_last(step) { (step / shape.steps) as u32 } else { NO_TARGET };
    let target_of_step = (0..count * shape.steps).map(target_of).collect();
    let lengths = vec![shape.steps as u32; count];
    DataSet::new(shape.inputs, shape.classes, inputs, targets, target_of_step, &lengths).expect("a set")
}

fn network(shape: &Shape) -> Network {
    let options = LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
    let sizes = [shape.inputs, shape.hidden, shape.classes];
    let blueprint = lstm(&sizes, &options, &mut Random::new(1)).expect("a network");
    Network::new(&blueprint.graph, &blueprint.named_layers()).expect("a network")
}

fn options(iterations: usize, batch_size: usize) -> Options {
    Options {
        learner: Learner::Bptt,
        rate: Rate::Constant(0.001),
        iterations: iterations as u32,
        error: 0.0,
        shuffle: false,
        cost: None,
        host_cost: false,
        held_out: 0,
        held_out_error: -1.0,
        patience: 0,
        schedule_every: 0,
        log_every: 0,
        checkpoint_every: 0,
        sequences: true,
        optimizer: Method::Adam,
        weight_decay: None,
        decay: Decay::None,
        warm_up: 0,
        truncate: None,
        stateful: false,
        memory_limit: f64::INFINITY,
        dropout: 0.0,
        group_by_length: false,
        batch_size,
        clip_norm: Some(1.0),
        precision: Precision::F32,
        seed: 1,
    }
}

/// Trains on so many samples, a whole number of iterations.
fn train(network: &mut Network, sets: &Sets, shape: &Shape, crew: &Arc<Crew>, count: usize) {
    network.begin_run(&[]).expect("the network is free");
    let options = options(count / sets.data.len(), shape.batch);
    let mut run = Run::new(network.shared().clone(), sets.clone(), options).expect("a run");
    run.join(Arc::clone(crew));
    while run.stopped().is_none() {
        run.step(|| true);
    }
    run.hand_back();
    network.end_run(None).expect("the run has ended");
}

/// Seconds per sample of work that is done for at least so many samples, a multiple of them.
fn measure(least: usize, mut work: impl FnMut(usize)) -> f64 {
    let mut seconds = |count: usize| {
        let start = Instant::now();
        work(count);
        start.elapsed().as_secs_f64()
    };
    let (mut count, mut taken) = (least, seconds(least));
    while taken < ENOUGH / 2.0 {
        count *= 2;
        taken = seconds(count);
    }
    let wanted = ((count as f64 * ENOUGH / taken / least as f64).ceil() as usize).max(1) * least;
    seconds(wanted) / wanted as f64
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments[index].parse::<usize>().expect("a number");
    let shape = Shape { steps: number(2), inputs: number(3), hidden: number(4), classes: number(5), batch: number(6) };
    let mut network = network(&shape);
    let seconds = match arguments[0].as_str() {
        "train" => {
            let sets = Sets { data: Arc::new(samples(4 * shape.batch, &shape)), held_out: None };
            let crew = Arc::new(Crew::default());
            std::thread::scope(|scope| {
                for _ in 1..number(1) {
                    scope.spawn(|| crew.help());
                }
                let work = |count| train(&mut network, &sets, &shape, &crew, count);
                let seconds = measure(ITERATIONS * sets.data.len(), work);
                crew.dismiss();
                seconds
            })
        }
        "infer" => {
            let data = samples(shape.batch, &shape);
            measure(shape.batch, |count| {
                for _ in 0..count / shape.batch {
                    network.test(&data, None, true, false).expect("a score");
                }
            })
        }
        other => panic!("no kind {other}"),
    };
    println!("{{\"seconds\":{seconds:e}}}");
}
