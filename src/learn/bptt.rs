//! The sequence rule: exact back-propagation through time, a batch of sequences at once.
//!
//! The forward pass keeps states and activations of every step; the backward pass walks the same
//! blocks in reverse. A connection from a unit that fires later, and a gate whose gater does,
//! reach back to the step before: their gradient goes to that step. Numbers of a batch lie
//! (step, unit, lane), see [`kernels`](crate::kernels); sequences are ordered from long to short,
//! so that the running ones are always the first lanes.

use std::ops::Range;

use super::loss::Loss;
use crate::data::{DataSet, Sample};
use crate::kernels::{LANES, Real, Squash, accumulate, accumulate_outer, accumulate_transposed, outer_width, softmax};
use crate::program::{Block, BlockKind, Gating, Group, Program, Retention};

/// Work space for batches of one program; grows to the largest batch it has seen.
#[derive(Clone, Debug)]
pub struct Bptt<T> {
    lanes: usize,
    batch: Vec<Sample>,
    /// (steps + 1, units, lanes); step 0 is the fresh context.
    activations: Vec<T>,
    /// (steps + 1, units, lanes).
    states: Vec<T>,
    /// (steps, gated rows, lanes): what a row-gated block brings before its gate.
    ungated: Vec<T>,
    /// Offset of each block's rows in a step of `ungated`.
    ungated_row: Vec<usize>,
    ungated_rows: usize,
    scratch: Vec<T>,
    /// Gradient with respect to the activations of this step and the step before, (units, lanes).
    now: Vec<T>,
    before: Vec<T>,
    /// Gradient with respect to the states, handed from a step to the one before, (units, lanes).
    carried: Vec<T>,
    carried_before: Vec<T>,
    /// Gradient of the weights of dense blocks, rows padded as the kernel wants them.
    padded: Vec<T>,
    /// Offset of each block's gradient in `padded`.
    padded_start: Vec<usize>,
    packed: Vec<T>,
    /// Gradient of the loss with respect to every parameter: weights, then biases.
    pub gradient: Vec<T>,
}

/// The parameters split as the program lays them out.
struct Parameters<'a, T> {
    weights: &'a [T],
    biases: &'a [T],
}

impl<T: Real> Bptt<T> {
    /// A work space for `program`.
    pub fn new(program: &Program) -> Self {
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
        let mut padded_size = 0;
        let padded_start = program
            .blocks
            .iter()
            .map(|block| {
                let start = padded_size;
                if let BlockKind::Dense { columns, .. } = block.kind {
                    padded_size += block.rows * outer_width(columns);
                }
                start
            })
            .collect();
        Bptt {
            lanes: 0,
            batch: Vec::new(),
            activations: Vec::new(),
            states: Vec::new(),
            ungated: Vec::new(),
            ungated_row,
            ungated_rows,
            scratch: Vec::new(),
            now: Vec::new(),
            before: Vec::new(),
            carried: Vec::new(),
            carried_before: Vec::new(),
            padded: vec![T::ZERO; padded_size],
            padded_start,
            packed: Vec::new(),
            gradient: vec![T::ZERO; program.layout.parameters().len()],
        }
    }

    /// Bytes that a batch of `sequences` of `steps` steps takes.
    pub fn bytes(program: &Program, sequences: usize, steps: usize) -> f64 {
        let gated: usize = program
            .blocks
            .iter()
            .filter(|block| matches!(block.gating, Gating::Rows { .. }))
            .map(|block| block.rows)
            .sum();
        let lanes = sequences.next_multiple_of(LANES) as f64;
        (steps as f64 + 3.0) * lanes * (2 * program.units + gated) as f64 * size_of::<T>() as f64
    }

