//! Where sequences stand between two passes: each begins afresh, or goes on from where the last one ended.

use super::{Bptt, grow, skipped};
use crate::data::{DataSet, Sample};
use crate::kernels::{LANES, Real};
use crate::program::Program;

/// The states and activations that a forward pass begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// States and activations 0, gains 1.
    Fresh,
    /// States and activations at the end of the last pass of the same batch.
    Carried,
}

/// Cuts sequences, ordered from long to short, into passes of at most `most` steps: what each pass
/// runs, and with which context.
pub fn passes(samples: &[Sample], most: usize) -> impl Iterator<Item = (Vec<Sample>, Context)> {
    let longest = samples.first().map_or(0, |sample| sample.steps);
    (0..longest).step_by(most.max(1)).map(move |done| {
        let running = samples.iter().take_while(|sample| sample.steps > done);
        (
            running.map(|sample| sample.cut(done, most)).collect(),
            if done == 0 { Context::Fresh } else { Context::Carried },
        )
    })
}

/// Numbers of the context of one sequence of a set, see [`Bptt::contexts`].
pub fn context_size(program: &Program, data: &DataSet) -> usize {
    2 * (program.units - skipped(program, data))
}

impl<T: Real> Bptt<T> {
    /// States and activations of `count` sequences, the first of the last pass, at its end: (count, 2, kept units).
    pub fn contexts(&self, program: &Program, count: usize) -> Vec<T> {
        let kept = program.units - self.skipped;
        let last = self.batch[0].steps * kept * self.lanes;
        let mut contexts = Vec::with_capacity(count * 2 * kept);
        for lane in 0..count {
            for steps_of in [&self.states, &self.activations] {
                contexts.extend(steps_of[last + lane..].iter().step_by(self.lanes).take(kept));
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
            grow(steps_of, plane);
            steps_of[..plane].fill(T::ZERO);
        }
        for (lane, context) in contexts.chunks_exact(2 * kept).enumerate() {
            let (states, activations) = context.split_at(kept);
            for (steps_of, values) in [(&mut self.states, states), (&mut self.activations, activations)] {
                steps_of[lane..].iter_mut().step_by(self.lanes).zip(values).for_each(|(to, &from)| *to = from);
            }
        }
        // The pass before had no step beyond its context.
        self.batch.clear();
        self.batch.push(Sample { first: 0, steps: 0, weight: 1.0 });
    }
}
