//! Online learning: LSTM-g with eligibility traces, over a program's memory.
//!
//! Monner & Reggia 2012 (see [`graph::reference`](crate::graph::reference), the same rule neuron
//! by neuron). Here each unit walks its segments, so that dense rows run at vector speed, and the
//! extended traces of gated units that keep no state are not stored: they are the influence times
//! the eligibility. Programs of moderate size run as code made for them, see [`crate::compile`].

use crate::graph::Pooled;
use crate::kernels::{Compiled, add_scaled, dot, dot_gated, softmax};
use crate::program::{Pair, Past, Pooling, Program, Retention, Segment, SegmentGain, Squash, Views};

/// The rule and its work space.
#[derive(Debug, Default)]
pub struct Online {
    projected: Vec<f64>,
    compiled: Option<Compiled>,
}

impl Online {
    /// Uses code that was compiled for the program this rule is used with. Results stay the same,
    /// to the bit.
    pub fn adopt(&mut self, compiled: Compiled) {
        self.compiled = Some(compiled);
    }

    /// Activates the network for one step: `input` has one value per input unit.
    #[inline]
    pub fn activate(&self, program: &Program, memory: &mut [f64], input: &[f64]) {
        match &self.compiled {
            Some(compiled) => compiled.activate(memory, input),
            None => interpret_activation(program, memory, input),
        }
        if program.has_softmax() {
            normalise(program, memory);
        }
    }

    /// Propagates the error of the last activation and adjusts weights and biases; `target` has one
    /// value per output unit.
    #[inline]
    pub fn propagate(&mut self, program: &Program, memory: &mut [f64], rate: f64, target: &[f64]) {
        if self.projected.len() != program.units {
            self.projected.resize(program.units, 0.0);
        }
        match &self.compiled {
            Some(compiled) => compiled.propagate(memory, target, &mut self.projected, rate),
            None => interpret_propagation(program, memory, rate, target, &mut self.projected),
        }
    }
}

fn interpret_activation(program: &Program, memory: &mut [f64], input: &[f64]) {
    let mut views = program.layout.split(memory);
    let Past { first, span, depth } = program.past;
    if depth > 0 {
        views.past.copy_within(..(depth - 1) * span, span);
        views.past[..span].copy_from_slice(&views.activations[first..first + span]);
    }
    views.activations[..program.inputs].copy_from_slice(input);
    for unit in program.active() {
        activate_unit(program, &mut views, unit);
    }
}

/// Finishes a softmax layer.
fn normalise(program: &Program, memory: &mut [f64]) {
    let views = program.layout.split(memory);
    let outputs = program.outputs.clone();
    softmax(&mut views.activations[outputs.clone()]);
    for unit in outputs {
        let activation = views.activations[unit];
        views.derivatives[unit] = Squash::Softmax.derivative(activation);
        views.gains[unit] = activation;
    }
}

fn interpret_propagation(program: &Program, memory: &mut [f64], rate: f64, target: &[f64], projected: &mut [f64]) {
    projected.fill(0.0);
    let mut views = program.layout.split(memory);
    // A unit reads the responsibilities that later units have in this propagation, but those that earlier
    // units had in the propagation before (eq. 21). Late connections hand the latter over first, while
    // responsibilities and weights are still those of the propagation before.
    for unit in program.active() {
        hand_back(program, &views, unit, true, projected);
    }
    for unit in program.active().rev() {
        let target = program.outputs.contains(&unit).then(|| target[unit - program.outputs.start]);
        propagate_unit(program, &mut views, unit, rate, target, projected[unit]);
        hand_back(program, &views, unit, false, projected);
    }
}

/// How much of its state a unit keeps.
fn retention(program: &Program, gains: &[f64], unit: usize) -> f64 {
    match program.retention[unit] {
        Retention::None => 0.0,
        Retention::Whole => 1.0,
        Retention::Gated(gater) => gains[gater],
    }
}

/// What one unit of the gater's activation does to the state of the pair's target.
fn influence(program: &Program, views: &Views, pair: &Pair) -> f64 {
    let through_state = if pair.gates_state { views.olds[pair.target] + views.activations[pair.target] } else { 0.0 };
    program.gated[pair.gated.clone()].iter().fold(through_state, |sum, &(weight, source, len)| {
        sum + dot(&views.weights[weight..weight + len], &views.activations[source..source + len])
    })
}

/// The activations that a segment reads.
fn sources<'a>(program: &Program, views: &'a Views, &Segment { source, len, delay, .. }: &Segment) -> &'a [f64] {
    match delay {
        0 => &views.activations[source..source + len],
        _ => &views.past[program.past.place(source, delay)..][..len],
    }
}

