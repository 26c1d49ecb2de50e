//! The backward pass: one step of one group, the forward pass's blocks in reverse.

use std::ops::Range;

use super::alike::Alike;
use super::{Bptt, Parameters};
use crate::data::{DataSet, Sample};
use crate::kernels::lanes::{add, add_product, scale};
use crate::kernels::{
    GatheredGradient, LANES, Real, Squash, accumulate_diagonal, accumulate_diagonal_outer, accumulate_folded,
    accumulate_transposed,
};
use crate::learn::loss::Loss;
use crate::program::{Block, BlockKind, Gating, Group, Program, Retention};

impl<T: Real> Bptt<T> {
    /// Puts the gradient of this step's targets on the outputs: on the states for cross-entropy,
    /// on the activations for squared error.
    pub(super) fn add_loss(&mut self, program: &Program, data: &DataSet, loss: Loss, share: T, step: usize) {
        let running = self.batch.partition_point(|sample| sample.steps > step);
        let mut written = Vec::new();
        for lane in 0..running {
            let Sample { first, weight, .. } = self.batch[lane];
            let (target, share) = (data.target(first + step, &mut written), share * T::of(weight));
            self.add_loss_of(program, target, loss, share, (step, lane));
        }
    }

    /// [`Bptt::add_loss`] of one sequence, whose outputs stand under `step` in `lane`.
    pub(super) fn add_loss_of(
        &mut self,
        program: &Program,
        target: Option<&[f64]>,
        loss: Loss,
        share: T,
        (step, lane): (usize, usize),
    ) {
        let Some(target) = target else { return };
        let total = if program.has_softmax() { target.iter().sum() } else { 1.0 };
        let Range { start: outputs, .. } = program.outputs;
        let flat = self.rows(program.units, 0, outputs, target.len()).start;
        let own = self.rows(program.units, self.kept(step), outputs, target.len()).start;
        for (output, &target) in target.iter().enumerate() {
            let at = flat + output * self.lanes + lane;
            if self.path().is_some() {
                self.now[at] += T::of(target);
                continue;
            }
            let activation = self.activations[own + output * self.lanes + lane];
            let slope = share * loss.gradient(activation, T::of(target), T::of(total), program.output_count());
            match loss {
                Loss::CrossEntropy => self.carried[at] += slope,
                Loss::Mse => self.now[at] += slope,
            }
        }
    }

    pub(super) fn backward_group(&mut self, program: &Program, parameters: &Parameters<T>, group: &Group, step: usize) {
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let flat = self.rows(units, 0, group.first, group.size);
        let own = self.rows(units, self.kept(step), group.first, group.size);
        // Gradient with respect to the state: through the squash, and from the next step's state.
        let mut deltas = std::mem::take(&mut self.carried);
        if program.squash[group.first] == Squash::Softmax {
            let deltas = &mut deltas[flat.clone()];
            let (slopes, activations) = (&self.now[flat.clone()], &self.activations[own]);
            for lane in 0..running {
                let lanes = (lane..deltas.len()).step_by(stride);
                let mean: T = lanes.clone().map(|at| activations[at] * slopes[at]).sum();
                for at in lanes {
                    deltas[at] += activations[at] * (slopes[at] - mean);
                }
            }
        } else {
            for index in self.alike_in(group) {
                let Alike { first, count, squash, .. } = self.alike[index];
                let flat = self.rows(units, 0, first, count);
                let activations = &self.activations[self.rows(units, self.kept(step), first, count)];
                squash.backward_rows(activations, &self.now[flat.clone()], &mut deltas[flat], stride, running);
            }
        }
        for index in self.alike_in(group) {
            let alike @ Alike { first, count, fixed_bias, .. } = self.alike[index];
            if !fixed_bias && self.path().is_none() {
                let (learning, own) = (first - program.inputs, self.rows(units, 0, first, count));
                let folded = &mut self.biases[learning * LANES..(learning + count) * LANES];
                accumulate_folded(folded, &deltas[own], stride, running);
            }
            self.backward_retention(program, alike, step, &deltas);
        }
        for index in group.blocks.clone() {
            self.backward_block(program, parameters, index, step, &deltas[flat.clone()]);
        }
        self.carried = deltas;
    }

