//! The sequence rule: exact back-propagation through time, a batch of sequences at once.
//!
//! The forward pass keeps states and activations of every step; the backward pass walks the same
//! blocks in reverse. A connection from a unit that fires later, and a gate whose gater fires later,
//! reach back to the step before: their gradient goes to the step before. Numbers of a batch lie
//! (step, unit, lane), see [`kernels`](crate::kernels); sequences are ordered from long to short,
//! so that the running ones are always the first lanes.
//!
//! A bidirectional network runs phase by phase, each over the whole sequence; in a reversed phase
//! every sequence starts at its own last step. A read-out is the seam between the phases that run over
//! the steps and the last one, which runs once. Without either there is one phase.
//!
//! A block with delays multiplies what all its taps read in one product, so a convolution is one product per step. Its
//! gradient goes where later phases send theirs: to the steps that were read, which the backward pass has yet to come to.

mod alike;
mod backward;
mod contexts;
#[cfg(test)]
mod delay_tests;
mod dropout;
mod forward;
#[cfg(test)]
mod list_tests;
mod lists;
mod needless;
mod passes;
mod path;
#[cfg(test)]
mod path_tests;
mod readout;
#[cfg(test)]
mod symbol_tests;
mod taps;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::loss::Loss;
use crate::data::{DataSet, Sample};
use crate::kernels::{GatheredGradient, LANES, Real, WeightGradient};
use crate::program::{BlockKind, Gating, Phase, Program};
use alike::{Alike, alike};
use contexts::grow;
pub use contexts::{context_size, skipped};
pub use dropout::Dropout;
pub use passes::{Context, passes, steps_to_look};
use path::Path;
pub use path::{Attribution, attribute};
use readout::{Pool, pools};
use taps::{sends, taps_times_columns};

/// Sequences that are run side by side.
pub const SHARD: usize = 16;

/// Work space for batches of one program; grows to the largest batch it has seen.
#[derive(Clone, Debug)]
pub struct Bptt<T> {
    /// Lanes are a multiple of this: [`LANES`], or 1 where one sequence is run alone.
    block: usize,
    lanes: usize,
    /// The last forward pass began with a fresh context.
    fresh: bool,
    /// The phase being run is reversed.
    reversed: bool,
    /// No unit reads an output or is gated by one, and outputs keep no state.
    outputs_are_sinks: bool,
    batch: Vec<Sample>,
    /// Steps of the context before the first: one, or as many as the longest delay.
    before_first: usize,
    /// Units at the begin that are not kept, since blocks gather what symbols bring: the inputs, or none.
    skipped: usize,
    /// (steps, lanes): the symbol of every step, where inputs are skipped.
    symbols: Vec<u32>,
    /// The work of every step.
    plan: Vec<Step>,
    /// Blocks that hand their sources on as they are, but for a gate: one to one, with weights that stay 1.
    relays: Vec<bool>,
    /// (context + steps, kept units, lanes). In a network of several phases another fresh context, of one step, follows
    /// the last step, and with a read-out the answer follows that.
    activations: Vec<T>,
    /// As `activations`.
    states: Vec<T>,
    /// (steps, gated rows, lanes): what a row-gated block brings before its gate.
    ungated: Vec<T>,
    /// Offset of each block's rows in a step of `ungated`.
    ungated_row: Vec<usize>,
    ungated_rows: usize,
    /// Factors of dropout, (units but the inputs, lanes); empty where nothing is dropped.
    mask: Vec<T>,
    scratch: [Vec<T>; 2],
    /// Where what the taps of a block read begins in `activations`.
    starts: Vec<usize>,
    /// Most sources of a block, each tap's counted.
    widest: usize,
    /// Gradient that later phases sent to the activations of earlier ones, and delays to those of steps before,
    /// (steps, kept units, lanes).
    sent: Vec<T>,
    /// Gradient with respect to the activations of this step and the step before, (kept units, lanes).
    now: Vec<T>,
    before: Vec<T>,
    /// Gradient with respect to the states, handed from a step to the one before, (kept units, lanes).
    carried: Vec<T>,
    carried_before: Vec<T>,
    /// Gradient of the weights of each block, where it is dense.
    dense: Vec<Option<WeightGradient<T>>>,
    /// The same of blocks that have gathered.
    gathered: Vec<Option<GatheredGradient<T>>>,
    /// Gradient of the biases, (units but the inputs, LANES), to be summed.
    biases: Vec<T>,
    /// The units of every group, in order.
    alike: Vec<Alike>,
    /// What a read-out pools.
    pools: Vec<Pool>,
    /// What the pools kept of all steps before this pass, and of those up to its end, (rows, lanes).
    pooled: [Vec<T>; 2],
    /// Steps that the pools had read before this pass.
    pooled_before: usize,
    /// Share of each step in an attention, (steps, lanes).
    shares: Vec<T>,
    /// Gradient of lists with respect to the states of the outputs, (steps, outputs, lanes).
    of_lists: Vec<T>,
    /// What lanes read along a way, whose backward pass goes to the inputs instead of the parameters.
    path: Option<Path<T>>,
    /// Gradient of the loss with respect to every parameter: weights, then biases.
    pub gradient: Vec<T>,
}