    /// Runs the samples from a fresh context each. They must be ordered from long to short.
    pub fn forward(&mut self, program: &Program, parameters: &[T], data: &DataSet, batch: &[Sample]) {
        debug_assert!(batch.is_sorted_by(|a, b| a.steps >= b.steps));
        let steps = batch[0].steps;
        let lanes = batch.len().next_multiple_of(LANES);
        let plane = program.units * lanes;
        if lanes != self.lanes {
            self.lanes = lanes;
            self.activations.clear();
            self.states.clear();
            for buffer in [&mut self.now, &mut self.before, &mut self.carried, &mut self.carried_before] {
                buffer.clear();
                buffer.resize(plane, T::ZERO);
            }
            self.scratch.resize(plane, T::ZERO);
        }
        grow(&mut self.activations, (steps + 1) * plane);
        grow(&mut self.states, (steps + 1) * plane);
        grow(&mut self.ungated, steps * self.ungated_rows * lanes);
        self.batch.clear();
        self.batch.extend_from_slice(batch);
        let (weights, biases) = parameters.split_at(program.layout.weights);
        let parameters = Parameters { weights, biases };
        for step in 0..steps {
            self.feed(program, data, step);
            for group in &program.groups {
                self.forward_group(program, &parameters, group, step);
            }
        }
    }

    /// Activation of an output (counted from the first output) at a step of a lane.
    pub fn output(&self, program: &Program, step: usize, lane: usize, output: usize) -> T {
        self.activations[((step + 1) * program.units + program.outputs.start + output) * self.lanes + lane]
    }

    /// Back-propagates the loss of the last forward pass, averaged over all targets of the batch,
    /// into [`Bptt::gradient`].
    pub fn backward(&mut self, program: &Program, parameters: &[T], data: &DataSet, loss: Loss) {
        let (weights, biases) = parameters.split_at(program.layout.weights);
        let parameters = Parameters { weights, biases };
        self.gradient.fill(T::ZERO);
        self.padded.fill(T::ZERO);
        for buffer in [&mut self.now, &mut self.before, &mut self.carried, &mut self.carried_before] {
            buffer.fill(T::ZERO);
        }
        let targets: usize = self.batch.iter().map(|&sample| data.targets_in(sample)).sum();
        let share = T::ONE / T::of(targets.max(1) as f64);
        for step in (0..self.batch[0].steps).rev() {
            self.add_loss(program, data, loss, share, step);
            for group in program.groups.iter().rev() {
                self.backward_group(program, &parameters, group, step);
            }
            std::mem::swap(&mut self.now, &mut self.before);
            self.before.fill(T::ZERO);
            std::mem::swap(&mut self.carried, &mut self.carried_before);
            self.carried_before.fill(T::ZERO);
        }
        self.unpad(program);
        self.forget_fixed(program);
    }

    /// Number of lanes that still run at a step, padded to whole vectors.
    fn running(&self, step: usize) -> usize {
        self.batch.partition_point(|sample| sample.steps > step).next_multiple_of(LANES)
    }

    fn rows(&self, units: usize, step: usize, unit: usize, count: usize) -> Range<usize> {
        let start = (step * units + unit) * self.lanes;
        start..start + count * self.lanes
    }

    /// Index of the step that a read sees: the kept steps start with the fresh context.
    fn seen(step: usize, late: bool) -> usize {
        if late { step } else { step + 1 }
    }

    /// Lanes of a gater's gain at a step; `None` while the gain is 1.
    fn gain(&self, program: &Program, step: usize, gater: usize, late: bool) -> Option<&[T]> {
        if !program.fires(gater) || (late && step == 0) {
            return None;
        }
        Some(&self.activations[self.rows(program.units, Self::seen(step, late), gater, 1)])
    }

    fn feed(&mut self, program: &Program, data: &DataSet, step: usize) {
        let rows = self.rows(program.units, step + 1, 0, program.inputs);
        let inputs = &mut self.activations[rows];
        inputs.fill(T::ZERO);
        for (lane, sample) in self.batch.iter().enumerate().take_while(|(_, sample)| sample.steps > step) {
            let values = data.input(sample.first + step);
            for (row, &value) in inputs.chunks_exact_mut(self.lanes).zip(values) {
                row[lane] = T::of(value);
            }
        }
    }

