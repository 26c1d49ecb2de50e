//! The learning rule of a run, with its working numbers.

use std::sync::Arc;

use super::crew::Crew;
use super::frame::{Reader, Writer};
use super::judge::Judge;
use super::options::{Learner, Options, Precision};
use super::sequence::{SequenceRule, Step};
use super::sets::Sets;
use crate::error::Result;
use crate::learn::loss::Loss;
use crate::learn::online::Online;
use crate::program::Program;

/// The rule by its precision.
#[derive(Debug)]
pub enum Rule {
    /// The online rule, always in double precision.
    Online(Online),
    /// The sequence rule in single precision.
    Single(SequenceRule<f32>),
    /// The sequence rule in double precision.
    Double(SequenceRule<f64>),
}

/// What the sequence rule does, in either precision; the online rule has no batches.
macro_rules! sequences {
    ($rule:expr, $sequences:ident => $does:expr, online => $nothing:expr) => {
        match $rule {
            Rule::Online(_) => $nothing,
            Rule::Single($sequences) => $does,
            Rule::Double($sequences) => $does,
        }
    };
}

impl Rule {
    /// The rule at the start of a run.
    pub fn new(program: &Arc<Program>, sets: &Sets, parameters: &[f64], options: &Options, loss: Loss) -> Self {
        match (options.learner, options.precision) {
            (Learner::Online, _) => Rule::Online(Online::default()),
            (Learner::Bptt, Precision::F32) => {
                Rule::Single(SequenceRule::new(program, sets, parameters, options, loss))
            }
            (Learner::Bptt, Precision::F64) => {
                Rule::Double(SequenceRule::new(program, sets, parameters, options, loss))
            }
        }
    }

    /// See [`SequenceRule::join`].
    pub fn join(&mut self, crew: Arc<Crew>) {
        sequences!(self, rule => rule.join(crew), online => ());
    }

    /// See [`SequenceRule::open`].
    pub fn open(&mut self, samples: &[usize], learn: Option<Step>) {
        sequences!(self, rule => rule.open(samples, learn), online => ());
    }

    /// See [`SequenceRule::carries`].
    pub fn carries(&self, samples: Option<&[usize]>) -> bool {
        sequences!(self, rule => rule.carries(samples), online => true)
    }

    /// See [`SequenceRule::is_open`].
    pub fn is_open(&self) -> bool {
        sequences!(self, rule => rule.is_open(), online => false)
    }

    /// See [`SequenceRule::batch`].
    pub fn batch(&self) -> Option<Vec<u8>> {
        sequences!(self, rule => rule.batch(), online => None)
    }

    /// See [`SequenceRule::missing`].
    pub fn missing(&self) -> Vec<usize> {
        sequences!(self, rule => rule.missing(), online => Vec::new())
    }

    /// See [`SequenceRule::steps`].
    pub fn steps(&self) -> Vec<usize> {
        sequences!(self, rule => rule.steps(), online => Vec::new())
    }

    /// See [`SequenceRule::take`].
    pub fn take(&mut self, part: &[u8]) -> Result<bool> {
        sequences!(self, rule => rule.take(part), online => Ok(false))
    }

    /// See [`SequenceRule::compute`].
    pub fn compute(&mut self) {
        sequences!(self, rule => rule.compute(), online => ());
    }

    /// See [`SequenceRule::close`]; then copies the parameters to a network's memory.
    pub fn close(&mut self, parameters: &mut [f64], judge: &mut Judge) -> bool {
        sequences!(self, rule => {
            let is_over = rule.close(judge);
            rule.copy_parameters(parameters);
            is_over
        }, online => true)
    }

    /// Writes down what the rule knows beside the network's memory.
    pub fn write(&self, writer: &mut Writer) {
        sequences!(self, rule => rule.write(writer), online => ());
    }

    /// Takes back what [`Rule::write`] wrote.
    pub fn read(&mut self, reader: &mut Reader) -> Result<()> {
        sequences!(self, rule => rule.read(reader), online => Ok(()))
    }
}