/// The work of a step.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Lanes that still run, padded to whole vectors.
    running: usize,
    /// Any sequence has a target.
    judged: bool,
}

/// The parameters split as the program lays them out.
struct Parameters<'a, T> {
    weights: &'a [T],
    biases: &'a [T],
}

impl<T: Real> Bptt<T> {
    /// A work space for `program`.
    pub fn new(program: &Program) -> Self {
        let dense = program.blocks.iter().map(|block| match block.kind {
            BlockKind::Dense { columns, .. } if !block.fixed => {
                Some(WeightGradient::new(block.rows, block.taps() * columns))
            }
            _ => None,
        });
        Bptt {
            dense: dense.collect(),
            gathered: vec![None; program.blocks.len()],
            biases: vec![T::ZERO; (program.units - program.inputs) * LANES],
            gradient: vec![T::ZERO; program.layout.parameters().len()],
            ..Self::to_look(program)
        }
    }

    /// A work space that has no room for gradients of parameters: for forward passes, and those along a path.
    pub fn to_look(program: &Program) -> Self {
        let mut ungated_rows = 0;
        let ungated_row = program
            .blocks
            .iter()
            .map(|block| {
                let first = ungated_rows;
                if matches!(block.gating, Gating::Rows { .. }) {
                    ungated_rows += block.rows;
                }
                first
            })
            .collect();
        Bptt {
            block: LANES,
            lanes: 0,
            fresh: true,
            reversed: false,
            outputs_are_sinks: needless::outputs_are_sinks(program),
            batch: Vec::new(),
            before_first: program.past.depth.max(1),
            skipped: 0,
            symbols: Vec::new(),
            plan: Vec::new(),
            relays: Vec::new(),
            activations: Vec::new(),
            states: Vec::new(),
            ungated: Vec::new(),
            ungated_row,
            ungated_rows,
            mask: Vec::new(),
            scratch: [Vec::new(), Vec::new()],
            starts: Vec::new(),
            widest: program.blocks.iter().filter_map(taps_times_columns).max().unwrap_or(0),
            sent: Vec::new(),
            now: Vec::new(),
            before: Vec::new(),
            carried: Vec::new(),
            carried_before: Vec::new(),
            dense: Vec::new(),
            gathered: Vec::new(),
            biases: Vec::new(),
            alike: program.groups.iter().flat_map(|group| alike(program, group)).collect(),
            pools: pools(program),
            pooled: [Vec::new(), Vec::new()],
            pooled_before: 0,
            shares: Vec::new(),
            of_lists: Vec::new(),
            path: None,
            gradient: Vec::new(),
        }
    }

    /// A work space for forward passes of one sequence alone, which has nothing beside it.
    pub fn alone(program: &Program) -> Self {
        Bptt { block: 1, ..Self::to_look(program) }
    }

