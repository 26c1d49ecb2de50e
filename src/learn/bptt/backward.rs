//! The backward pass: one step of one group, the forward pass's blocks in reverse.

use super::{Bptt, Parameters};
use crate::data::DataSet;
use crate::kernels::{Real, Squash, accumulate_outer, accumulate_transposed, outer_width};
use crate::learn::loss::Loss;
use crate::program::{Block, BlockKind, Gating, Group, Program, Retention};

impl<T: Real> Bptt<T> {
    /// Puts the gradient of this step's targets on the outputs: on the states for cross-entropy,
    /// on the activations for squared error.
    pub(super) fn add_loss(&mut self, program: &Program, data: &DataSet, loss: Loss, share: T, step: usize) {
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

    pub(super) fn backward_group(&mut self, program: &Program, parameters: &Parameters<T>, group: &Group, step: usize) {
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
        let kept = self.rows(program.units, self.seen(step, true), unit, 1);
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
        let sources = self.sources(program.units, block, self.seen(step, block.late));
        let [mut scaled, mut gated] = std::mem::take(&mut self.scratch);
        let deltas = match block.gating {
            Gating::Rows { gater, late } => {
                let gated = &mut gated[..deltas.len()];
                self.gate_deltas(program, index, step, (gater, late), deltas, gated);
                gated
            }
            _ => deltas,
        };
        if self.scale_sources(program, block, step, &mut scaled) {
            let scaled = &mut scaled[..sources.len()];
            self.backward_values(index, block, scaled, running, deltas);
            scaled.fill(T::ZERO);
            send_back(block, weights, deltas, stride, running, scaled);
            self.unscale_sources(program, block, step, scaled);
        } else {
            let activations = std::mem::take(&mut self.activations);
            self.backward_values(index, block, &activations[sources.clone()], running, deltas);
            self.activations = activations;
            let first = sources.start % (program.units * stride);
            // Nobody asks for the gradient of an input.
            if first >= program.inputs * stride {
                let slopes = if block.late { &mut self.before } else { &mut self.now };
                send_back(block, weights, deltas, stride, running, &mut slopes[first..first + sources.len()]);
            }
        }
        self.scratch = [scaled, gated];
    }

    /// Deltas of a row-gated block times its gains, into `gated`, and what they mean for the gaters.
    fn gate_deltas(
        &mut self,
        program: &Program,
        index: usize,
        step: usize,
        (gater, late): (usize, bool),
        deltas: &[T],
        gated: &mut [T],
    ) {
        let (stride, running) = (self.lanes, self.running(step));
        let start = (step * self.ungated_rows + self.ungated_row[index]) * stride;
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
    }

    /// Sends what arrived at scaled sources, (columns, lanes), on to the sources and their gaters.
    fn unscale_sources(&mut self, program: &Program, block: &Block, step: usize, arriving: &mut [T]) {
        let (stride, running) = (self.lanes, self.running(step));
        let seen = self.seen(step, block.late);
        let first = self.sources(program.units, block, seen).start / stride - seen * program.units;
        if let Some(factors) = self.drops(program, block) {
            arriving.iter_mut().zip(factors).for_each(|(delta, &factor)| *delta *= factor);
        }
        for (column, arriving) in arriving.chunks_exact(stride).enumerate() {
            let arriving = &arriving[..running];
            let source = (first + column) * stride..(first + column) * stride + running;
            let value = self.rows(program.units, seen, first + column, 1);
            let gating = match block.gating {
                Gating::Columns { gater, late } if program.fires(gater + column) && !self.is_first(step, late) => {
                    Some((gater + column, late, self.rows(program.units, self.seen(step, late), gater + column, 1)))
                }
                _ => None,
            };
            let slopes = if block.late { &mut self.before } else { &mut self.now };
            let Some((gater, late, gain)) = gating else {
                slopes[source].iter_mut().zip(arriving).for_each(|(slope, &delta)| *slope += delta);
                continue;
            };
            for ((slope, &delta), &gain) in slopes[source].iter_mut().zip(arriving).zip(&self.activations[gain]) {
                *slope += delta * gain;
            }
            let slopes = if late { &mut self.before } else { &mut self.now };
            let slopes = &mut slopes[gater * stride..gater * stride + running];
            for ((slope, &delta), &value) in slopes.iter_mut().zip(arriving).zip(&self.activations[value]) {
                *slope += delta * value;
            }
        }
    }

    /// Adds deltas times values to the gradient of a dense or diagonal block's weights.
    fn backward_values(&mut self, index: usize, block: &Block, values: &[T], running: usize, deltas: &[T]) {
        if block.fixed {
            return;
        }
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
    pub(super) fn unpad(&mut self, program: &Program) {
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
            let value = self.rows(units, self.seen(step, edge.late), edge.source, 1);
            let gater = edge.gater.filter(|&(gater, late)| program.fires(gater) && !self.is_first(step, late));
            let mut slope_sum = T::ZERO;
            for lane in 0..running {
                let activation = self.activations[value.start + lane];
                let gain = gater.map_or(T::ONE, |(gater, late)| {
                    self.activations[(self.seen(step, late) * units + gater) * stride + lane]
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
    pub(super) fn forget_fixed(&mut self, program: &Program) {
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