fn arriving(program: &Program, views: &Views, segment: &Segment) -> f64 {
    let weights = &views.weights[segment.weight..segment.weight + segment.len];
    let sources = sources(program, views, segment);
    match segment.gain {
        SegmentGain::One => dot(weights, sources),
        SegmentGain::Same(gater) => views.gains[gater] * dot(weights, sources),
        SegmentGain::Each(gater) => dot_gated(weights, sources, &views.gains[gater..gater + segment.len]),
    }
}

fn activate_unit(program: &Program, views: &mut Views, unit: usize) {
    let segments = &program.segments[program.rows[unit].clone()];
    let retained = retention(program, views.gains, unit);

    // eq. 15
    let input: f64 = segments.iter().map(|segment| arriving(program, views, segment)).sum();
    if let Some(pooling) = program.pooling[unit] {
        return pool(program, views, unit, pooling, input);
    }
    views.olds[unit] = views.states[unit];
    views.states[unit] = retained * views.states[unit] + views.biases[unit] + input;
    // eq. 16
    let squash = program.squash[unit];
    let activation = squash.forward(views.states[unit]);
    let derivative = squash.derivative(activation);
    views.activations[unit] = activation;
    views.derivatives[unit] = derivative;
    // What the unit gates later in this step is multiplied by the new gain, so traces decay by it.
    views.gains[unit] = activation;
    let retained = retention(program, views.gains, unit);

    // eq. 17. Nothing learns step by step in a network with delays.
    for segment in segments.iter().filter(|segment| segment.delay == 0) {
        let Segment { weight, source, len, gain, .. } = *segment;
        let traces = &mut views.eligibilities[weight..weight + len];
        let sources = &views.activations[source..source + len];
        match gain {
            SegmentGain::One => trace(traces, retained, 1.0, sources),
            SegmentGain::Same(gater) => trace(traces, retained, views.gains[gater], sources),
            SegmentGain::Each(gater) => {
                let gains = &views.gains[gater..gater + len];
                for ((trace, &source), &gain) in traces.iter_mut().zip(sources).zip(gains) {
                    *trace = retained * *trace + gain * source;
                }
            }
        }
    }

    // eq. 18
    for index in program.pair_rows[unit].clone() {
        let pair = &program.pairs[index];
        let scale = derivative * influence(program, views, pair);
        views.influences[index] = scale;
        let Some(mut start) = pair.traces else { continue };
        let retained = retention(program, views.gains, pair.target);
        for segment in segments {
            let eligibilities = &views.eligibilities[segment.weight..segment.weight + segment.len];
            trace(&mut views.extended[start..start + segment.len], retained, scale, eligibilities);
            start += segment.len;
        }
    }
}

/// Reads one step into a read-out's unit; it leaves no traces, as this rule does not learn through it.
fn pool(program: &Program, views: &mut Views, unit: usize, pooling: Pooling, input: f64) {
    let score = match pooling {
        Pooling::Attention { score } => views.activations[score as usize],
        _ => 0.0,
    };
    let before = Pooled { weight: views.states[unit], largest: views.olds[unit], value: views.activations[unit] };
    let read = pooling.read(before, program.squash[unit].forward(views.biases[unit] + input), score);
    (views.states[unit], views.olds[unit], views.activations[unit]) = (read.weight, read.largest, read.value);
}

/// `traces = retained * traces + scale * values`.
#[inline(never)]
fn trace(traces: &mut [f64], retained: f64, scale: f64, values: &[f64]) {
    for (trace, &value) in traces.iter_mut().zip(values) {
        *trace = retained * *trace + scale * value;
    }
}

fn propagate_unit(program: &Program, views: &mut Views, unit: usize, rate: f64, target: Option<f64>, projected: f64) {
    let pairs = program.pair_rows[unit].clone();
    let (projected, total) = match target {
        // eq. 10
        Some(target) => {
            let error = target - views.activations[unit];
            (error, error)
        }
        None => {
            // eqs. 21 to 23
            let gated: f64 = program.pairs[pairs.clone()]
                .iter()
                .map(|pair| views.responsibilities[pair.target] * influence(program, views, pair))
                .sum();
            let derivative = views.derivatives[unit];
            (derivative * projected, derivative * projected + derivative * gated)
        }
    };
    views.responsibilities[unit] = total;

    // eq. 24: gated units without state add a multiple of the eligibility, the others their trace.
    let along: f64 = projected
        + pairs
            .clone()
            .filter(|&index| program.pairs[index].traces.is_none())
            .map(|index| views.responsibilities[program.pairs[index].target] * views.influences[index])
            .sum::<f64>();
    let mut passed = 0;
    for segment in &program.segments[program.rows[unit].clone()] {
        let Segment { weight, len, fixed, .. } = *segment;
        if !fixed {
            let weights = &mut views.weights[weight..weight + len];
            add_scaled(weights, rate * along, &views.eligibilities[weight..weight + len]);
            for pair in &program.pairs[pairs.clone()] {
                let Some(start) = pair.traces else { continue };
                let traces = &views.extended[start + passed..start + passed + len];
                add_scaled(weights, rate * views.responsibilities[pair.target], traces);
            }
        }
        passed += len;
    }
    if !program.fixed_bias[unit] {
        views.biases[unit] += rate * total;
    }
}