    /// Bytes that a batch of `sequences` of `steps` steps takes; `skipped` as [`skipped`] tells.
    pub fn bytes(program: &Program, skipped: usize, sequences: usize, steps: usize) -> f64 {
        let gated: usize = program
            .blocks
            .iter()
            .filter(|block| matches!(block.gating, Gating::Rows { .. }))
            .map(|block| block.rows)
            .sum();
        let lanes = sequences.next_multiple_of(LANES) as f64;
        let per_unit = if sends(program) { 3 } else { 2 };
        (steps as f64 + 2.0 + program.past.depth.max(1) as f64)
            * lanes
            * (per_unit * (program.units - skipped) + gated) as f64
            * size_of::<T>() as f64
    }

    /// Runs the samples, which must be ordered from long to short, from a fresh context each, from where the last pass
    /// ended: then they are what follows in its first sequences; or from where it began: then they are as many. Where
    /// nothing reads the outputs but their targets, they are computed at steps with a target only,
    /// unless `every_output` is asked for.
    pub fn forward(
        &mut self,
        program: &Program,
        parameters: &[T],
        data: &DataSet,
        batch: &[Sample],
        context: Context,
        every_output: bool,
    ) {
        debug_assert!(batch.is_sorted_by(|a, b| a.steps >= b.steps));
        let steps = batch[0].steps;
        // A pass that is taken back may have been the first.
        self.fresh = context == Context::Fresh || context == Context::Same && self.fresh;
        let lanes = if context == Context::Fresh { batch.len().next_multiple_of(self.block) } else { self.lanes };
        self.skipped = skipped(program, data);
        let plane = (program.units - self.skipped) * lanes;
        self.lanes = lanes;
        let [scratch, more] = &mut self.scratch;
        for buffer in [&mut self.now, &mut self.before, &mut self.carried, &mut self.carried_before, more] {
            buffer.resize(plane, T::ZERO);
        }
        scratch.resize(plane.max(self.widest * lanes), T::ZERO);
        let context_end = self.before_first * plane;
        let steps_end = context_end + steps * plane;
        let (after, answer) = (usize::from(program.is_phased()), usize::from(program.has_readout()));
        grow(&mut self.activations, steps_end + (after + answer) * plane);
        grow(&mut self.states, steps_end + (after + answer) * plane);
        grow(&mut self.ungated, (steps + 2 * answer) * self.ungated_rows * lanes);
        for steps_of in [&mut self.activations, &mut self.states] {
            match context {
                Context::Same => {}
                Context::Fresh => {
                    steps_of[..context_end].fill(T::ZERO);
                    steps_of[steps_end..][..after * plane].fill(T::ZERO);
                }
                Context::Carried => {
                    let last = self.batch[0].steps * plane;
                    steps_of.copy_within(last..last + context_end, 0);
                }
            }
        }
        self.begin_pools(context);
        self.batch.clear();
        self.batch.extend_from_slice(batch);
        self.plan.clear();
        self.plan.extend((0..steps).map(|step| {
            let running = &batch[..batch.partition_point(|sample| sample.steps > step)];
            let judged = running.iter().any(|sample| data.has_target(sample.first + step));
            Step { running: running.len().next_multiple_of(self.block), judged }
        }));
        if self.skipped > 0 {
            self.note_symbols(data, steps);
        }
        if program.has_readout() {
            let judged = batch.iter().any(|sample| data.has_target(sample.first + sample.steps - 1));
            // Step `steps` is the context of reversed phases, and `steps + 1` the answer.
            self.plan.resize(steps + 2, Step { running: lanes, judged });
        }
        let (weights, biases) = parameters.split_at(program.layout.weights);
        let parameters = Parameters { weights, biases };
        self.relays.clear();
        for block in &program.blocks {
            let ones = || weights[block.weight..block.weight + block.count].iter().all(|&weight| weight == T::ONE);
            let one_to_one = matches!(block.kind, BlockKind::Diagonal { .. }) && block.fixed;
            self.relays.push(one_to_one && ones());
        }
        for phase in &program.phases {
            self.reversed = phase.reversed;
            if phase.once {
                self.pool(program);
                let step = self.answer();
                if every_output || self.plan[step].judged {
                    for group in &program.groups[phase.groups.clone()] {
                        self.forward_group(program, &parameters, group, step);
                    }
                }
                continue;
            }
            let first = phase.groups.start == 0;
            for step in 0..steps {
                let step = if phase.reversed { steps - 1 - step } else { step };
                if first && self.skipped == 0 {
                    self.feed(program, data, step);
                }
                let judged = every_output || self.plan[step].judged;
                for group in &program.groups[phase.groups.clone()] {
                    if !judged && self.is_idle(program, group) {
                        continue;
                    }
                    self.forward_group(program, &parameters, group, step);
                }
                if phase.reversed {
                    self.forget_idle_lanes(program, phase, step);
                }
            }
        }
    }

