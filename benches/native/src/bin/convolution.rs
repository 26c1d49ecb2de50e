//! What convolutions make of the kernels: GFLOP/s of the steps of three dilated convolutions, forward and back, beside
//! the matrix kernel on operands that lie in the nearest cache. Prints Markdown.
//!   cargo run --release -p native --bin convolution

use std::hint::black_box;
use std::time::Instant;

use engram::data::{DataSet, NO_TARGET, Sample};
use engram::graph::Readout;
use engram::graph::architect::{Convolution, LstmOptions, Output, Variant, lstm};
use engram::kernels::accumulate;
use engram::learn::bptt::{Bptt, Context, SHARD};
use engram::learn::loss::Loss;
use engram::program::{Lowered, Lowering};
use engram::random::Random;

const STEPS: usize = 256;

/// The best of many: the machine has other things to do.
fn best(rounds: usize, mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        work();
        least = least.min(start.elapsed().as_secs_f64());
    }
    least
}

/// The matrix kernel alone.
fn peak(rows: usize, columns: usize) -> f64 {
    let weights = vec![0.5f32; rows * columns];
    let values = vec![0.25f32; columns * SHARD];
    let mut out = vec![0.0f32; rows * SHARD];
    let seconds = best(200, || {
        for _ in 0..64 {
            accumulate(black_box(&mut out), black_box(&weights), black_box(&values), columns, SHARD, SHARD);
        }
    });
    (64 * 2 * rows * columns * SHARD) as f64 / seconds / 1e9
}

fn main() {
    println!("matrix kernel, 48 x 96 by 16 lanes: {:.1} GFLOP/s\n", peak(48, 96));
    println!("| inputs | filters | forward | of the kernel | forward and back | of the kernel |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (inputs, filters) in [(1, 32), (12, 32), (32, 32), (64, 64)] {
        let layer = |(width, dilation)| Convolution { filters, width, dilation };
        let convolution = [(7, 1), (5, 4), (3, 16)].map(layer);
        let options = LstmOptions {
            variant: Variant::Standard,
            output: Output::Softmax,
            readout: Some(Readout::Mean),
            second_readout: Some(Readout::Max),
            convolution: &convolution,
            ..LstmOptions::default()
        };
        let blueprint = lstm(&[inputs, 4], &options, &mut Random::new(1)).expect("a network");
        let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).expect("a program");
        let program = &lowered.program;
        let parameters: Vec<f32> =
            lowered.load(&blueprint.graph)[program.layout.parameters()].iter().map(|&value| value as f32).collect();
        let random = &mut Random::new(2);
        let values = (0..SHARD * STEPS * inputs).map(|_| random.unit() - 0.5).collect();
        let targets = (0..SHARD * 4).map(|at| f64::from(u8::from(at % 4 == at / 4 % 4))).collect();
        let target_of = |step: usize| if (step + 1).is_multiple_of(STEPS) { (step / STEPS) as u32 } else { NO_TARGET };
        let target_of_step = (0..SHARD * STEPS).map(target_of).collect();
        let data = DataSet::new(inputs, 4, values, targets, target_of_step, &[STEPS as u32; SHARD]).expect("a set");
        let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
        let taps = 7 * inputs + 5 * filters + 3 * filters;
        let forward = (2 * filters * taps * SHARD * STEPS) as f64;
        // Back, weights and sources get a product each, and inputs none.
        let back = 2.0 * forward - (2 * filters * 7 * inputs * SHARD * STEPS) as f64;
        let mut bptt = Bptt::<f32>::new(program);
        let one = best(40, || bptt.forward(program, &parameters, &data, &batch, Context::Fresh, false));
        let both = best(40, || {
            bptt.forward(program, &parameters, &data, &batch, Context::Fresh, false);
            bptt.clear_gradient();
            bptt.backward(program, &parameters, &data, Loss::CrossEntropy, SHARD);
        });
        let rates = [forward / one / 1e9, (forward + back) / both / 1e9];
        let kernel = peak(48, 96);
        let [a, b] = rates.map(|rate| format!("{rate:.1} GFLOP/s | {:.0} %", 100.0 * rate / kernel));
        println!("| {inputs} | {filters} | {a} | {b} |");
    }
}
