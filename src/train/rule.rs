//! The learning rule of a run, with its working numbers.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::frame::{Reader, Writer};
use super::options::{Learner, Options, Precision};
use super::sequence::{SequenceRule, Sequences};
use super::sets::Sets;
use crate::error::Result;
use crate::learn::loss::Loss;
use crate::learn::online::Online;
use crate::program::Program;

/// The rule.
#[derive(Debug)]
pub enum Rule {
    /// The online rule, always in double precision.
    Online(Online),
    /// The sequence rule.
    Sequences(Box<dyn Sequences>),
}

// A host drops a run that has panicked, so nobody sees what a panic left half-done.
impl UnwindSafe for Rule {}
impl RefUnwindSafe for Rule {}

impl Rule {
    /// The rule at the start of a run.
    pub fn new(program: &Arc<Program>, sets: &Sets, parameters: &[f64], options: &Options, loss: Loss) -> Self {
        match (options.learner, options.precision) {
            (Learner::Online, _) => Rule::Online(Online::default()),
            (Learner::Bptt, Precision::F32) => {
                Rule::Sequences(Box::new(SequenceRule::<f32>::new(program, sets, parameters, options, loss)))
            }
            (Learner::Bptt, Precision::F64) => {
                Rule::Sequences(Box::new(SequenceRule::<f64>::new(program, sets, parameters, options, loss)))
            }
        }
    }

    /// The sequence rule, if it is that.
    pub fn sequences(&self) -> Option<&dyn Sequences> {
        match self {
            Rule::Online(_) => None,
            Rule::Sequences(rule) => Some(&**rule),
        }
    }

    /// Writes down what the rule knows beside the network's memory.
    pub fn write(&self, writer: &mut Writer) {
        if let Rule::Sequences(rule) = self {
            rule.write(writer);
        }
    }

    /// Takes back what [`Rule::write`] wrote.
    pub fn read(&mut self, reader: &mut Reader) -> Result<()> {
        match self {
            Rule::Online(_) => Ok(()),
            Rule::Sequences(rule) => rule.read(reader),
        }
    }
}