    fn forward_group(&mut self, program: &Program, parameters: &Parameters<T>, group: &Group, step: usize) {
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let own = self.rows(units, step + 1, group.first, group.size);
        let mut states = std::mem::take(&mut self.states);
        // eq. 15: what is kept of the state, and the bias.
        for row in 0..group.size {
            let unit = group.first + row;
            let bias = parameters.biases[unit];
            let kept = self.rows(units, step, unit, 1);
            let gain = match program.retention[unit] {
                Retention::None => {
                    let state = self.rows(units, step + 1, unit, 1);
                    states[state][..running].fill(bias);
                    continue;
                }
                Retention::Whole => None,
                Retention::Gated(gater) => self.gain(program, step, gater, gater >= group.first),
            };
            let (earlier, later) = states.split_at_mut(own.start);
            let state = &mut later[row * stride..row * stride + running];
            let old = &earlier[kept];
            match gain {
                None => state.iter_mut().zip(old).for_each(|(state, &old)| *state = bias + old),
                Some(gain) => {
                    for ((state, &old), &gain) in state.iter_mut().zip(old).zip(gain) {
                        *state = bias + gain * old;
                    }
                }
            }
        }
        for index in group.blocks.clone() {
            self.forward_block(program, parameters, index, step, &mut states[own.clone()]);
        }
        // eq. 16
        let activations = &mut self.activations[own.clone()];
        for ((unit, state), activation) in
            (group.first..).zip(states[own.clone()].chunks_exact(stride)).zip(activations.chunks_exact_mut(stride))
        {
            program.squash[unit].forward_row(&state[..running], &mut activation[..running]);
        }
        self.states = states;
        if program.squash[group.first] == Squash::Softmax {
            self.softmax_lanes(own, group.size, running);
        }
    }

    fn softmax_lanes(&mut self, own: Range<usize>, size: usize, running: usize) {
        let mut column = vec![T::ZERO; size];
        let activations = &mut self.activations[own];
        for lane in 0..running {
            for (value, row) in column.iter_mut().zip(activations.chunks_exact(self.lanes)) {
                *value = row[lane];
            }
            softmax(&mut column);
            for (&value, row) in column.iter().zip(activations.chunks_exact_mut(self.lanes)) {
                row[lane] = value;
            }
        }
    }

    /// Adds what a block brings to the states of its group, (rows, lanes).
    fn forward_block(
        &mut self,
        program: &Program,
        parameters: &Parameters<T>,
        index: usize,
        step: usize,
        states: &mut [T],
    ) {
        let block = &program.blocks[index];
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let weights = &parameters.weights[block.weight..block.weight + block.count];
        let seen = Self::seen(step, block.late);
        if let BlockKind::Sparse(edges) = &block.kind {
            for (edge, &weight) in edges.iter().zip(weights) {
                let source =
                    &self.activations[self.rows(units, Self::seen(step, edge.late), edge.source, 1)][..running];
                let state = &mut states[(edge.target - block.target) * stride..][..running];
                match edge.gater.and_then(|(gater, late)| self.gain(program, step, gater, late)) {
                    None => state.iter_mut().zip(source).for_each(|(state, &value)| *state += weight * value),
                    Some(gain) => {
                        for ((state, &value), &gain) in state.iter_mut().zip(source).zip(gain) {
                            *state += weight * value * gain;
                        }
                    }
                }
            }
            return;
        }
        match block.gating {
            Gating::None => {
                self.bring(block, weights, &self.activations[self.sources(units, block, seen)], running, states);
            }
            Gating::Columns { gater, late } => {
                let mut gated = std::mem::take(&mut self.scratch);
                let count = self.gate_columns(program, block, step, gater, late, &mut gated);
                self.bring(block, weights, &gated[..count], running, states);
                self.scratch = gated;
            }
            Gating::Rows { gater, late } => {
                let start = (step * self.ungated_rows + self.ungated_row[index]) * stride;
                let own = start..start + block.rows * stride;
                let mut ungated = std::mem::take(&mut self.ungated);
                let rows = &mut ungated[own];
                rows.fill(T::ZERO);
                self.bring(block, weights, &self.activations[self.sources(units, block, seen)], running, rows);
                for (row, (state, value)) in states.chunks_exact_mut(stride).zip(rows.chunks_exact(stride)).enumerate()
                {
                    match self.gain(program, step, gater + row, late) {
                        None => {
                            state[..running].iter_mut().zip(value).for_each(|(state, &value)| *state += value);
                        }
                        Some(gain) => {
                            for ((state, &value), &gain) in state[..running].iter_mut().zip(value).zip(gain) {
                                *state += value * gain;
                            }
                        }
                    }
                }
                self.ungated = ungated;
            }
        }
    }

    /// The rows of a dense or diagonal block's sources at a kept step.
    fn sources(&self, units: usize, block: &Block, seen: usize) -> Range<usize> {
        match block.kind {
            BlockKind::Dense { source, columns } => self.rows(units, seen, source, columns),
            BlockKind::Diagonal { source } => self.rows(units, seen, source, block.rows),
            BlockKind::Sparse(_) => unreachable!("sparse blocks read edge by edge"),
        }
    }