    /// Gives a fresh context to the sequences that begin, from their ends, at the step before this one.
    fn forget_idle_lanes(&mut self, program: &Program, phase: &Phase, step: usize) {
        let idle = self.batch.partition_point(|sample| sample.steps > step);
        let rows = self.rows(program.units, self.kept(step), phase.units.start, phase.units.len());
        for part in [&mut self.activations, &mut self.states] {
            part[rows.clone()].chunks_exact_mut(self.lanes).for_each(|row| row[idle..].fill(T::ZERO));
        }
    }

    /// Activation of an output (counted from the first output) at a step of a lane; behind a read-out the same at
    /// every step.
    pub fn output(&self, program: &Program, step: usize, lane: usize, output: usize) -> T {
        self.activation(program, step, lane, program.outputs.start + output)
    }

    /// Activation of a unit at a step of a lane.
    pub fn activation(&self, program: &Program, step: usize, lane: usize, unit: usize) -> T {
        if unit < self.skipped {
            return T::of(f64::from(u8::from(self.symbols[step * self.lanes + lane] as usize == unit)));
        }
        let behind = program.has_readout() && program.phases.last().is_some_and(|head| head.units.contains(&unit));
        let step = if behind { self.answer() } else { step };
        self.activations[self.rows(program.units, self.kept(step), unit, 1).start + lane]
    }

    /// Makes the gradient 0.
    pub fn clear_gradient(&mut self) {
        self.gradient.fill(T::ZERO);
        self.biases.fill(T::ZERO);
        self.dense.iter_mut().flatten().for_each(WeightGradient::clear);
        self.gathered.iter_mut().flatten().for_each(GatheredGradient::clear);
    }

    /// Back-propagates the loss of the last forward pass, a share of `targets` for each target times the weight of its
    /// sample, and adds it to [`Bptt::gradient`]. Of lists it is the loss that [`Bptt::judge_lists`] has judged. A context
    /// that was carried counts as given.
    #[inline(never)]
    pub fn backward(&mut self, program: &Program, parameters: &[T], data: &DataSet, loss: Loss, targets: usize) {
        let (weights, biases) = parameters.split_at(program.layout.weights);
        let parameters = Parameters { weights, biases };
        let share = T::ONE / T::of(targets.max(1) as f64);
        let steps = self.batch[0].steps;
        if sends(program) {
            self.sent.clear();
            self.sent.resize(steps * (program.units - self.skipped) * self.lanes, T::ZERO);
        }
        for phase in program.phases.iter().rev() {
            self.reversed = phase.reversed;
            for buffer in [&mut self.now, &mut self.before, &mut self.carried, &mut self.carried_before] {
                buffer.fill(T::ZERO);
            }
            if phase.once {
                self.backward_answer(program, &parameters, phase, data, loss, share);
                continue;
            }
            for step in 0..steps {
                let step = if phase.reversed { step } else { steps - 1 - step };
                if sends(program) {
                    self.take_sent(program, phase, step);
                }
                let judged = self.plan[step].judged;
                if judged && phase.groups.end == program.groups.len() {
                    match data.has_lists() {
                        true => self.add_loss_of_lists(program, share, step),
                        false => self.add_loss(program, data, loss, share, step),
                    }
                }
                for group in program.groups[phase.groups.clone()].iter().rev() {
                    if !judged && self.is_idle(program, group) {
                        continue;
                    }
                    self.backward_group(program, &parameters, group, step);
                }
                if self.path().is_some() {
                    self.keep_slopes(program, step);
                }
                if sends(program) {
                    self.send(program, phase, step);
                }
                std::mem::swap(&mut self.now, &mut self.before);
                self.before.fill(T::ZERO);
                std::mem::swap(&mut self.carried, &mut self.carried_before);
                self.carried_before.fill(T::ZERO);
            }
        }
        if self.path().is_none() {
            self.write_sums(program);
            self.forget_fixed(program);
        } else {
            self.keep_sent(program);
        }
    }

