//! The learning rule of a run, with its working numbers.

use super::batch::SequenceRule;
use super::checkpoint::{Reader, Writer};
use super::options::{Learner, Options, Precision};
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

impl Rule {
    /// The rule at the start of a run.
    pub fn new(program: &Program, parameters: &[f64], options: &Options, loss: Loss) -> Self {
        match (options.learner, options.precision) {
            (Learner::Online, _) => Rule::Online(Online::default()),
            (Learner::Bptt, Precision::F32) => Rule::Single(SequenceRule::new(program, parameters, options, loss)),
            (Learner::Bptt, Precision::F64) => Rule::Double(SequenceRule::new(program, parameters, options, loss)),
        }
    }

    /// Writes down what the rule knows beside the network's memory.
    pub fn write(&self, writer: &mut Writer) {
        match self {
            Rule::Online(_) => {}
            Rule::Single(rule) => rule.write(writer),
            Rule::Double(rule) => rule.write(writer),
        }
    }

    /// Takes back what [`Rule::write`] wrote.
    pub fn read(&mut self, reader: &mut Reader) -> Result<()> {
        match self {
            Rule::Online(_) => Ok(()),
            Rule::Single(rule) => rule.read(reader),
            Rule::Double(rule) => rule.read(reader),
        }
    }
}