    /// `out += weights * values`, dense or diagonal.
    fn bring(&self, block: &Block, weights: &[T], values: &[T], running: usize, out: &mut [T]) {
        let stride = self.lanes;
        match block.kind {
            BlockKind::Dense { columns, .. } => accumulate(out, weights, values, columns, stride, running),
            _ => {
                for ((out, value), &weight) in
                    out.chunks_exact_mut(stride).zip(values.chunks_exact(stride)).zip(weights)
                {
                    out[..running].iter_mut().zip(value).for_each(|(out, &value)| *out += weight * value);
                }
            }
        }
    }

    /// Sources times gains of a column-gated block, into `gated`; gives the size.
    fn gate_columns(
        &self,
        program: &Program,
        block: &Block,
        step: usize,
        gater: usize,
        late: bool,
        gated: &mut [T],
    ) -> usize {
        let sources = self.sources(program.units, block, Self::seen(step, block.late));
        let count = sources.len();
        gated[..count].copy_from_slice(&self.activations[sources]);
        for (column, values) in gated[..count].chunks_exact_mut(self.lanes).enumerate() {
            if let Some(gain) = self.gain(program, step, gater + column, late) {
                values.iter_mut().zip(gain).for_each(|(value, &gain)| *value *= gain);
            }
        }
        count
    }

    /// Puts the gradient of this step's targets on the outputs: on the states for cross-entropy,
    /// on the activations for squared error.
    fn add_loss(&mut self, program: &Program, data: &DataSet, loss: Loss, share: T, step: usize) {
        let count = program.output_count();
        let is_softmax = program.has_softmax();
        for (lane, sample) in self.batch.iter().enumerate().take_while(|(_, sample)| sample.steps > step) {
            let Some(target) = data.target(sample.first + step) else { continue };
            let total = if is_softmax { target.iter().sum() } else { 1.0 };
            for (output, &target) in target.iter().enumerate() {
                let at = (program.outputs.start + output) * self.lanes + lane;
                let activation = self.activations[(step + 1) * program.units * self.lanes + at];
                let slope = share * loss.gradient(activation, T::of(target), T::of(total), count);
                match loss {
                    Loss::CrossEntropy => self.carried[at] += slope,
                    Loss::Mse => self.now[at] += slope,
                }
            }
        }
    }

    fn backward_group(&mut self, program: &Program, parameters: &Parameters<T>, group: &Group, step: usize) {
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let flat = self.rows(units, 0, group.first, group.size);
        let own = self.rows(units, step + 1, group.first, group.size);
        // Gradient with respect to the state: through the squash, and from the next step's state.
        let mut deltas = std::mem::take(&mut self.carried);
        {
            let deltas = &mut deltas[flat.clone()];
            let (slopes, activations) = (&self.now[flat.clone()], &self.activations[own]);
            if program.squash[group.first] == Squash::Softmax {
                for lane in 0..running {
                    let lanes = (lane..deltas.len()).step_by(stride);
                    let mean: T = lanes.clone().map(|at| activations[at] * slopes[at]).sum();
                    for at in lanes {
                        deltas[at] += activations[at] * (slopes[at] - mean);
                    }
                }
            } else {
                for (row, delta) in deltas.chunks_exact_mut(stride).enumerate() {
                    let lanes = row * stride..row * stride + running;
                    let squash = program.squash[group.first + row];
                    squash.backward_row(&activations[lanes.clone()], &slopes[lanes], &mut delta[..running]);
                }
            }
        }
        for row in 0..group.size {
            let unit = group.first + row;
            let delta = &deltas[unit * stride..unit * stride + running];
            self.gradient[program.layout.weights + unit] += delta.iter().copied().sum();
            self.backward_retention(program, unit, gater_is_late(program, group, unit), step, delta);
        }
        for index in group.blocks.clone() {
            let rows = group.first * stride..(group.first + group.size) * stride;
            self.backward_block(program, parameters, index, step, &deltas[rows]);
        }
        self.carried = deltas;
    }

