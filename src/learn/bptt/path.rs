//! Gradients of an answer with respect to the inputs, on the way from a baseline to a sequence.
//!
//! The lanes of a batch stand at points of the way: at a share `a` of it from `x'` to `x`, a lane reads
//! `a x + (1 - a) x'`. What a number of the input did to the answer `f` is `x - x'` times `df/dx` at `x`, gradient times
//! input (Shrikumar, Greenside, Shcherbina & Kundaje 2016); or times its integral over the way, integrated gradients
//! (Sundararajan, Taly & Yan 2017, eq. 1). For a symbol, which is 1 at its place, `x - x'` is 1 at the sequence's symbol
//! and -1 at that of the baseline.
//!
//! On every interval of the way what the numbers did sums to what the answer changes there (their eq. 2). So the error of
//! a rule of integration is known, interval by interval, and those where it is large are halved.

use super::{Bptt, Context, skipped};
use crate::data::{DataSet, Sample};
use crate::kernels::{NO_SYMBOL, Real, accumulate_gathered};
use crate::learn::loss::Loss;
use crate::program::{Block, BlockKind, Program};

/// Half of the distance between the two points of Gauss and Legendre, as a share of the interval: 1 / sqrt(12).
const OFFSET: f64 = 0.288_675_134_594_812_9;
/// Most error of an interval, as a share of what the answer changes there, and of what it changes on as much of the way.
const TOLERANCE: f64 = 1e-4;
/// Most intervals, as a multiple of those at first.
const MOST: usize = 10;
/// Shortest interval that is halved, as a share of the way: what is abrupt within it is a jump.
const NARROWEST: f64 = 1e-9;
/// Lanes that stand at the ends of an interval, before those whose gradient counts.
const ENDS: usize = 2;

/// A way from a baseline to a sequence, which stands in every lane.
#[derive(Clone, Debug)]
pub(super) struct Path<T> {
    /// Share of the way that lies behind each lane.
    points: Vec<T>,
    /// The steps of the baseline, as many as the sequence has; `None` for zeros.
    baseline: Option<Sample>,
    /// The baseline's symbol at every step, and at the two that have no input.
    symbols: Vec<u32>,
    /// Gradient of the answer with respect to the inputs, summed over the lanes but the ends: (steps, inputs). Where symbols are
    /// gathered, (steps): to the sequence's symbol, less that to the baseline's.
    slopes: Vec<T>,
}

/// What each number of a sequence did to an answer.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// (steps, inputs); where the program gathers symbols, (steps).
    pub of_inputs: Vec<f64>,
    /// The answer to the sequence.
    pub answer: f64,
    /// The answer to the baseline.
    pub baseline: f64,
}

impl<T: Real> Path<T> {
    /// [`accumulate_gathered`] of each lane's point between the symbols of the sequence, (lanes), and of the baseline.
    #[cold]
    pub fn gather(&self, out: &mut [T], weights: &[T], symbols: &[u32], columns: usize, step: usize) {
        let lanes = symbols.len();
        let mut brought = vec![T::ZERO; out.len()];
        for (symbols, own) in [(symbols, true), (&vec![self.symbols[step]; lanes], false)] {
            brought.fill(T::ZERO);
            accumulate_gathered(&mut brought, weights, symbols, columns, lanes);
            for (out, brought) in out.chunks_exact_mut(lanes).zip(brought.chunks_exact(lanes)) {
                for ((out, &brought), &point) in out.iter_mut().zip(brought).zip(&self.points) {
                    *out += brought * if own { point } else { T::ONE - point };
                }
            }
        }
    }
}

impl<T: Real> Bptt<T> {
    /// The path, if lanes go along one. None does in single precision, for which no code of paths is made.
    #[inline(always)]
    pub(super) fn path(&self) -> Option<&Path<T>> {
        if size_of::<T>() == size_of::<f64>() { self.path.as_ref() } else { None }
    }

