//! The seam at a read-out: where the steps of a sequence become one, and back.
//!
//! What pools, `y_t`, has run over the whole sequence by then. Its pool, and all that reads it, stands in a
//! plane of its own behind the steps, the *answer*: so the head is computed once for a sequence. Only a
//! sequence's own steps count, whatever runs beside it. A pool is made step by step, so a pass that goes on where another
//! ended, as in a stream, gives the same bits as one over all steps.

use super::{Bptt, Context};
use crate::kernels::{Real, softmax};
use crate::program::{Pooling, Program};

/// Consecutive units that pool in the same way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    first: usize,
    count: usize,
    pooling: Pooling,
    reversed: bool,
    /// First of its rows in [`Bptt::pooled`]: one per unit; of an attention, then the sum of the weights, the largest
    /// score, and the factors of a step.
    row: usize,
}

impl Pool {
    fn rows(&self) -> usize {
        self.count + if matches!(self.pooling, Pooling::Attention { .. }) { 4 } else { 0 }
    }
}

/// The pools of a program.
pub(super) fn pools(program: &Program) -> Vec<Pool> {
    let mut found: Vec<Pool> = Vec::new();
    for phase in program.phases.iter().filter(|_| program.has_readout()) {
        for unit in phase.units.clone() {
            let Some(pooling) = program.pooling[unit] else { continue };
            match found.last_mut() {
                Some(Pool { first, count, pooling: last, reversed, .. })
                    if (*first + *count, *last, *reversed) == (unit, pooling, phase.reversed) =>
                {
                    *count += 1;
                }
                last => {
                    let row = last.map_or(0, |last| last.row + last.rows());
                    found.push(Pool { first: unit, count: 1, pooling, reversed: phase.reversed, row });
                }
            }
        }
    }
    found
}

/// Takes the scores of a step, (running lanes), into the sum of the weights and the largest score so far, (lanes) each;
/// behind these it writes the factors of what was pooled before, and of the step: the softmax over the steps, relative
/// to the largest score so far, as in [`Pooling::read`] (Milakov & Gimelshein 2018, algorithm 3).
fn weigh<T: Real>(scores: &[T], is_first: bool, rows: &mut [T], stride: usize) {
    for (lane, &score) in scores.iter().enumerate() {
        let (weight, largest) = (rows[lane], rows[stride + lane]);
        let (kept, own) = if is_first {
            (T::ZERO, T::ONE)
        } else if score > largest {
            ((largest - score).exp(), T::ONE)
        } else {
            (T::ONE, (score - largest).exp())
        };
        rows[lane] = weight * kept + own;
        rows[stride + lane] = if is_first || score > largest { score } else { largest };
        (rows[2 * stride + lane], rows[3 * stride + lane]) = (kept, own);
    }
}

impl<T: Real> Bptt<T> {
    /// The step under which kernels find the answer: after the last step, and the context of reversed phases.
    pub(super) fn answer(&self) -> usize {
        self.batch[0].steps + 1
    }

    /// Gives the pools what they have kept when a pass begins. The last pass is still in `batch`.
    pub(super) fn begin_pools(&mut self, context: Context) {
        let Some(last) = self.pools.last() else { return };
        match context {
            Context::Fresh => {
                let size = (last.row + last.rows()) * self.lanes;
                self.pooled.iter_mut().for_each(|pooled| pooled.resize(size, T::ZERO));
                self.pooled[0].fill(T::ZERO);
                self.pooled_before = 0;
            }
            Context::Carried => {
                self.pooled.swap(0, 1);
                self.pooled_before += self.batch[0].steps;
            }
            Context::Same => {}
        }
    }