    fn backward_retention(&mut self, program: &Program, unit: usize, late: bool, step: usize, delta: &[T]) {
        let stride = self.lanes;
        let kept = self.rows(program.units, step, unit, 1);
        let mut carried = std::mem::take(&mut self.carried_before);
        let into = &mut carried[unit * stride..unit * stride + delta.len()];
        match program.retention[unit] {
            Retention::None => {}
            Retention::Whole => into.iter_mut().zip(delta).for_each(|(into, &delta)| *into += delta),
            Retention::Gated(gater) => match self.gain(program, step, gater, late) {
                None => into.iter_mut().zip(delta).for_each(|(into, &delta)| *into += delta),
                Some(gain) => {
                    for ((into, &delta), &gain) in into.iter_mut().zip(delta).zip(gain) {
                        *into += delta * gain;
                    }
                    let old = &self.states[kept];
                    let slopes = if late { &mut self.before } else { &mut self.now };
                    let slopes = &mut slopes[gater * stride..(gater + 1) * stride];
                    for ((slope, &delta), &old) in slopes.iter_mut().zip(delta).zip(old) {
                        *slope += delta * old;
                    }
                }
            },
        }
        self.carried_before = carried;
    }

    /// Sends a block's deltas, (rows, lanes), to its weights, its sources and its gaters.
    fn backward_block(
        &mut self,
        program: &Program,
        parameters: &Parameters<T>,
        index: usize,
        step: usize,
        deltas: &[T],
    ) {
        let block = &program.blocks[index];
        if matches!(block.kind, BlockKind::Sparse(_)) {
            return self.backward_edges(program, parameters, block, step, deltas);
        }
        let (stride, running) = (self.lanes, self.running(step));
        let weights = &parameters.weights[block.weight..block.weight + block.count];
        let seen = Self::seen(step, block.late);
        let sources = self.sources(program.units, block, seen);
        let mut scratch = std::mem::take(&mut self.scratch);
        match block.gating {
            Gating::None => {
                self.backward_values(index, block, sources.clone(), None, running, deltas);
                let (from, into) = (sources.start - seen * program.units * stride, sources.len());
                let slopes = if block.late { &mut self.before } else { &mut self.now };
                send_back(block, weights, deltas, stride, running, &mut slopes[from..from + into]);
            }
            Gating::Rows { gater, late } => {
                let start = (step * self.ungated_rows + self.ungated_row[index]) * stride;
                let gated = &mut scratch[..deltas.len()];
                gated.copy_from_slice(deltas);
                for (row, gated) in gated.chunks_exact_mut(stride).enumerate() {
                    let Some(gain) = self.gain(program, step, gater + row, late) else { continue };
                    gated.iter_mut().zip(gain).for_each(|(delta, &gain)| *delta *= gain);
                    let brought = &self.ungated[start + row * stride..start + (row + 1) * stride];
                    let slopes = if late { &mut self.before } else { &mut self.now };
                    let slopes = &mut slopes[(gater + row) * stride..(gater + row) * stride + running];
                    for ((slope, &delta), &value) in slopes.iter_mut().zip(&deltas[row * stride..]).zip(brought) {
                        *slope += delta * value;
                    }
                }
                self.backward_values(index, block, sources.clone(), None, running, gated);
                let (from, into) = (sources.start - seen * program.units * stride, sources.len());
                let slopes = if block.late { &mut self.before } else { &mut self.now };
                send_back(block, weights, gated, stride, running, &mut slopes[from..from + into]);
            }
            Gating::Columns { gater, late } => {
                let count = self.gate_columns(program, block, step, gater, late, &mut scratch);
                self.backward_values(index, block, sources.clone(), Some(&scratch[..count]), running, deltas);
                let arriving = &mut scratch[..count];
                arriving.fill(T::ZERO);
                send_back(block, weights, deltas, stride, running, arriving);
                let first = sources.start / stride - seen * program.units;
                for (column, arriving) in arriving.chunks_exact(stride).enumerate() {
                    let arriving = &arriving[..running];
                    let source = (first + column) * stride..(first + column) * stride + running;
                    let value = self.rows(program.units, seen, first + column, 1);
                    let gain = if program.fires(gater + column) && !(late && step == 0) {
                        Some(self.rows(program.units, Self::seen(step, late), gater + column, 1))
                    } else {
                        None
                    };
                    let slopes = if block.late { &mut self.before } else { &mut self.now };
                    let Some(gain) = gain else {
                        slopes[source].iter_mut().zip(arriving).for_each(|(slope, &delta)| *slope += delta);
                        continue;
                    };
                    for ((slope, &delta), &gain) in slopes[source].iter_mut().zip(arriving).zip(&self.activations[gain])
                    {
                        *slope += delta * gain;
                    }
                    let slopes = if late { &mut self.before } else { &mut self.now };
                    let slopes = &mut slopes[(gater + column) * stride..(gater + column) * stride + running];
                    for ((slope, &delta), &value) in slopes.iter_mut().zip(arriving).zip(&self.activations[value]) {
                        *slope += delta * value;
                    }
                }
            }
        }
        self.scratch = scratch;
    }

