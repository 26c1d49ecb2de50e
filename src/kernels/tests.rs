//! Every form of vector that the machine has gives the bits of the scalar form, in every kernel.

use super::native::forms;
use super::*;
use crate::field::Choice;
use crate::random::Random;

/// A number as a network has it, or, now and then, one that is hard to compute with.
fn number<T: Real>(random: &mut Random) -> T {
    let hard =
        [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-40, -3e-310, 1e-308, 1e38, -1e300, 88.0, -400.0];
    T::of(match random.below(40) {
        0 => hard[random.below(hard.len())],
        1 => (random.unit() - 0.5) * 200.0,
        _ => (random.unit() - 0.5) * 4.0,
    })
}

fn numbers<T: Real>(count: usize, random: &mut Random) -> Vec<T> {
    (0..count).map(|_| number(random)).collect()
}

/// The results of every kernel on operands of a random shape.
fn results<T: Real>(seed: u64) -> Vec<(&'static str, Vec<T>)> {
    let random = &mut Random::new(seed);
    let (rows, columns) = (1 + random.below(40), 1 + random.below(40));
    let stride = LANES * (1 + random.below(5));
    let lanes = LANES * (1 + random.below(stride / LANES));
    let weights = numbers::<T>(rows * columns, random);
    let (values, deltas) = (numbers::<T>(columns * stride, random), numbers::<T>(rows * stride, random));
    let (a, b) = (numbers::<T>(rows * stride, random), numbers::<T>(rows * stride, random));
    let diagonal = numbers::<T>(rows, random);
    let mut results = Vec::new();
    let mut result = |name, start: &[T], kernel: &dyn Fn(&mut [T])| {
        let mut into = start.to_vec();
        kernel(&mut into);
        results.push((name, into));
    };
    result("accumulate", &deltas, &|out| accumulate(out, &weights, &values, columns, stride, lanes));
    result("accumulate_transposed", &values, &|out| {
        accumulate_transposed(out, &weights, &deltas, columns, stride, lanes)
    });
    result("accumulate_diagonal", &a, &|out| accumulate_diagonal(out, &diagonal, &b, stride, lanes));
    result("accumulate_diagonal_outer", &diagonal, &|sums| accumulate_diagonal_outer(sums, &a, &b, stride, lanes));
    result("accumulate_folded", &a[..rows * LANES], &|sums| accumulate_folded(sums, &b, stride, lanes));
    result("add", &a, &|into| lanes::add(into, &b, stride, lanes));
    result("add_product", &a, &|into| lanes::add_product(into, &b, &deltas, stride, lanes));
    result("scale", &a, &|into| lanes::scale(into, &b, stride, lanes));
    result("spread", &a, &|into| lanes::spread(into, &diagonal, stride, lanes));
    for squash in Squash::ALL {
        result("forward_rows", &a, &|into| squash.forward_rows(&b, into, stride, lanes));
        result("backward_rows", &a, &|into| squash.backward_rows(&b, &deltas, into, stride, lanes));
    }
    result("softmax", &diagonal, &|values| softmax(values));
    result("add_scaled", &a, &|into| add_scaled(into, diagonal[0], &b));
    result("weight_gradient", &weights, &|gradient| {
        let mut sum = WeightGradient::new(rows, columns);
        // More calls than are gathered, and lanes that end.
        for lanes in [stride, stride, stride, stride, stride, lanes, lanes] {
            sum.add(&deltas, &values, stride, lanes);
        }
        sum.write(gradient);
    });
    let exponentials = b.iter().flat_map(|&x| [x.exp(), x.tanh(), x.logistic(), x.sqrt()]);
    results.push(("exponential", exponentials.collect()));
    results.push(("dot", vec![dot(&a, &b), dot_gated(&a, &b, &deltas)]));
    results
}

/// Bits of a number; those of what is no number are the platform's.
fn bits<T: Real>(number: &T) -> u64 {
    if number.wide().is_nan() { u64::MAX } else { number.wide().to_bits() }
}

fn every_form_equals_scalar<T: Real>(seed: u64) {
    let expected = forms::with(None, || results::<T>(seed));
    for (form, level) in forms::all() {
        let given = forms::with(Some(level), || results::<T>(seed));
        for ((name, given), (_, expected)) in given.iter().zip(&expected) {
            let (given, expected): (Vec<u64>, Vec<u64>) =
                (given.iter().map(bits).collect(), expected.iter().map(bits).collect());
            assert!(given == expected, "{name} in {form}, seed {seed}");
        }
    }
}

#[test]
fn every_form_gives_the_bits_of_the_scalar_one() {
    let start = std::env::var("ENGRAM_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(23);
    println!("seed {start}");
    let names: Vec<&str> = forms::all().into_iter().map(|(name, _)| name).collect();
    println!("forms of this machine: {}", names.join(", "));
    for seed in start..start + 400 {
        every_form_equals_scalar::<f32>(seed);
        every_form_equals_scalar::<f64>(seed);
    }
}

/// What goes across lanes goes in one order, whatever vectors a machine has at least.
#[test]
fn dot_products_are_summed_in_one_order() {
    let random = &mut Random::new(31);
    for _ in 0..2_000 {
        let (a, b) = (numbers::<f32>(4, random), numbers::<f32>(4, random));
        let (c, d) = (numbers::<f64>(3, random), numbers::<f64>(3, random));
        let fours = (0.0 + a[0] * b[0] + (0.0 + a[1] * b[1])) + (0.0 + a[2] * b[2] + (0.0 + a[3] * b[3]));
        assert_eq!(bits(&dot(&a, &b)), bits(&(fours + 0.0)));
        assert_eq!(bits(&dot(&c, &d)), bits(&(0.0 + (0.0 + c[0] * d[0] + c[1] * d[1] + c[2] * d[2]))));
    }
}