/// Adds a unit's responsibility, through its late or its other incoming connections, to the
/// projected error of their sources.
fn hand_back(program: &Program, views: &Views, unit: usize, late: bool, projected: &mut [f64]) {
    let total = views.responsibilities[unit];
    for segment in &program.segments[program.rows[unit].clone()] {
        if segment.late != late {
            continue;
        }
        let Segment { weight, source, len, gain, .. } = *segment;
        let weights = &views.weights[weight..weight + len];
        let into = &mut projected[source..source + len];
        match gain {
            SegmentGain::One => add_scaled(into, total, weights),
            SegmentGain::Same(gater) => add_scaled(into, total * views.gains[gater], weights),
            SegmentGain::Each(gater) => {
                let gains = &views.gains[gater..gater + len];
                for ((into, &weight), &gain) in into.iter_mut().zip(weights).zip(gains) {
                    *into += total * gain * weight;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::architect::{every_lstm_option, lstm};
    use crate::graph::{Graph, NeuronId, random_gated};
    use crate::program::{Lowered, Lowering};
    use crate::random::Random;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    type Layers = Vec<(String, Vec<NeuronId>)>;

    fn assert_rules_agree(graph: &Graph, layers: &Layers, seed: u64) {
        let mut random = Random::new(seed);
        let mut plain = graph.clone();
        let inputs = &layers[0].1;
        let outputs = &layers[layers.len() - 1].1;
        let mut runs: Vec<(Lowered, Vec<f64>)> = [Lowering::Blocks, Lowering::Sparse]
            .into_iter()
            .map(|lowering| {
                let lowered = Lowered::new(graph, layers, lowering).unwrap();
                let memory = lowered.load(graph);
                (lowered, memory)
            })
            .collect();
        let mut online = super::Online::default();
        for step in 0..60 {
            let input: Vec<f64> = inputs.iter().map(|_| random.unit() - 0.5).collect();
            let target: Vec<f64> = outputs.iter().map(|_| random.unit()).collect();
            for (&id, &value) in inputs.iter().zip(&input) {
                plain.feed(id, value);
            }
            for (_, layer) in &layers[1..] {
                plain.activate(layer);
            }
            // Ungated loops can grow without bound, and rounding errors with them.
            let states = plain.neurons.iter().map(|neuron| neuron.state);
            let weights = plain.connections.iter().map(|connection| connection.weight);
            if states.chain(weights).any(|value| value.is_nan() || value.abs() > 20.0) {
                return;
            }
            let learns = random.below(3) > 0;
            if learns {
                for (index, (_, layer)) in layers.iter().enumerate().skip(1).rev() {
                    for (position, &id) in layer.iter().enumerate().rev() {
                        plain.propagate(id, 0.05, (index == layers.len() - 1).then(|| target[position]));
                    }
                }
            }
            for (lowered, memory) in &mut runs {
                online.activate(&lowered.program, memory, &input);
                let views = lowered.program.layout.split(memory);
                for (unit, &id) in lowered.neurons.iter().enumerate() {
                    let expected = plain.neurons[id as usize].activation;
                    let actual = views.activations[unit];
                    assert!(
                        (actual - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                        "seed {seed} step {step} unit {unit}: {actual} against {expected}"
                    );
                }
                if learns {
                    online.propagate(&lowered.program, memory, 0.05, &target);
                }
            }
        }
        for (lowered, memory) in &mut runs {
            let mut stored = graph.clone();
            lowered.store(memory, &mut stored);
            for (a, b) in stored.connections.iter().zip(&plain.connections) {
                assert!(
                    (a.weight - b.weight).abs() <= 1e-9 * b.weight.abs().max(1.0),
                    "seed {seed}: {} against {}, {b:?}",
                    a.weight,
                    b.weight
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]
        #[test]
        fn blocks_and_sparse_equal_the_reference_on_gated_graphs(seed in any::<u64>()) {
            let (graph, layers) = random_gated(&mut Random::new(seed));
            assert_rules_agree(&graph, &layers, seed);
        }
    }

    #[test]
    fn every_lstm_equals_the_reference() {
        for (seed, options) in (0..).zip(every_lstm_option()) {
            let blueprint = lstm(&[2, 3, 2, 2], &options, &mut Random::new(seed)).unwrap();
            assert_rules_agree(&blueprint.graph, &blueprint.named_layers(), seed);
        }
    }
}
