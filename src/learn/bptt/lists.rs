//! Lists of symbols as targets: the loss of a whole sequence, and what it sends to the outputs at every step.

use super::Bptt;
use crate::data::DataSet;
use crate::kernels::Real;
use crate::learn::ctc;
use crate::learn::score::largest;
use crate::program::Program;

impl<T: Real> Bptt<T> {
    /// Of every sequence of the last forward pass, which has run them from begin to end: the loss of its list, and 1 where
    /// the most probable path says the list, else 0; (sequences, 2). Keeps the gradient for the backward pass.
    pub fn judge_lists(&mut self, program: &Program, data: &DataSet) -> Vec<[f64; 2]> {
        let outputs = program.output_count();
        self.of_lists.clear();
        self.of_lists.resize(self.batch[0].steps * outputs * self.lanes, T::ZERO);
        let mut judged = Vec::with_capacity(self.batch.len());
        for lane in 0..self.batch.len() {
            let sample = self.batch[lane];
            let list = data.list(sample);
            let mut states = Vec::with_capacity(sample.steps * outputs);
            for step in 0..sample.steps {
                let rows = self.rows(program.units, self.kept(step), program.outputs.start, outputs);
                states.extend(self.states[rows].iter().skip(lane).step_by(self.lanes).map(|state| state.wide()));
            }
            let right = ctc::says(states.chunks_exact(outputs).map(largest), outputs - 1, list);
            let loss = ctc::loss(&mut states, outputs, list);
            for (at, slope) in states.into_iter().enumerate() {
                self.of_lists[at * self.lanes + lane] = T::of(slope);
            }
            judged.push([loss, f64::from(u8::from(right))]);
        }
        judged
    }

    /// Adds the gradient of the lists to the states of the outputs at a step; `share` is that of a list of weight 1.
    pub(super) fn add_loss_of_lists(&mut self, program: &Program, share: T, step: usize) {
        let outputs = program.output_count();
        let flat = self.rows(program.units, 0, program.outputs.start, outputs);
        let slopes = &self.of_lists[step * outputs * self.lanes..(step + 1) * outputs * self.lanes];
        for (row, slopes) in self.carried[flat].chunks_exact_mut(self.lanes).zip(slopes.chunks_exact(self.lanes)) {
            for ((sum, &slope), sample) in row.iter_mut().zip(slopes).zip(&self.batch) {
                *sum += share * T::of(sample.weight) * slope;
            }
        }
    }
}