    /// Pools the activations of every step, (steps, kept units, lanes), into the answer's, (kept units, lanes).
    pub(super) fn pool(&mut self, program: &Program) {
        let pools = std::mem::take(&mut self.pools);
        let [before, mut kept] = std::mem::take(&mut self.pooled);
        kept.copy_from_slice(&before);
        let (units, stride, answer) = (program.units, self.lanes, self.kept(self.answer()));
        for pool in &pools {
            let &Pool { first, count, pooling, reversed, row } = pool;
            let (pooled, scores) = kept[row * stride..(row + pool.rows()) * stride].split_at_mut(count * stride);
            for step in 0..self.batch[0].steps {
                let running = self.batch.partition_point(|sample| sample.steps > step);
                let is_first = self.pooled_before + step == 0;
                if let Pooling::Attention { score } = pooling {
                    let row = &self.activations[self.rows(units, self.kept(step), score as usize, 1)][..running];
                    weigh(row, is_first, scores, stride);
                }
                let values = &self.activations[self.rows(units, self.kept(step), first, count)];
                for (pooled, values) in pooled.chunks_exact_mut(stride).zip(values.chunks_exact(stride)) {
                    let lanes = pooled[..running].iter_mut().zip(values);
                    match pooling {
                        Pooling::Last if reversed => {
                            if is_first {
                                lanes.for_each(|(pooled, &value)| *pooled = value);
                            }
                        }
                        // A later step overwrites it while the sequence runs.
                        Pooling::Last => lanes.for_each(|(pooled, &value)| *pooled = value),
                        Pooling::Mean => lanes.for_each(|(pooled, &value)| *pooled += value),
                        Pooling::Max => lanes.for_each(|(pooled, &value)| {
                            if is_first || value > *pooled {
                                *pooled = value;
                            }
                        }),
                        Pooling::Attention { .. } => {
                            let (kept, own) = scores[2 * stride..].split_at(stride);
                            lanes
                                .zip(kept.iter().zip(own))
                                .for_each(|((pooled, &value), (&kept, &own))| *pooled = *pooled * kept + value * own);
                        }
                    }
                }
            }
            let answers = self.rows(units, answer, first, count);
            let answers = &mut self.activations[answers];
            answers.copy_from_slice(pooled);
            for row in answers.chunks_exact_mut(stride) {
                let lanes = row.iter_mut().zip(&self.batch);
                match pooling {
                    Pooling::Last | Pooling::Max => {}
                    Pooling::Mean => {
                        lanes.for_each(|(sum, sample)| *sum = *sum / T::of((self.pooled_before + sample.steps) as f64));
                    }
                    Pooling::Attention { .. } => {
                        lanes.zip(scores.iter()).for_each(|((sum, _), &weight)| *sum = *sum / weight);
                    }
                }
            }
        }
        self.pools = pools;
        self.pooled = [before, kept];
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
        let (units, stride, answer) = (program.units, self.lanes, self.kept(self.answer()));
        for &Pool { first, count, pooling, reversed, .. } in &pools {
            if let Pooling::Attention { score } = pooling {
                self.attend(program, score as usize);
            }
            if matches!(pooling, Pooling::Mean) {
                let slopes = self.rows(units, 0, first, count);
                for row in self.now[slopes].chunks_exact_mut(stride) {
                    row.iter_mut().zip(&self.batch).for_each(|(slope, sample)| {
                        *slope = *slope / T::of(sample.steps as f64);
                    });
                }
            }
            for step in 0..self.batch[0].steps {
                let running = self.batch.partition_point(|sample| sample.steps > step);
                let scores = pooling.parts().1.map_or(0, |score| self.rows(units, step, score as usize, 1).start);
                for unit in first..first + count {
                    let row = |step: usize| self.rows(units, step, unit, 1).start;
                    let (flat, own, answer, sent) = (row(0), row(self.kept(step)), row(answer), row(step));
                    let values = &self.activations[own..][..running];
                    let answers = &self.activations[answer..][..running];
                    let slopes = &mut self.now[flat..][..running];
                    match pooling {
                        Pooling::Last => {
                            let ends = self.batch.iter().map(|sample| if reversed { 0 } else { sample.steps - 1 });
                            let lanes = self.sent[sent..].iter_mut().zip(slopes).zip(ends);
                            lanes.filter(|(_, end)| *end == step).for_each(|((sent, slope), _)| *sent += *slope);
                        }
                        Pooling::Mean => {
                            self.sent[sent..].iter_mut().zip(slopes).for_each(|(sent, slope)| *sent += *slope);
                        }
                        Pooling::Max => {
                            let lanes = self.sent[sent..].iter_mut().zip(slopes).zip(values).zip(answers);
                            for (((sent, slope), value), answer) in lanes {
                                // Without a branch, so that lanes go side by side.
                                let (own, left) = if value == answer { (*slope, T::ZERO) } else { (T::ZERO, *slope) };
                                *sent += own;
                                *slope = left;
                            }
                        }
                        Pooling::Attention { .. } => {
                            // y = sum of a_t y_t, a = softmax(s): dy/ds_t = a_t (y_t - y).
                            for lane in 0..running {
                                let share = self.shares[step * stride + lane] * slopes[lane];
                                self.sent[sent + lane] += share;
                                self.sent[scores + lane] += share * (values[lane] - answers[lane]);
                            }
                        }
                    }
                }
            }
        }
        self.pools = pools;
    }
}