    /// Sends the deltas of units to the states they retained, and to the gaters of those states.
    fn backward_retention(&mut self, program: &Program, alike: Alike, step: usize, deltas: &[T]) {
        let Alike { first, count, retention, late, .. } = alike;
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let flat = self.rows(units, 0, first, count);
        let deltas = &deltas[flat.clone()];
        let gated = match retention {
            Retention::None => return,
            Retention::Whole => None,
            Retention::Gated(gater) => self.gains(program, step, gater, count, late).map(|gains| (gater, gains)),
        };
        let Some((gater, gains)) = gated else {
            return add(&mut self.carried_before[flat], deltas, stride, running);
        };
        add_product(&mut self.carried_before[flat], deltas, &self.activations[gains], stride, running);
        let old = &self.states[self.rows(units, self.seen(step, true), first, count)];
        let of_gaters = self.rows(units, 0, gater, count);
        let slopes = if late { &mut self.before } else { &mut self.now };
        add_product(&mut slopes[of_gaters], deltas, old, stride, running);
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
        if let (true, Gating::Rows { gater, late }) = (self.relays[index], block.gating) {
            // One to one: a gate of the row is a gate of its source.
            return self.send_to_sources(program, block, step, Some((gater, late)), deltas);
        }
        let (stride, running) = (self.lanes, self.running(step));
        let weights = &parameters.weights[block.weight..block.weight + block.count];
        let symbols = self.gathers(block, step);
        let [mut scaled, mut gated] = std::mem::take(&mut self.scratch);
        let deltas = match block.gating {
            Gating::Rows { gater, late } => {
                let gated = &mut gated[..deltas.len()];
                self.gate_deltas(program, index, step, (gater, late), deltas, gated);
                gated
            }
            _ => deltas,
        };
        if let Some(symbols) = symbols {
            if self.path().is_some() {
                self.keep_slope(block, weights, step, deltas);
            } else {
                self.backward_symbols(index, block, symbols, running, deltas);
            }
            self.scratch = [scaled, gated];
            return;
        }
        if !block.delays.is_empty() {
            self.backward_taps(program, weights, index, step, &mut scaled, deltas);
            self.scratch = [scaled, gated];
            return;
        }
        let sources = self.sources(program.units, block, self.seen(step, block.late));
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
            let first = first_source(block);
            // Nobody asks for the gradient of an input but along a path.
            if first >= program.inputs || self.path().is_some() {
                let flat = self.rows(program.units, 0, first, sources.len() / stride);
                let slopes = if block.late { &mut self.before } else { &mut self.now };
                send_back(block, weights, deltas, stride, running, &mut slopes[flat]);
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
        gated.copy_from_slice(deltas);
        let rows = deltas.len() / stride;
        let Some(gains) = self.gains(program, step, gater, rows, late) else { return };
        scale(gated, &self.activations[gains], stride, running);
        let start = (step * self.ungated_rows + self.ungated_row[index]) * stride;
        let of_gaters = self.rows(program.units, 0, gater, rows);
        let slopes = if late { &mut self.before } else { &mut self.now };
        add_product(&mut slopes[of_gaters], deltas, &self.ungated[start..start + deltas.len()], stride, running);
    }

    /// Sends what arrived at scaled sources, (columns, lanes), on to the sources and their gaters.
    fn unscale_sources(&mut self, program: &Program, block: &Block, step: usize, arriving: &mut [T]) {
        if let Some(factors) = self.drops(program, block) {
            scale(arriving, factors, self.lanes, self.running(step));
        }
        self.send_to_sources(program, block, step, block.gating.of_columns(), arriving);
    }

    /// Sends what arrived at a block's sources on to them, through the gates of each, and to the gaters.
    fn send_to_sources(
        &mut self,
        program: &Program,
        block: &Block,
        step: usize,
        gating: Option<(usize, bool)>,
        arriving: &[T],
    ) {
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let seen = self.seen(step, block.late);
        let values = self.sources(units, block, seen);
        let (first, count) = (first_source(block), values.len() / stride);
        let gated = gating
            .and_then(|(gater, late)| self.gains(program, step, gater, count, late).map(|gains| (gater, late, gains)));
        let flat = self.rows(units, 0, first, count);
        let slopes = if block.late { &mut self.before } else { &mut self.now };
        let Some((gater, late, gains)) = gated else {
            return add(&mut slopes[flat], arriving, stride, running);
        };
        add_product(&mut slopes[flat], arriving, &self.activations[gains], stride, running);
        let of_gaters = self.rows(units, 0, gater, count);
        let slopes = if late { &mut self.before } else { &mut self.now };
        add_product(&mut slopes[of_gaters], arriving, &self.activations[values], stride, running);
    }

    /// Adds deltas times values to the gradient of a dense or diagonal block's weights.
    pub(super) fn backward_values(&mut self, index: usize, block: &Block, values: &[T], running: usize, deltas: &[T]) {
        if block.fixed || self.path().is_some() {
            return;
        }
        match &mut self.dense[index] {
            Some(gradient) => gradient.add(deltas, values, self.lanes, running),
            None => {
                let gradient = &mut self.gradient[block.weight..block.weight + block.count];
                accumulate_diagonal_outer(gradient, deltas, values, self.lanes, running);
            }
        }
    }

    /// The same for what a dense block has gathered.
    fn backward_symbols(&mut self, index: usize, block: &Block, symbols: Range<usize>, running: usize, deltas: &[T]) {
        let BlockKind::Dense { columns, .. } = block.kind else { return };
        if !block.fixed {
            let gradient = self.gathered[index].get_or_insert_with(|| GatheredGradient::new(block.rows, columns));
            gradient.add(deltas, &self.symbols[symbols], self.lanes, running);
        }
    }

    /// Writes the gradients of dense blocks and of biases to [`Bptt::gradient`].
    pub(super) fn write_sums(&mut self, program: &Program) {
        let biases = &mut self.gradient[program.layout.weights + program.inputs..];
        for (bias, folded) in biases.iter_mut().zip(self.biases.chunks_exact(LANES)) {
            *bias = folded.iter().copied().sum();
        }
        for (block, gradient) in program.blocks.iter().zip(&mut self.dense) {
            if let Some(gradient) = gradient {
                gradient.write(&mut self.gradient[block.weight..block.weight + block.count]);
            }
        }
        for (block, gradient) in program.blocks.iter().zip(&mut self.gathered) {
            if let Some(gradient) = gradient {
                gradient.write(&mut self.gradient[block.weight..block.weight + block.count]);
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
            let Some((seen, running)) = self.read_by_edge(edge, step) else { continue };
            let value = self.rows(units, seen, edge.source, 1);
            let gater = edge.gater.filter(|&(gater, late)| program.fires(gater) && !self.is_first(step, late));
            // What was read before the pass counts as given, and nobody asks for the gradient of an input.
            let reached = match edge.delay {
                0 => Some(0),
                delay => {
                    self.step_before(step, delay).filter(|_| edge.source >= program.inputs || self.path().is_some())
                }
            }
            .map(|step| self.rows(units, step, edge.source, 1));
            let mut slope_sum = T::ZERO;
            for lane in 0..running {
                let activation = self.activations[value.start + lane];
                let gain = gater.map_or(T::ONE, |(gater, late)| {
                    self.activations[self.rows(units, self.seen(step, late), gater, 1).start + lane]
                });
                slope_sum += delta[lane] * activation * gain;
                if let Some(place) = reached.clone() {
                    let slopes = match edge.delay {
                        0 if edge.late => &mut self.before,
                        0 => &mut self.now,
                        _ => &mut self.sent,
                    };
                    slopes[place.start + lane] += delta[lane] * weight * gain;
                }
                if let Some((gater, late)) = gater {
                    let gater = self.rows(units, 0, gater, 1).start;
                    let slopes = if late { &mut self.before } else { &mut self.now };
                    slopes[gater + lane] += delta[lane] * weight * activation;
                }
            }
            if self.path().is_none() {
                self.gradient[block.weight + offset] += slope_sum;
            }
        }
    }

    /// Makes the gradients of fixed connections in sparse blocks 0. No gradients are made of other fixed blocks
    /// and of fixed biases.
    pub(super) fn forget_fixed(&mut self, program: &Program) {
        for block in &program.blocks {
            let BlockKind::Sparse(edges) = &block.kind else { continue };
            for (offset, _) in edges.iter().enumerate().filter(|(_, edge)| edge.fixed) {
                self.gradient[block.weight + offset] = T::ZERO;
            }
        }
    }
}

/// The first source of a dense or diagonal block.
pub(super) fn first_source(block: &Block) -> usize {
    match block.kind {
        BlockKind::Dense { source, .. } | BlockKind::Diagonal { source } => source,
        BlockKind::Sparse(_) => unreachable!("sparse blocks read edge by edge"),
    }
}

/// `out += weights^T * deltas`, of a dense or diagonal block without delays.
fn send_back<T: Real>(block: &Block, weights: &[T], deltas: &[T], stride: usize, running: usize, out: &mut [T]) {
    match block.kind {
        BlockKind::Dense { columns, .. } => accumulate_transposed(out, weights, deltas, columns, stride, running),
        _ => accumulate_diagonal(out, weights, deltas, stride, running),
    }
}