    /// Takes each lane of a step's inputs to its point.
    #[cold]
    pub(super) fn blend(&mut self, program: &Program, data: &DataSet, step: usize) {
        let rows = self.rows(program.units, self.kept(step), 0, program.inputs);
        let Some(path) = &self.path else { return };
        let mut written = Vec::new();
        let baseline = path.baseline.map(|baseline| data.input(baseline.first + step, &mut written));
        for (index, row) in self.activations[rows].chunks_exact_mut(self.lanes).enumerate() {
            let from = baseline.map_or(T::ZERO, |values| T::of(values[index]));
            for (value, &point) in row.iter_mut().zip(&path.points) {
                *value = point * *value + (T::ONE - point) * from;
            }
        }
    }

    /// Keeps the gradient that has come to the inputs at a step of a phase.
    #[cold]
    pub(super) fn keep_slopes(&mut self, program: &Program, step: usize) {
        if self.skipped > 0 {
            return;
        }
        let inputs = self.rows(program.units, 0, 0, program.inputs);
        let Some(path) = &mut self.path else { return };
        let slopes = &mut path.slopes[step * program.inputs..][..program.inputs];
        for (slope, lanes) in slopes.iter_mut().zip(self.now[inputs].chunks_exact(self.lanes)) {
            *slope += lanes[ENDS..path.points.len()].iter().copied().sum();
        }
    }

    /// Keeps the gradient that delays have sent to the inputs, at every step of the pass.
    #[cold]
    pub(super) fn keep_sent(&mut self, program: &Program) {
        if self.skipped > 0 || program.past.depth == 0 {
            return;
        }
        for step in 0..self.batch[0].steps {
            let inputs = self.rows(program.units, step, 0, program.inputs);
            let Some(path) = &mut self.path else { return };
            let slopes = &mut path.slopes[step * program.inputs..][..program.inputs];
            for (slope, lanes) in slopes.iter_mut().zip(self.sent[inputs].chunks_exact(self.lanes)) {
                *slope += lanes[ENDS..path.points.len()].iter().copied().sum();
            }
        }
    }

    /// Keeps the gradient that a block's deltas, (rows, lanes), send to the symbols that it has gathered.
    #[cold]
    pub(super) fn keep_slope(&mut self, block: &Block, weights: &[T], step: usize, deltas: &[T]) {
        let (BlockKind::Dense { columns, .. }, Some(path)) = (&block.kind, &mut self.path) else { return };
        let (own, from) = (self.symbols[step * self.lanes], path.symbols[step]);
        for (weights, deltas) in weights.chunks_exact(*columns).zip(deltas.chunks_exact(self.lanes)) {
            let delta: T = deltas[ENDS..path.points.len()].iter().copied().sum();
            let of = |symbol: u32| if symbol == NO_SYMBOL { T::ZERO } else { weights[symbol as usize] };
            path.slopes[step] += delta * (of(own) - of(from));
        }
    }
}

/// A sequence with its way, and the work space for passes over it.
pub(super) struct Walk<'a> {
    program: &'a Program,
    parameters: &'a [f64],
    data: &'a DataSet,
    sample: Sample,
    path: Path<f64>,
    bptt: Bptt<f64>,
    /// `x - x'`, as `slopes` of the path.
    way: Vec<f64>,
}

impl<'a> Walk<'a> {
    pub fn new(program: &'a Program, parameters: &'a [f64], data: &'a DataSet) -> Self {
        let (sample, baseline) = (data.sample(0), (data.len() > 1).then(|| data.sample(1)));
        let mut symbols = vec![NO_SYMBOL; sample.steps + 2];
        if let (Some(baseline), Some(all)) = (baseline, data.symbols()) {
            symbols[..sample.steps].copy_from_slice(&all[baseline.first..][..sample.steps]);
        }
        let mut way = vec![1.0; sample.steps];
        if skipped(program, data) == 0 {
            let (mut own, mut from) = (Vec::new(), Vec::new());
            way.clear();
            for step in 0..sample.steps {
                way.extend_from_slice(data.input(sample.first + step, &mut own));
                let Some(baseline) = baseline else { continue };
                let from = data.input(baseline.first + step, &mut from);
                way[step * program.inputs..].iter_mut().zip(from).for_each(|(own, from)| *own -= from);
            }
        }
        let path = Path { points: Vec::new(), baseline, symbols, slopes: Vec::new() };
        Walk { program, parameters, data, sample, path, bptt: Bptt::to_look(program), way }
    }

