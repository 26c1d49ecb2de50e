//! How the outputs of an iteration are judged: by a cost, or by the host, for which they are kept.

use super::frame::{Reader, Writer};
use super::sets::Sets;
use crate::error::{Error, Result};
use crate::kernels::Squash;
use crate::learn::loss::Cost;
use crate::learn::score::{Score, Tally};

/// The judge of one run.
#[derive(Debug)]
pub struct Judge {
    /// `None` where the host computes the cost.
    cost: Option<Cost>,
    tally: Tally,
    outputs: Vec<f64>,
    output_steps: Vec<u32>,
}

impl Judge {
    /// A judge that has seen nothing, of outputs with these squashes; `cost` is `None` where the host computes it.
    pub fn new(cost: Option<Cost>, outputs: &[Squash]) -> Self {
        Judge { cost, tally: Tally::new(outputs), outputs: Vec::new(), output_steps: Vec::new() }
    }

    /// The cost; `None` where the host computes it.
    pub fn cost(&self) -> Option<Cost> {
        self.cost
    }

    /// Judges the output at a step (numbered through the run's sets) against its target, which counts `weight` times.
    #[inline(always)]
    pub fn see(&mut self, step: u32, weight: f64, target: &[f64], output: &[f64], softmax: bool) {
        let cost = match self.cost {
            Some(cost) => cost.of(target, output, softmax),
            None => {
                self.outputs.extend_from_slice(output);
                self.output_steps.push(step);
                0.0
            }
        };
        self.tally.add(cost, weight, target, output);
    }

    /// Judges a list by its loss, which counts `weight` times, and whether it was read right.
    pub fn see_list(&mut self, weight: f64, loss: f64, right: bool) {
        self.tally.add_list(loss, weight, right);
    }

    /// Forgets what was seen.
    pub fn clear(&mut self) {
        self.tally.clear();
        self.outputs.clear();
        self.output_steps.clear();
    }

    /// Cost and accuracy of what was seen.
    pub fn score(&self) -> Score {
        self.tally.score()
    }

    /// Outputs in the order they were made, with the steps that they answer, numbered through the run's sets; kept only
    /// where the host computes the cost.
    pub fn outputs(&self) -> (&[f64], &[u32]) {
        (&self.outputs, &self.output_steps)
    }

    /// What was counted.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The same, to be set to what was counted before.
    pub fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Writes down the outputs kept for the host.
    pub fn write_outputs(&self, writer: &mut Writer) {
        writer.reals(self.outputs.iter().copied());
        writer.numbers(self.output_steps.iter().map(|&step| step.into()));
    }

    /// Takes back what [`Judge::write_outputs`] wrote, of a run over the same sets.
    pub fn read_outputs(&mut self, reader: &mut Reader, sets: &Sets) -> Result<()> {
        self.outputs = reader.reals(None)?;
        self.output_steps = reader.numbers(None)?.into_iter().map(|step| step as u32).collect();
        let fits = self.outputs.len() == self.output_steps.len() * sets.data.output_size()
            && self.output_steps.iter().all(|&step| (step as usize) < sets.steps());
        if fits { Ok(()) } else { Err(Error::Range("the checkpoint has outputs of another set".into())) }
    }
}
