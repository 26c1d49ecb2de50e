//! Passes over symbols against those over the steps that they stand for, bit for bit.

use super::*;
use crate::data::{Inputs, NO_TARGET, Targets};
use crate::graph::Readout;
use crate::graph::architect::{LstmOptions, Output, Variant, lstm};
use crate::program::{Lowered, Lowering};
use crate::random::Random;

/// Sequences of symbols with classes as targets.
fn symbols(inputs: usize, outputs: usize, random: &mut Random) -> DataSet {
    let lengths: Vec<u32> = [9, 7, 7, 5, 4, 4, 3, 2, 1, 1, 1].to_vec();
    let total: u32 = lengths.iter().sum();
    let symbols = (0..total).map(|_| random.below(inputs) as u32).collect();
    let mut target_of_step = vec![NO_TARGET; total as usize];
    let mut end = 0;
    for length in &lengths {
        end += *length as usize;
        target_of_step[end - 1] = random.below(outputs) as u32;
    }
    let classes = (0..outputs).flat_map(|class| [0.5 + class as f64, 0.25]).collect();
    DataSet::of(inputs, outputs, Inputs::Symbols(symbols), Targets::Classes(classes), target_of_step, &lengths).unwrap()
}

/// Outputs and gradient of a whole set, run in passes of some steps.
fn everything<T: Real>(program: &Program, data: &DataSet, most: usize, dropout: Option<Dropout>) -> Vec<u64> {
    let mut random = Random::new(5);
    let parameters: Vec<T> = program.layout.parameters().map(|_| T::of(random.unit() - 0.5)).collect();
    let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
    let mut bptt = Bptt::<T>::new(program);
    let mut numbers = Vec::new();
    // Twice, as a work space serves many batches.
    for _ in 0..2 {
        bptt.clear_gradient();
        bptt.drop_out(program, &batch, dropout);
        for (batch, context) in passes(&batch, most) {
            bptt.forward(program, &parameters, data, &batch, context, true);
            for (lane, sample) in batch.iter().enumerate() {
                for step in 0..sample.steps {
                    numbers.extend((0..program.units).map(|unit| bptt.activation(program, step, lane, unit)));
                }
            }
            bptt.backward(program, &parameters, data, Loss::Mse, 11);
        }
        numbers.extend_from_slice(&bptt.gradient);
    }
    numbers.iter().map(|number| number.wide().to_bits()).collect()
}

#[test]
fn symbols_have_the_bits_of_the_steps_they_stand_for() {
    let standard = |bidirectional, embedding| LstmOptions {
        variant: Variant::Standard,
        output: Output::Softmax,
        bidirectional,
        embedding,
        ..LstmOptions::default()
    };
    let all = [
        (12, standard(false, 0), true),
        (12, standard(true, 0), true),
        (12, standard(false, 3), true),
        (30, standard(true, 5), true),
        (3, standard(false, 0), false),
        (12, LstmOptions::default(), true),
        (12, LstmOptions { readout: Some(Readout::Mean), ..standard(false, 3) }, true),
        (12, LstmOptions { readout: Some(Readout::Max), ..standard(true, 0) }, true),
        (12, LstmOptions { readout: Some(Readout::Last), ..standard(true, 3) }, true),
        (12, LstmOptions { readout: Some(Readout::Attention), ..standard(true, 3) }, true),
    ];
    for (inputs, options, gathers) in all {
        let blueprint = lstm(&[inputs, 4, 3, 5], &options, &mut Random::new(2)).unwrap();
        let layers = blueprint.named_layers();
        for lowering in [Lowering::Blocks, Lowering::Sparse] {
            let program = &Lowered::new(&blueprint.graph, &layers, lowering).unwrap().program;
            let data = symbols(inputs, 5, &mut Random::new(3));
            let expected = if gathers && lowering == Lowering::Blocks { inputs } else { 0 };
            assert_eq!(skipped(program, &data), expected, "{options:?}");
            let written = data.written_out();
            for dropout in [None, Some(Dropout { share: 0.4, seed: 9 })] {
                for most in if program.is_phased() { [usize::MAX; 2] } else { [usize::MAX, 3] } {
                    let run = |data| everything::<f32>(program, data, most, dropout);
                    assert_eq!(run(&data), run(&written), "{options:?} {lowering:?} {most}");
                    let run = |data| everything::<f64>(program, data, most, dropout);
                    assert_eq!(run(&data), run(&written), "{options:?} {lowering:?} {most}");
                }
            }
        }
    }
}