    /// The backward pass of what runs once, from the targets at the ends to the read-out, and of the seam there.
    fn backward_answer(
        &mut self,
        program: &Program,
        parameters: &Parameters<T>,
        phase: &Phase,
        data: &DataSet,
        loss: Loss,
        share: T,
    ) {
        let step = self.answer();
        if !self.plan[step].judged {
            return;
        }
        let mut written = Vec::new();
        for lane in 0..self.batch.len() {
            let end = self.batch[lane].first + self.batch[lane].steps - 1;
            let share = share * T::of(self.batch[lane].weight);
            self.add_loss_of(program, data.target(end, &mut written), loss, share, (step, lane));
        }
        for group in program.groups[phase.groups.clone()].iter().rev() {
            self.backward_group(program, parameters, group, step);
        }
        self.send_from_answer(program);
    }

    /// Adds what later phases, and delays, sent to a phase's units at a step. What came back along its own time
    /// into sequences that have no such step is dropped: there the context was given.
    fn take_sent(&mut self, program: &Program, phase: &Phase, step: usize) {
        let idle = self.batch.partition_point(|sample| sample.steps > step);
        let flat = self.rows(program.units, 0, phase.units.start, phase.units.len());
        let sent = &self.sent[self.rows(program.units, step, phase.units.start, phase.units.len())];
        self.now[flat.clone()].iter_mut().zip(sent).for_each(|(slope, &sent)| *slope += sent);
        for slopes in [&mut self.now, &mut self.carried] {
            slopes[flat.clone()].chunks_exact_mut(self.lanes).for_each(|row| row[idle..].fill(T::ZERO));
        }
    }

    /// Keeps what a step of a phase sends to earlier phases.
    fn send(&mut self, program: &Program, phase: &Phase, step: usize) {
        let count = phase.units.start - program.inputs;
        let flat = self.rows(program.units, 0, program.inputs, count);
        let earlier = self.rows(program.units, step, program.inputs, count);
        self.sent[earlier].iter_mut().zip(&self.now[flat]).for_each(|(sent, &slope)| *sent += slope);
    }

    /// Number of lanes that still run at a step, padded to whole vectors.
    fn running(&self, step: usize) -> usize {
        self.plan[step].running
    }

    /// Where consecutive units, none of them skipped, stand among kept ones of as many steps.
    fn rows(&self, units: usize, step: usize, unit: usize, count: usize) -> Range<usize> {
        let start = (step * (units - self.skipped) + unit - self.skipped) * self.lanes;
        start..start + count * self.lanes
    }

    /// Index of a step among the kept ones, which start with the context.
    fn kept(&self, step: usize) -> usize {
        self.before_first + step
    }

    /// Index of the step that a read sees.
    fn seen(&self, step: usize, late: bool) -> usize {
        match (late, self.reversed) {
            (false, _) => self.kept(step),
            (true, false) => self.kept(step) - 1,
            (true, true) => self.kept(step) + 1,
        }
    }
}
