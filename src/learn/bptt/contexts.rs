//! What passes keep of the units, and where sequences stand between two of them, as numbers: so that a pass elsewhere
//! goes on from there.

use super::Bptt;
use crate::data::{DataSet, Sample};
use crate::kernels::{LANES, Real, can_gather};
use crate::program::{Block, BlockKind, Program};

/// Units of a program that a pass over a set need not keep: the inputs, where these are symbols, and all that reads
/// an input is a matrix of weights over them that learns nothing of gates of its columns.
pub fn skipped(program: &Program, data: &DataSet) -> usize {
    let inputs = program.inputs;
    let gathers = |block: &Block| match &block.kind {
        &BlockKind::Dense { source, columns } if source < inputs => {
            (source, columns) == (0, inputs)
                && can_gather(columns)
                && block.delays.is_empty()
                && !block.late
                && block.gating.of_columns().is_none()
        }
        BlockKind::Dense { .. } => true,
        BlockKind::Diagonal { source } => *source >= inputs,
        BlockKind::Sparse(edges) => edges.iter().all(|edge| edge.source >= inputs),
    };
    if data.symbols().is_some() && program.blocks.iter().all(gathers) { inputs } else { 0 }
}

/// Numbers of the context of one sequence of a set, see [`Bptt::contexts`].
pub fn context_size(program: &Program, data: &DataSet) -> usize {
    2 * (program.units - skipped(program, data)) * program.past.depth.max(1)
}

impl<T: Real> Bptt<T> {
    /// States and activations of `count` sequences, the first of the last pass, at its end: (count, steps of the context,
    /// 2, kept units).
    pub fn contexts(&self, program: &Program, count: usize) -> Vec<T> {
        let kept = program.units - self.skipped;
        let plane = kept * self.lanes;
        let mut contexts = Vec::with_capacity(count * self.before_first * 2 * kept);
        for lane in 0..count {
            for step in self.batch[0].steps..self.batch[0].steps + self.before_first {
                for steps_of in [&self.states, &self.activations] {
                    contexts.extend(steps_of[step * plane + lane..].iter().step_by(self.lanes).take(kept));
                }
            }
        }
        contexts
    }

    /// Takes up the contexts of `count` sequences of a set, as [`Bptt::contexts`] gave them: a pass that carries its
    /// context goes on from there.
    pub fn take_up(&mut self, program: &Program, data: &DataSet, count: usize, contexts: &[T]) {
        self.skipped = skipped(program, data);
        self.lanes = count.next_multiple_of(LANES);
        let kept = program.units - self.skipped;
        let plane = kept * self.lanes;
        for steps_of in [&mut self.states, &mut self.activations] {
            grow(steps_of, self.before_first * plane);
            steps_of[..self.before_first * plane].fill(T::ZERO);
        }
        for (index, context) in contexts.chunks_exact(2 * kept).enumerate() {
            let (lane, step) = (index / self.before_first, index % self.before_first);
            let (states, activations) = context.split_at(kept);
            for (steps_of, values) in [(&mut self.states, states), (&mut self.activations, activations)] {
                let row = steps_of[step * plane + lane..].iter_mut().step_by(self.lanes);
                row.zip(values).for_each(|(to, &from)| *to = from);
            }
        }
        // The pass before had no step beyond its context.
        self.batch.clear();
        self.batch.push(Sample { first: 0, steps: 0, weight: 1.0 });
    }
}

/// Makes a buffer large enough.
pub(super) fn grow<T: Real>(buffer: &mut Vec<T>, size: usize) {
    if buffer.len() < size {
        buffer.resize(size, T::ZERO);
    }
}
