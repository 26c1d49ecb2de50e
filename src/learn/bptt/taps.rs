//! Delays: what a step reads of steps before, forward and back.
//!
//! Delays count in the direction of the phase: a reversed one reads d steps after. Its sequences begin at steps of
//! their own, before which all is 0.

use super::Bptt;
use super::backward::first_source;
use crate::kernels::lanes::{add_product, scale};
use crate::kernels::{Real, accumulate_transposed};
use crate::program::{Block, BlockKind, Edge, Program};

impl<T: Real> Bptt<T> {
    /// The step that a delay reads, among the kept ones, and how many lanes have one; `None` where none has.
    fn read_before(&self, step: usize, delay: usize) -> Option<(usize, usize)> {
        if !self.reversed || delay == 0 {
            return Some((self.kept(step) - delay, self.lanes));
        }
        let lanes = self.batch.partition_point(|sample| sample.steps > step + delay);
        (lanes > 0).then_some((self.kept(step) + delay, lanes))
    }

    /// The step that an edge reads, among the kept ones, and how many of the running lanes have one; `None` where none
    /// has.
    pub(super) fn read_by_edge(&self, edge: &Edge, step: usize) -> Option<(usize, usize)> {
        let running = self.running(step);
        match edge.delay {
            0 => Some((self.seen(step, edge.late), running)),
            delay => self.read_before(step, delay).map(|(seen, lanes)| (seen, lanes.min(running))),
        }
    }

    /// Where what each tap of a block reads begins in `activations`, (taps); false where that is not what it is, as lanes
    /// have no such step or factors of dropout. One lane alone has kernels for whole panels only.
    pub(super) fn find_taps(&self, program: &Program, block: &Block, step: usize, starts: &mut Vec<usize>) -> bool {
        starts.clear();
        if self.lanes == 1 || self.drops(program, block).is_some() {
            return false;
        }
        let (running, (first, columns)) = (self.running(step), sources_of(block));
        starts.extend(block.delays.iter().map_while(|&delay| {
            let (seen, _) = self.read_before(step, delay).filter(|&(_, lanes)| lanes >= running)?;
            Some(self.rows(program.units, seen, first, columns).start)
        }));
        starts.len() == block.taps()
    }

    /// Gathers what a block's taps read into `panel` (taps, columns, lanes), times the factors of dropout.
    pub(super) fn gather_taps(&self, program: &Program, block: &Block, step: usize, panel: &mut [T]) {
        let (stride, running, factors) = (self.lanes, self.running(step), self.drops(program, block));
        let (first, columns) = sources_of(block);
        for (panel, &delay) in panel.chunks_exact_mut(columns * stride).zip(&block.delays) {
            let Some((seen, lanes)) = self.read_before(step, delay) else {
                panel.fill(T::ZERO);
                continue;
            };
            panel.copy_from_slice(&self.activations[self.rows(program.units, seen, first, columns)]);
            if lanes < running {
                panel.chunks_exact_mut(stride).for_each(|row| row[lanes..].fill(T::ZERO));
            }
            if let Some(factors) = factors {
                scale(panel, factors, stride, running);
            }
        }
    }

    /// Sends the deltas of a block with taps, (rows, lanes), to its weights, and to the steps that it read.
    pub(super) fn backward_taps(
        &mut self,
        program: &Program,
        weights: &[T],
        index: usize,
        step: usize,
        panel: &mut [T],
        deltas: &[T],
    ) {
        let block = &program.blocks[index];
        let (stride, running) = (self.lanes, self.running(step));
        let (first, columns) = sources_of(block);
        let panel = &mut panel[..block.taps() * columns * stride];
        let mut starts = std::mem::take(&mut self.starts);
        if self.find_taps(program, block, step, &mut starts) {
            if self.path().is_none()
                && let Some(gradient) = &mut self.dense[index]
            {
                gradient.add_segments(deltas, &self.activations, &starts, stride, running);
            }
        } else {
            self.gather_taps(program, block, step, panel);
            self.backward_values(index, block, panel, running, deltas);
        }
        self.starts = starts;
        // Nobody asks for the gradient of an input.
        if first < program.inputs && self.path().is_none() {
            return;
        }
        let factors = self.factors(program, block);
        let pitch = block.taps() * columns;
        for (tap, &delay) in block.delays.iter().enumerate() {
            // Lanes that had no such step are dropped where this is taken.
            let Some(read) = (if delay == 0 { Some(0) } else { self.step_before(step, delay) }) else { continue };
            let rows = self.rows(program.units, read, first, columns);
            let slopes = if delay == 0 { &mut self.now[rows] } else { &mut self.sent[rows] };
            let weights = &weights[tap * columns..];
            let Some(factors) = factors.clone() else {
                accumulate_transposed(slopes, weights, deltas, pitch, stride, running);
                continue;
            };
            let arriving = &mut panel[..columns * stride];
            arriving.fill(T::ZERO);
            accumulate_transposed(arriving, weights, deltas, pitch, stride, running);
            add_product(slopes, arriving, &self.mask[factors], stride, running);
        }
    }

    /// The step that a delay reads, if the pass has it.
    pub(super) fn step_before(&self, step: usize, delay: usize) -> Option<usize> {
        if self.reversed {
            Some(step + delay).filter(|&read| read < self.batch[0].steps)
        } else {
            step.checked_sub(delay)
        }
    }
}

/// The first source of a block with taps, and how many sources each tap has.
fn sources_of(block: &Block) -> (usize, usize) {
    (first_source(block), taps_times_columns(block).unwrap_or(0) / block.taps())
}

/// Whether gradient is sent to steps that the backward pass has yet to come to.
pub(super) fn sends(program: &Program) -> bool {
    program.is_phased() || program.past.depth > 0
}

/// Rows of the panel in which a block gathers what its taps read; `None` for a block without delays.
pub(super) fn taps_times_columns(block: &Block) -> Option<usize> {
    match block.kind {
        BlockKind::Dense { columns, .. } => (!block.delays.is_empty()).then(|| block.delays.len() * columns),
        _ => None,
    }
}