    /// What a lane answers: the outputs, each times its target.
    fn answer(&self, lane: usize) -> f64 {
        let mut written = Vec::new();
        let mut answer = 0.0;
        for step in 0..self.sample.steps {
            let Some(target) = self.data.target(self.sample.first + step, &mut written) else { continue };
            for (output, weight) in target.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                answer += weight * self.bptt.output(self.program, step, lane, output);
            }
        }
        answer
    }

    /// The gradient at some points between two, times `x - x'` and summed; and the answers at the two.
    pub fn pass(&mut self, ends: [f64; ENDS], points: &[f64]) -> (Vec<f64>, [f64; ENDS]) {
        let points = [&ends[..], points].concat();
        let batch = vec![self.sample; points.len()];
        let slopes = vec![0.0; self.way.len()];
        self.bptt.path = Some(Path { points, slopes, ..self.path.clone() });
        self.bptt.forward(self.program, self.parameters, self.data, &batch, Context::Fresh, false);
        let answers = [0, 1].map(|lane| self.answer(lane));
        self.bptt.backward(self.program, self.parameters, self.data, Loss::Mse, 1);
        let mut did = self.bptt.path.take().map_or(Vec::new(), |path| path.slopes);
        did.iter_mut().zip(&self.way).for_each(|(slope, way)| *slope *= way);
        (did, answers)
    }
}

/// What each number of the first sample did to the outputs, each times its target, at the steps that have one. With
/// `intervals` by integrated gradients on so many at first, on the way from the second sample, which has as many steps, or
/// from zeros; without by the gradient at its end.
pub fn attribute(program: &Program, parameters: &[f64], data: &DataSet, intervals: usize) -> Attribution {
    let mut walk = Walk::new(program, parameters, data);
    let (of_inputs, [baseline, answer]) = walk.pass([0.0, 1.0], &[1.0]);
    let mut attribution = Attribution { of_inputs, answer, baseline };
    if intervals == 0 {
        return attribution;
    }
    attribution.of_inputs.fill(0.0);
    let share = |at: usize| at as f64 / intervals as f64;
    let mut open: Vec<[f64; ENDS]> = (0..intervals).map(|at| [share(at), share(at + 1)]).collect();
    let mut more = (MOST - 1) * intervals;
    // Wide intervals before narrow ones, so that halving ends fairly where it has to.
    while !open.is_empty() {
        for [from, to] in std::mem::take(&mut open) {
            let (middle, length) = ((from + to) / 2.0, to - from);
            let points = [-OFFSET, OFFSET].map(|offset| middle + offset * length);
            let (did, [before, after]) = walk.pass([from, to], &points);
            let change = after - before;
            let sum = did.iter().sum::<f64>() * length / 2.0;
            let is_jump = (sum - change).abs() > TOLERANCE * (change.abs() + (answer - baseline).abs() * length);
            if is_jump && length > NARROWEST && more > 0 {
                more -= 1;
                open.extend([[from, middle], [middle, to]]);
                continue;
            }
            // Across a jump, which a saturated network makes between two neighbouring numbers, the gradient says what share
            // each input has, though not how far the answer goes.
            let factor = if is_jump && sum * change > 0.0 { change / sum } else { 1.0 } * length / 2.0;
            attribution.of_inputs.iter_mut().zip(did).for_each(|(sum, did)| *sum += did * factor);
        }
    }
    attribution
}