    /// Adds deltas times values to the gradient of a dense or diagonal block's weights. The values
    /// are the sources' activations unless `values` brings others.
    fn backward_values(
        &mut self,
        index: usize,
        block: &Block,
        sources: Range<usize>,
        values: Option<&[T]>,
        running: usize,
        deltas: &[T],
    ) {
        if block.fixed {
            return;
        }
        let values = values.unwrap_or(&self.activations[sources]);
        match block.kind {
            BlockKind::Dense { columns, .. } => {
                let start = self.padded_start[index];
                let gradient = &mut self.padded[start..start + block.rows * outer_width(columns)];
                accumulate_outer(gradient, deltas, values, columns, self.lanes, running, &mut self.packed);
            }
            _ => {
                let gradient = &mut self.gradient[block.weight..block.weight + block.count];
                let rows = deltas.chunks_exact(self.lanes).zip(values.chunks_exact(self.lanes));
                for (gradient, (delta, value)) in gradient.iter_mut().zip(rows) {
                    *gradient += delta[..running].iter().zip(value).map(|(&delta, &value)| delta * value).sum();
                }
            }
        }
    }

    /// Moves the padded gradients of dense blocks to their place.
    fn unpad(&mut self, program: &Program) {
        for (block, &start) in program.blocks.iter().zip(&self.padded_start) {
            let BlockKind::Dense { columns, .. } = block.kind else { continue };
            let gradient = &mut self.gradient[block.weight..block.weight + block.count];
            let width = outer_width(columns);
            for (row, padded) in gradient.chunks_exact_mut(columns).zip(self.padded[start..].chunks_exact(width)) {
                row.copy_from_slice(&padded[..columns]);
            }
        }
    }

    fn backward_edges(
        &mut self,
        program: &Program,
        parameters: &Parameters<T>,
        block: &Block,
        step: usize,
        deltas: &[T],
    ) {
        let BlockKind::Sparse(edges) = &block.kind else { return };
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        for (offset, edge) in edges.iter().enumerate() {
            let weight = parameters.weights[block.weight + offset];
            let delta = &deltas[(edge.target - block.target) * stride..][..running];
            let value = self.rows(units, Self::seen(step, edge.late), edge.source, 1);
            let gater = edge.gater.filter(|&(gater, late)| program.fires(gater) && !(late && step == 0));
            let mut slope_sum = T::ZERO;
            for lane in 0..running {
                let activation = self.activations[value.start + lane];
                let gain = gater.map_or(T::ONE, |(gater, late)| {
                    self.activations[(Self::seen(step, late) * units + gater) * stride + lane]
                });
                slope_sum += delta[lane] * activation * gain;
                let slopes = if edge.late { &mut self.before } else { &mut self.now };
                slopes[edge.source * stride + lane] += delta[lane] * weight * gain;
                if let Some((gater, late)) = gater {
                    let slopes = if late { &mut self.before } else { &mut self.now };
                    slopes[gater * stride + lane] += delta[lane] * weight * activation;
                }
            }
            self.gradient[block.weight + offset] += slope_sum;
        }
    }

    /// What is fixed has no gradient.
    fn forget_fixed(&mut self, program: &Program) {
        for block in &program.blocks {
            match &block.kind {
                BlockKind::Sparse(edges) => {
                    for (offset, _) in edges.iter().enumerate().filter(|(_, edge)| edge.fixed) {
                        self.gradient[block.weight + offset] = T::ZERO;
                    }
                }
                _ if block.fixed => self.gradient[block.weight..block.weight + block.count].fill(T::ZERO),
                _ => {}
            }
        }
        for (unit, _) in program.fixed_bias.iter().enumerate().filter(|&(_, &fixed)| fixed) {
            self.gradient[program.layout.weights + unit] = T::ZERO;
        }
    }
}

