//! Gradients of lists against central finite differences.

use super::*;
use crate::data::{Inputs, NO_TARGET, Targets};
use crate::graph::architect::{LstmOptions, Output, Variant, lstm};
use crate::program::{Lowered, Lowering};
use crate::random::Random;

#[test]
fn gradients_of_lists_equal_finite_differences() {
    let mut random = Random::new(41);
    for (bidirectional, variant) in [(false, Variant::Standard), (true, Variant::Gru), (true, Variant::Standard)] {
        let options = LstmOptions { variant, output: Output::Softmax, bidirectional, ..LstmOptions::default() };
        let blueprint = lstm(&[2, 4, 3], &options, &mut random).unwrap();
        let lowered = Lowered::new(&blueprint.graph, &blueprint.named_layers(), Lowering::Blocks).unwrap();
        let program = &lowered.program;
        let lengths = [7, 5, 2, 1];
        let inputs = (0..15 * 2).map(|_| random.unit() * 2.0 - 1.0).collect();
        let mut symbols = vec![NO_TARGET; 15];
        symbols[..3].copy_from_slice(&[0, 0, 1]);
        symbols[7] = 1;
        symbols[14] = 0;
        let data = DataSet::of(2, 3, Inputs::Rows(inputs), Targets::Lists, symbols, &lengths).unwrap();
        let data = data.weighted(&[1.0, 2.5, 0.5, 1.0]).unwrap();
        let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
        let mut bptt = Bptt::<f64>::new(program);
        let loss_of = |bptt: &mut Bptt<f64>, parameters: &[f64]| {
            bptt.forward(program, parameters, &data, &batch, Context::Fresh, false);
            let judged = bptt.judge_lists(program, &data);
            judged.iter().zip(&batch).map(|([loss, _], sample)| loss * sample.weight).sum::<f64>() / 4.0
        };
        let mut parameters = lowered.load(&blueprint.graph)[program.layout.parameters()].to_vec();
        loss_of(&mut bptt, &parameters);
        bptt.clear_gradient();
        bptt.backward(program, &parameters, &data, Loss::CrossEntropy, 4);
        let gradient = bptt.gradient.clone();
        assert!(gradient.iter().any(|slope| slope.abs() > 0.01));
        for _ in 0..80 {
            let at = random.below(parameters.len());
            let fixed = at >= program.layout.weights && program.fixed_bias[at - program.layout.weights];
            if fixed || gradient[at] == 0.0 {
                continue;
            }
            let (original, h) = (parameters[at], 1e-5);
            let mut moved = |to: f64| {
                parameters[at] = to;
                loss_of(&mut bptt, &parameters)
            };
            let slope = (moved(original + h) - moved(original - h)) / (2.0 * h);
            moved(original);
            assert!((slope - gradient[at]).abs() < 1e-7, "parameter {at}: {} against {slope}", gradient[at]);
        }
    }
}
