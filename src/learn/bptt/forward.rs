//! The forward pass: one step of one group, block by block.

use std::ops::Range;

use super::alike::Alike;
use super::{Bptt, Parameters};
use crate::data::DataSet;
use crate::kernels::lanes::{add, add_product, scale, spread};
use crate::kernels::{
    NO_SYMBOL, Real, Squash, accumulate, accumulate_diagonal, accumulate_gathered, accumulate_segments, softmax,
};
use crate::program::{Block, BlockKind, Gating, Group, Program, Retention};

/// What a block reads.
enum Source<'a, T> {
    /// (columns, lanes)
    Values(&'a [T]),
    /// (taps): where each tap's (columns, lanes) begin in the activations.
    Taps(&'a [usize]),
    /// (lanes): the only column that is 1.
    Symbols(&'a [u32]),
}

impl<T: Real> Bptt<T> {
    pub(super) fn feed(&mut self, program: &Program, data: &DataSet, step: usize) {
        let rows = self.rows(program.units, self.kept(step), 0, program.inputs);
        let inputs = &mut self.activations[rows];
        inputs.fill(T::ZERO);
        let mut written = Vec::new();
        for (lane, sample) in self.batch.iter().enumerate().take_while(|(_, sample)| sample.steps > step) {
            let values = data.input(sample.first + step, &mut written);
            for (row, &value) in inputs.chunks_exact_mut(self.lanes).zip(values) {
                row[lane] = T::of(value);
            }
        }
        if self.path().is_some() {
            self.blend(program, data, step);
        }
    }

    /// Notes the symbols of a batch.
    pub(super) fn note_symbols(&mut self, data: &DataSet, steps: usize) {
        self.symbols.clear();
        // Also of the context and the answer of a read-out, which have no input.
        self.symbols.resize((steps + 2) * self.lanes, NO_SYMBOL);
        let Some(symbols) = data.symbols() else { return };
        for (lane, sample) in self.batch.iter().enumerate() {
            for (step, &symbol) in symbols[sample.first..][..sample.steps].iter().enumerate() {
                self.symbols[step * self.lanes + lane] = symbol;
            }
        }
    }

    /// The symbols that a block gathers at a step, by lane; `None` for a block that reads what is kept.
    pub(super) fn gathers(&self, block: &Block, step: usize) -> Option<Range<usize>> {
        let BlockKind::Dense { source, .. } = block.kind else { return None };
        (source < self.skipped).then(|| step * self.lanes..(step + 1) * self.lanes)
    }

    pub(super) fn forward_group(&mut self, program: &Program, parameters: &Parameters<T>, group: &Group, step: usize) {
        let (units, stride, running) = (program.units, self.lanes, self.running(step));
        let own = self.rows(units, self.kept(step), group.first, group.size);
        let mut states = std::mem::take(&mut self.states);
        // eq. 15: the retained state, and the bias.
        spread(&mut states[own.clone()], &parameters.biases[group.first..][..group.size], stride, running);
        for index in self.alike_in(group) {
            let Alike { first, count, retention, late, .. } = self.alike[index];
            let gains = match retention {
                Retention::None => continue,
                Retention::Whole => None,
                Retention::Gated(gater) => self.gains(program, step, gater, count, late),
            };
            let rows = [self.kept(step), self.seen(step, true)].map(|step| self.rows(units, step, first, count));
            let Ok([state, old]) = states.get_disjoint_mut(rows) else { unreachable!("a step is not the step before") };
            match gains {
                None => add(state, old, stride, running),
                Some(gains) => add_product(state, old, &self.activations[gains], stride, running),
            }
        }
        for index in group.blocks.clone() {
            self.forward_block(program, parameters, index, step, &mut states[own.clone()]);
        }
        // eq. 16
        for index in self.alike_in(group) {
            let Alike { first, count, squash, .. } = self.alike[index];
            let rows = self.rows(units, self.kept(step), first, count);
            squash.forward_rows(&states[rows.clone()], &mut self.activations[rows], stride, running);
        }
        self.states = states;
        if program.squash[group.first] == Squash::Softmax {
            self.softmax_lanes(own, group.size, running);
        }
    }

    fn softmax_lanes(&mut self, own: Range<usize>, size: usize, running: usize) {
        let mut scratch = std::mem::take(&mut self.scratch[0]);
        let column = &mut scratch[..size];
        let activations = &mut self.activations[own];
        for lane in 0..running {
            for (value, row) in column.iter_mut().zip(activations.chunks_exact(self.lanes)) {
                *value = row[lane];
            }
            softmax(column);
            for (&value, row) in column.iter().zip(activations.chunks_exact_mut(self.lanes)) {
                row[lane] = value;
            }
        }
        self.scratch[0] = scratch;
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
        let seen = self.seen(step, block.late);
        if let BlockKind::Sparse(edges) = &block.kind {
            for (edge, &weight) in edges.iter().zip(weights) {
                let Some((seen, running)) = self.read_by_edge(edge, step) else { continue };
                let source = &self.activations[self.rows(units, seen, edge.source, 1)][..running];
                let state = &mut states[(edge.target - block.target) * stride..][..running];
                match edge.gater.and_then(|(gater, late)| self.gains(program, step, gater, 1, late)) {
                    None => state.iter_mut().zip(source).for_each(|(state, &value)| *state += weight * value),
                    Some(gain) => {
                        for ((state, &value), &gain) in state.iter_mut().zip(source).zip(&self.activations[gain]) {
                            *state += weight * value * gain;
                        }
                    }
                }
            }
            return;
        }
        if let (true, Gating::Rows { gater, late }) = (self.relays[index], block.gating) {
            let values = &self.activations[self.sources(units, block, seen)];
            return match self.gains(program, step, gater, block.rows, late) {
                None => add(states, values, stride, running),
                Some(gains) => add_product(states, values, &self.activations[gains], stride, running),
            };
        }
        let (mut scratch, mut starts) = (std::mem::take(&mut self.scratch), std::mem::take(&mut self.starts));
        let source = if let Some(symbols) = self.gathers(block, step) {
            Source::Symbols(&self.symbols[symbols])
        } else if !block.delays.is_empty() && self.find_taps(program, block, step, &mut starts) {
            Source::Taps(&starts)
        } else if self.scale_sources(program, block, step, &mut scratch[0]) {
            Source::Values(&scratch[0])
        } else {
            Source::Values(&self.activations[self.sources(units, block, seen)])
        };
        if let Gating::Rows { gater, late } = block.gating {
            let start = (step * self.ungated_rows + self.ungated_row[index]) * stride;
            let own = start..start + block.rows * stride;
            let mut ungated = std::mem::take(&mut self.ungated);
            let rows = &mut ungated[own];
            rows.fill(T::ZERO);
            self.bring(block, weights, source, (step, running), rows);
            match self.gains(program, step, gater, block.rows, late) {
                None => add(states, rows, stride, running),
                Some(gains) => add_product(states, rows, &self.activations[gains], stride, running),
            }
            self.ungated = ungated;
        } else {
            self.bring(block, weights, source, (step, running), states);
        }
        (self.scratch, self.starts) = (scratch, starts);
    }

    /// The rows of a dense or diagonal block's sources at a stored step.
    pub(super) fn sources(&self, units: usize, block: &Block, seen: usize) -> Range<usize> {
        match block.kind {
            BlockKind::Dense { source, columns } => self.rows(units, seen, source, columns),
            BlockKind::Diagonal { source } => self.rows(units, seen, source, block.rows),
            BlockKind::Sparse(_) => unreachable!("sparse blocks read edge by edge"),
        }
    }

    /// `out += weights * source`, dense or diagonal.
    fn bring(&self, block: &Block, weights: &[T], source: Source<T>, (step, running): (usize, usize), out: &mut [T]) {
        let stride = self.lanes;
        match (&block.kind, source) {
            (&BlockKind::Dense { columns, .. }, Source::Symbols(symbols)) => match self.path() {
                Some(path) => path.gather(out, weights, symbols, columns, step),
                None => accumulate_gathered(out, weights, symbols, columns, stride),
            },
            (&BlockKind::Dense { columns, .. }, Source::Values(values)) => {
                accumulate(out, weights, values, block.taps() * columns, stride, running);
            }
            (&BlockKind::Dense { columns, .. }, Source::Taps(starts)) => {
                accumulate_segments(out, weights, &self.activations, starts, columns, stride, running);
            }
            (_, Source::Values(values)) => accumulate_diagonal(out, weights, values, stride, running),
            (_, Source::Symbols(_) | Source::Taps(_)) => unreachable!("dense blocks gather"),
        }
    }

    /// Puts a block's sources times the gains of its columns and the factors of dropout into `scaled`, those of all its
    /// taps; false where there are none.
    pub(super) fn scale_sources(&self, program: &Program, block: &Block, step: usize, scaled: &mut [T]) -> bool {
        if !block.delays.is_empty() {
            self.gather_taps(program, block, step, scaled);
            return true;
        }
        let dropped = self.drops(program, block);
        let gating = block.gating.of_columns();
        if gating.is_none() && dropped.is_none() {
            return false;
        }
        let (stride, running) = (self.lanes, self.running(step));
        let sources = self.sources(program.units, block, self.seen(step, block.late));
        let count = sources.len() / stride;
        let scaled = &mut scaled[..sources.len()];
        scaled.copy_from_slice(&self.activations[sources]);
        if let Some(gains) = gating.and_then(|(gater, late)| self.gains(program, step, gater, count, late)) {
            scale(scaled, &self.activations[gains], stride, running);
        }
        if let Some(factors) = dropped {
            scale(scaled, factors, stride, running);
        }
        true
    }

    /// Whether a read sees the step before the first, where gains are 1.
    pub(super) fn is_first(&self, step: usize, late: bool) -> bool {
        late && step == 0 && self.fresh
    }

    /// Where the gains of consecutive gaters stand in `activations` at a step; `None` while they are 1.
    pub(super) fn gains(
        &self,
        program: &Program,
        step: usize,
        gater: usize,
        count: usize,
        late: bool,
    ) -> Option<Range<usize>> {
        if !program.fires(gater) || self.is_first(step, late) {
            return None;
        }
        Some(self.rows(program.units, self.seen(step, late), gater, count))
    }
}