/// A gated state is kept with the gain of this step where the gater fires before the group.
fn gater_is_late(program: &Program, group: &Group, unit: usize) -> bool {
    matches!(program.retention[unit], Retention::Gated(gater) if gater >= group.first)
}

/// `out += weights^T * deltas`, dense or diagonal.
fn send_back<T: Real>(block: &Block, weights: &[T], deltas: &[T], stride: usize, running: usize, out: &mut [T]) {
    match block.kind {
        BlockKind::Dense { columns, .. } => accumulate_transposed(out, weights, deltas, columns, stride, running),
        _ => {
            for ((out, delta), &weight) in out.chunks_exact_mut(stride).zip(deltas.chunks_exact(stride)).zip(weights) {
                out[..running].iter_mut().zip(delta).for_each(|(out, &delta)| *out += weight * delta);
            }
        }
    }
}

fn grow<T: Real>(buffer: &mut Vec<T>, size: usize) {
    if buffer.len() < size {
        buffer.resize(size, T::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::architect::{Blueprint, LstmOptions, Output, Variant, hopfield, liquid, lstm, perceptron};
    use crate::graph::{ConnectionType, Graph, NeuronId};
    use crate::learn::loss::Cost;
    use crate::program::{Lowered, Lowering};
    use crate::random::Random;

    type Layers = Vec<(String, Vec<NeuronId>)>;

    fn layers_of(blueprint: &Blueprint) -> Layers {
        blueprint.layers.iter().map(|layer| (layer.name.to_string(), layer.neurons.clone())).collect()
    }

    /// Sequences of different lengths with targets at the last step and at random other steps.
    fn sequences(inputs: usize, outputs: usize, softmax: bool, random: &mut Random) -> DataSet {
        let lengths = [7, 5, 5, 3, 1];
        let total: u32 = lengths.iter().sum();
        let (mut target_of_step, mut targets) = (Vec::new(), Vec::new());
        for length in lengths {
            for step in 0..length {
                if step + 1 < length && random.below(3) > 0 {
                    target_of_step.push(crate::data::NO_TARGET);
                    continue;
                }
                target_of_step.push((targets.len() / outputs) as u32);
                let hot = random.below(outputs);
                targets.extend((0..outputs).map(|output| match softmax {
                    true => f64::from(u8::from(output == hot)),
                    false => random.unit(),
                }));
            }
        }
        let values = (0..total as usize * inputs).map(|_| random.unit() * 2.0 - 1.0).collect();
        DataSet::new(inputs, outputs, values, targets, target_of_step, &lengths).unwrap()
    }

    fn loss_of(bptt: &mut Bptt<f64>, program: &Program, parameters: &[f64], data: &DataSet, loss: Loss) -> f64 {
        let batch: Vec<Sample> = (0..data.len()).map(|index| data.sample(index)).collect();
        bptt.forward(program, parameters, data, &batch);
        let (mut sum, mut count) = (0.0, 0);
        for (lane, sample) in batch.iter().enumerate() {
            for step in 0..sample.steps {
                let Some(target) = data.target(sample.first + step) else { continue };
                let output: Vec<f64> = (0..target.len()).map(|o| bptt.output(program, step, lane, o)).collect();
                sum += loss.cost().of(target, &output, program.has_softmax());
                count += 1;
            }
        }
        sum / count as f64
    }

    fn assert_gradient_is_exact(name: &str, graph: &Graph, layers: &Layers, cost: Option<Cost>, seed: u64) {
        let mut random = Random::new(seed);
        let mut gradients = Vec::new();
        for lowering in [Lowering::Blocks, Lowering::Sparse] {
            let lowered = Lowered::new(graph, layers, lowering).unwrap();
            let program = &lowered.program;
            let mut parameters = lowered.load(graph)[program.layout.parameters()].to_vec();
            let data = sequences(program.inputs, program.output_count(), program.has_softmax(), &mut Random::new(seed));
            let loss = Loss::choose(&program.squash[program.outputs.clone()], cost);
            let mut bptt = Bptt::<f64>::new(program);
            loss_of(&mut bptt, program, &parameters, &data, loss);
            bptt.backward(program, &parameters, &data, loss);
            let gradient = bptt.gradient.clone();
            let largest = gradient.iter().fold(1e-3f64, |a, b| a.max(b.abs()));
            for _ in 0..60 {
                let at = random.below(parameters.len());
                let fixed = at >= program.layout.weights && program.fixed_bias[at - program.layout.weights]
                    || at < program.layout.weights && graph.connections[lowered.connections[at] as usize].fixed;
                if fixed {
                    assert_eq!(gradient[at], 0.0);
                    continue;
                }
                let (kept, h) = (parameters[at], 1e-5);
                parameters[at] = kept + h;
                let above = loss_of(&mut bptt, program, &parameters, &data, loss);
                parameters[at] = kept - h;
                let below = loss_of(&mut bptt, program, &parameters, &data, loss);
                parameters[at] = kept;
                let slope = (above - below) / (2.0 * h);
                assert!(
                    (slope - gradient[at]).abs() <= 1e-6 * slope.abs().max(largest),
                    "{name} seed {seed} {lowering:?} parameter {at}: {} against {slope}",
                    gradient[at]
                );
            }
            let mut by_connection: Vec<f64> = vec![0.0; graph.connections.len()];
            for (weight, &id) in lowered.connections.iter().enumerate() {
                by_connection[id as usize] = gradient[weight];
            }
            gradients.push((by_connection, gradient[program.layout.weights..].to_vec()));
        }
        for (a, b) in gradients[0].0.iter().zip(&gradients[1].0).chain(gradients[0].1.iter().zip(&gradients[1].1)) {
            assert!(
                (a - b).abs() <= 1e-12 * a.abs().max(1.0),
                "{name} seed {seed}: blocks and sparse differ, {a} against {b}"
            );
        }
    }

    /// Wider weights than a new network's, so that gradients are not all nearly 0.
    fn widen(graph: &mut Graph, random: &mut Random) {
        for connection in graph.connections.iter_mut().filter(|c| !c.fixed && c.from != c.to) {
            connection.weight = random.unit() * 2.0 - 1.0;
        }
    }

    #[test]
    fn gradients_of_every_architecture_equal_finite_differences() {
        let mut random = Random::new(11);
        let mut cases: Vec<(String, Blueprint)> = Vec::new();
        for output in [Output::Logistic, Output::Softmax, Output::Linear] {
            cases.push((format!("perceptron {output:?}"), perceptron(&[3, 4, 5, 2], output, &mut random).unwrap()));
            for variant in [Variant::Synaptic, Variant::Standard] {
                let options = LstmOptions { variant, output, ..LstmOptions::default() };
                cases.push((format!("{variant:?} {output:?}"), lstm(&[2, 3, 4, 3], &options, &mut random).unwrap()));
            }
        }
        for bits in 0..64 {
            let options = LstmOptions {
                peepholes: [
                    Some(ConnectionType::AllToAll),
                    Some(ConnectionType::OneToOne),
                    Some(ConnectionType::AllToElse),
                    None,
                ][bits % 4],
                hidden_to_hidden: bits & 4 != 0,
                output_to_hidden: bits & 8 != 0,
                output_to_gates: bits & 16 != 0,
                input_to_output: bits & 32 != 0,
                ..LstmOptions::default()
            };
            cases.push((format!("{options:?}"), lstm(&[2, 3, 2], &options, &mut random).unwrap()));
        }
        cases.push(("liquid".into(), liquid(2, 8, 2, 20, 8, &mut random).unwrap()));
        cases.push(("hopfield".into(), hopfield(4, &mut random).unwrap()));
        for (seed, (name, mut blueprint)) in cases.into_iter().enumerate() {
            widen(&mut blueprint.graph, &mut random);
            for cost in [None, Some(Cost::Mse)] {
                let layers = layers_of(&blueprint);
                assert_gradient_is_exact(&name, &blueprint.graph, &layers, cost, seed as u64);
            }
        }
    }

    #[test]
    fn gradients_of_random_gated_graphs_equal_finite_differences() {
        for seed in 0..100 {
            let mut random = Random::new(seed);
            let (mut graph, layers) = crate::graph::random_gated(&mut random);
            widen(&mut graph, &mut random);
            assert_gradient_is_exact("gated graph", &graph, &layers, None, seed);
        }
    }
}
