//! The seam at a read-out: where the steps of a sequence become one, and back.
//!
//! What pools, `y_t`, has run over the whole sequence by then. Its pool, and all that reads it, stands in a
//! plane of its own behind the steps, the *answer*: so the head is computed once for a sequence. Only a
//! sequence's own steps count, whatever runs beside it.

use super::Bptt;
use crate::kernels::{Real, softmax};
use crate::program::{Pooling, Program};

/// Consecutive units that pool in the same way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    first: usize,
    count: usize,
    pooling: Pooling,
    reversed: bool,
}

/// The pools of a program.
pub(super) fn pools(program: &Program) -> Vec<Pool> {
    let mut found: Vec<Pool> = Vec::new();
    for phase in program.phases.iter().filter(|_| program.has_readout()) {
        for unit in phase.units.clone() {
            let Some(pooling) = program.pooling[unit] else { continue };
            match found.last_mut() {
                Some(Pool { first, count, pooling: last, reversed })
                    if (*first + *count, *last, *reversed) == (unit, pooling, phase.reversed) =>
                {
                    *count += 1;
                }
                _ => found.push(Pool { first: unit, count: 1, pooling, reversed: phase.reversed }),
            }
        }
    }
    found
}

impl<T: Real> Bptt<T> {
    /// The step under which kernels find the answer: after the last step, and the context of reversed phases.
    pub(super) fn answer(&self) -> usize {
        self.batch[0].steps + 1
    }

    /// Pools the activations of every step, (steps, kept units, lanes), into the answer's, (kept units, lanes).
    pub(super) fn pool(&mut self, program: &Program) {
        let pools = std::mem::take(&mut self.pools);
        let (units, skipped, stride, answer) = (program.units, self.skipped, self.lanes, self.answer());
        for &Pool { first, count, pooling, reversed } in &pools {
            if let Pooling::Attention { score } = pooling {
                self.attend(program, score as usize);
            }
            let pooled = self.rows(units, self.kept(answer), first, count).start;
            let row = |step: usize| (step * (units - skipped) + first - skipped) * stride;
            let (steps, pooled) = self.activations.split_at_mut(pooled);
            let pooled = &mut pooled[..count * stride];
            pooled.fill(T::ZERO);
            for step in 0..self.batch[0].steps {
                let running = self.batch.partition_point(|sample| sample.steps > step);
                let values = &steps[row(self.before_first + step)..][..count * stride];
                for (pooled, values) in pooled.chunks_exact_mut(stride).zip(values.chunks_exact(stride)) {
                    let lanes = pooled[..running].iter_mut().zip(values);
                    match pooling {
                        Pooling::Last if reversed => {
                            if step == 0 {
                                lanes.for_each(|(pooled, &value)| *pooled = value);
                            }
                        }
                        // A later step overwrites it while the sequence runs.
                        Pooling::Last => lanes.for_each(|(pooled, &value)| *pooled = value),
                        Pooling::Mean => lanes.for_each(|(pooled, &value)| *pooled += value),
                        Pooling::Max => lanes.for_each(|(pooled, &value)| {
                            if step == 0 || value > *pooled {
                                *pooled = value;
                            }
                        }),
                        Pooling::Attention { .. } => lanes
                            .zip(&self.shares[step * stride..])
                            .for_each(|((pooled, &value), &share)| *pooled += share * value),
                    }
                }
            }
            if pooling == Pooling::Mean {
                for row in pooled.chunks_exact_mut(stride) {
                    row.iter_mut().zip(&self.batch).for_each(|(sum, sample)| *sum = *sum / T::of(sample.steps as f64));
                }
            }
        }
        self.pools = pools;
    }

    /// Writes each step's share of its sequence, (steps, lanes), to `shares`: the softmax over the steps of the
    /// score (Bahdanau, Cho & Bengio 2015, eq. 6).
    fn attend(&mut self, program: &Program, score: usize) {
        let (units, stride) = (program.units, self.lanes);
        self.shares.clear();
        self.shares.resize(self.batch[0].steps * stride, T::ZERO);
        for (lane, sample) in self.batch.iter().enumerate() {
            let mut column: Vec<T> = (0..sample.steps)
                .map(|step| self.activations[self.rows(units, self.kept(step), score, 1).start + lane])
                .collect();
            softmax(&mut column);
            self.shares[lane..].iter_mut().step_by(stride).zip(column).for_each(|(share, value)| *share = value);
        }
    }

    /// Sends the gradient of the pools, (kept units, lanes), which the answer's backward pass has left in `now`, on to
    /// the activations that were pooled at every step, and to the scores. Of equal largest values, the first gets it.
    pub(super) fn send_from_answer(&mut self, program: &Program) {
        let pools = std::mem::take(&mut self.pools);
        let (units, skipped, stride, answer) = (program.units, self.skipped, self.lanes, self.kept(self.answer()));
        for &Pool { first, count, pooling, reversed } in &pools {
            if let Pooling::Attention { score } = pooling {
                self.attend(program, score as usize);
            }
            for step in 0..self.batch[0].steps {
                for (lane, sample) in self.batch.iter().enumerate().take_while(|(_, sample)| sample.steps > step) {
                    let at = |step: usize, unit: usize| (step * (units - skipped) + unit - skipped) * stride + lane;
                    for unit in first..first + count {
                        let slope = self.now[at(0, unit)];
                        let own = at(self.kept(step), unit);
                        let sent = &mut self.sent[at(step, unit)];
                        match pooling {
                            Pooling::Last => {
                                if step == if reversed { 0 } else { sample.steps - 1 } {
                                    *sent += slope;
                                }
                            }
                            Pooling::Mean => *sent += slope / T::of(sample.steps as f64),
                            Pooling::Max => {
                                if self.activations[own] == self.activations[at(answer, unit)] {
                                    *sent += slope;
                                    self.now[at(0, unit)] = T::ZERO;
                                }
                            }
                            Pooling::Attention { score } => {
                                // y = sum of a_t y_t, a = softmax(s): dy/ds_t = a_t (y_t - y).
                                let share = self.shares[step * stride + lane] * slope;
                                *sent += share;
                                let above = self.activations[own] - self.activations[at(answer, unit)];
                                self.sent[at(step, score as usize)] += share * above;
                            }
                        }
                    }
                }
            }
        }
        self.pools = pools;
    }
}
