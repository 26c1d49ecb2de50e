//! What a run's future depends on, and the order in which a checkpoint holds it.

use std::sync::Arc;

use super::best::Best;
use super::event::Stopped;
use super::frame::{Kind, Reader, Writer};
use super::judge::Judge;
use super::options::{Learner, Options};
use super::order::Order;
use super::phase::Phase;
use super::rule::Rule;
use super::sets::Sets;
use crate::error::{Error, Result};
use crate::field::Choice;
use crate::learn::loss::{Cost, Loss};
use crate::learn::score::Score;
use crate::program::Program;

/// A checkpoint, of the second version: the first one does not know the samples, nor how well the best iteration did.
const CHECKPOINT: Kind = Kind { magic: *b"engram\x00\x02", oldest: 1, name: "checkpoint" };

/// All that a run's future depends on, beside network, set and options.
#[derive(Debug)]
pub struct State {
    /// What the run does next.
    pub phase: Phase,
    /// Iterations begun.
    pub iteration: u32,
    /// Iterations finished.
    pub finished: u32,
    /// Samples trained on, modulo 2^32.
    pub examples: u32,
    /// Learning rate of this iteration.
    pub rate: f64,
    /// Error of the last finished iteration.
    pub error: f64,
    /// Share of right answers in the last finished iteration; `None` for outputs that are values.
    pub accuracy: Option<f64>,
    /// Error and accuracy on the samples trained on, while they were trained on.
    pub training: Score,
    /// The judge of this iteration's outputs.
    pub judge: Judge,
    /// The order of the samples.
    pub order: Order,
    /// The run's own copy of the network's memory.
    pub memory: Vec<f64>,
    /// Parameters after the last iteration that was finite.
    pub finite: Vec<f64>,
    /// The best iteration.
    pub best: Best,
    /// The learning rule and its working numbers.
    pub rule: Rule,
}

/// What a run and its checkpoint must have in common.
fn identity(options: &Options, order: &Order) -> [u64; 4] {
    let Options { learner, precision, optimizer, .. } = options;
    let held_out = order.len() - order.train_count();
    [*learner as u64, *precision as u64, *optimizer as u64, held_out as u64]
}

impl State {
    /// The state at the start of a run.
    pub fn new(memory: Vec<f64>, program: &Arc<Program>, sets: &Sets, options: &Options) -> Self {
        let parameters = &memory[program.layout.parameters()];
        let outputs = &program.squash[program.outputs.clone()];
        let loss = Loss::choose(outputs, options.cost);
        let cost = options.cost.unwrap_or(Cost::usual(outputs, options.learner == Learner::Bptt));
        let judge = Judge::new((!options.host_cost).then_some(cost), outputs);
        let accuracy = judge.score().accuracy;
        let mut order = Order::new(sets, options);
        if options.shuffle && options.learner == Learner::Bptt {
            order.shuffle(&sets.data);
        }
        State {
            phase: Phase::Begin,
            iteration: 0,
            finished: 0,
            examples: 0,
            rate: 0.0,
            error: 1.0,
            accuracy,
            training: Score { error: 1.0, accuracy },
            judge,
            order,
            finite: parameters.to_vec(),
            best: Best::new(options),
            rule: Rule::new(program, sets, parameters, options, loss),
            memory,
        }
    }

    /// A checkpoint; `None` in a phase in which a run is not written down. `samples` is [`Sets::checksum`].
    pub fn write(&self, sets: &Sets, options: &Options, samples: u64) -> Option<Vec<u8>> {
        let phase = self.phase.numbers()?;
        let mut writer = Writer::new(CHECKPOINT);
        for number in identity(options, &self.order).into_iter().chain([samples]).chain(phase) {
            writer.number(number);
        }
        let (cost, weight, right, count) = self.judge.tally().parts();
        for number in [self.iteration.into(), self.finished.into(), self.examples.into(), right, count.into()] {
            writer.number(number);
        }
        let Score { error, accuracy } = self.training;
        let share = |accuracy: Option<f64>| accuracy.unwrap_or(0.0);
        for real in [self.rate, self.error, share(self.accuracy), error, share(accuracy), cost] {
            writer.real(real);
        }
        // Where samples have no weights, it is the count.
        if sets.are_weighted() {
            writer.real(weight);
        }
        self.order.write(&mut writer);
        writer.reals(self.memory.iter().copied());
        writer.reals(self.finite.iter().copied());
        self.best.write(&mut writer);
        self.judge.write_outputs(&mut writer);
        self.rule.write(&mut writer);
        Some(writer.finish())
    }

    /// Takes back what [`State::write`] wrote. A state that can't is of no more use.
    pub fn read(&mut self, bytes: &[u8], sets: &Sets, options: &Options, samples: u64) -> Result<()> {
        let mut whole = Reader::new(CHECKPOINT, bytes)?;
        let reader = &mut whole;
        for number in identity(options, &self.order) {
            reader.expect(number)?;
        }
        if reader.version() > 1 {
            reader.expect(samples)?;
        }
        let (phase, next) = (reader.number()?, reader.number()?);
        (self.iteration, self.finished, self.examples) = (reader.count()?, reader.count()?, reader.count()?);
        let (right, count) = (reader.number()?, reader.count()?);
        // Outputs that are values have no accuracy, whatever stands in its place.
        let has_accuracy = self.accuracy.is_some();
        let share = |written: f64| has_accuracy.then_some(written);
        (self.rate, self.error, self.accuracy) = (reader.real()?, reader.real()?, share(reader.real()?));
        self.training = Score { error: reader.real()?, accuracy: share(reader.real()?) };
        let cost = reader.real()?;
        let weight = if sets.are_weighted() { reader.real()? } else { count.into() };
        self.judge.tally_mut().set_parts((cost, weight, right, count));
        // Of another set, before its place in that is looked at.
        self.order.read(reader)?;
        self.phase = Phase::from_numbers(phase, reader.bounded(next, sets.count().max(Stopped::ALL.len()) + 1)?);
        self.memory = reader.reals(Some(self.memory.len()))?;
        self.finite = reader.reals(Some(self.finite.len()))?;
        self.best.read(reader, self.finite.len(), has_accuracy)?;
        self.judge.read_outputs(reader, sets)?;
        self.rule.read(reader)?;
        whole.finish()?;
        let next = match self.phase {
            Phase::Train { next } => {
                let end = next.saturating_add(options.batch_size).min(self.order.train_count());
                self.order.indices().get(next..end)
            }
            _ => None,
        };
        if !self.rule.carries(next) {
            return Err(Error::Range("the checkpoint has contexts of other samples".into()));
        }
        if !self.memory.iter().chain(&self.finite).chain(self.best.parameters()).all(|value| value.is_finite()) {
            return Err(Error::Range("the checkpoint has numbers that are not finite".into()));
        }
        if self.phase == Phase::Done(Stopped::Iterations) && self.iteration < options.iterations {
            // The run that wrote the checkpoint had done all its iterations; now there are more.
            self.phase = Phase::Begin;
        } else if self.phase == Phase::Begin && self.iteration >= options.iterations {
            // As many as are asked for have been done; a next one is not begun. One that had begun is finished.
            self.phase = Phase::Done(Stopped::Iterations);
        }
        Ok(())
    }
}
