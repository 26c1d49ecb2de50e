//! One training run.
//!
//! The run is a state machine: [`Run::step`] trains until its host's patience ends or it needs the
//! host's word (a learning rate, a cost, a schedule), and says which. The same machine so serves
//! the synchronous `train` on the page and the asynchronous one in a worker.

use std::sync::Arc;

use super::batch::{SequenceRule, Step, check_memory};
use super::checkpoint::{Reader, Writer};
use super::crew::Crew;
use super::options::{Decay, Learner, Options, Precision, Rate};
use crate::data::{DataSet, Sample};
use crate::error::{Error, Result};
use crate::kernels::{Compiled, Real};
use crate::learn::bptt::Dropout;
use crate::learn::loss::{Cost, Loss};
use crate::learn::online::Online;
use crate::network::{Score, Shared, Tally};
use crate::random::Random;
use crate::shared::Word;

/// Multiplications between two looks at the clock, the control words and the shared memory: about
/// 0.1 ms.
const WORK_PER_LOOK: usize = 200_000;

/// Batches among which sequences are sorted by length.
const POOL: usize = 16;

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All iterations were done.
    Iterations,
    /// The error goal was reached.
    Error,
    /// The error goal on the held-out part was reached.
    CrossValidation,
    /// The error has not become less for as long as the run had patience.
    Patience,
    /// The schedule said so.
    Schedule,
    /// The abort word was set.
    Aborted,
    /// The error or a weight became infinite or not a number; the weights are those of the last
    /// iteration that was finite.
    Diverged,
}

impl Stopped {
    /// Every reason, in the order of its number.
    const ALL: [Stopped; 7] = [
        Stopped::Iterations,
        Stopped::Error,
        Stopped::CrossValidation,
        Stopped::Patience,
        Stopped::Schedule,
        Stopped::Aborted,
        Stopped::Diverged,
    ];

    /// Its name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Stopped::Iterations => "iterations",
            Stopped::Error => "error",
            Stopped::CrossValidation => "crossValidation",
            Stopped::Patience => "patience",
            Stopped::Schedule => "schedule",
            Stopped::Aborted => "aborted",
            Stopped::Diverged => "diverged",
        }
    }
}

/// What the run needs from its host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask {
    /// The learning rate of this iteration, see [`Run::answer_rate`].
    Rate {
        /// Iteration that begins, from 1.
        iteration: u32,
        /// Error of the one before; 0 at first.
        last_error: f64,
    },
    /// The mean cost of [`Run::outputs`], see [`Run::answer_cost`].
    Cost,
    /// Whether to go on, see [`Run::answer_schedule`].
    Schedule,
}

/// Why [`Run::step`] returned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The host's patience ended.
    Slice,
    /// The pause word is set.
    Paused,
    /// A checkpoint was asked for, or is due; [`Run::checkpoint`] makes it.
    Checkpoint,
    /// The host's word is needed.
    Ask(Ask),
    /// An iteration ended; [`Run::iteration`] and [`Run::error`] tell.
    Iteration,
    /// The run ended.
    Done(Stopped),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Begin,
    AwaitRate,
    Train { next: usize },
    Test { next: usize },
    AwaitCost,
    Report,
    AwaitSchedule,
    Save,
    End,
    Done(Stopped),
}

/// The rule and its working numbers.
#[derive(Debug)]
enum Rule {
    Online(Online),
    Single(SequenceRule<f32>),
    Double(SequenceRule<f64>),
}

/// The best iteration so far.
#[derive(Debug)]
struct Best {
    error: f64,
    /// Its parameters, kept where the run may go back to them.
    parameters: Vec<f64>,
    /// Iterations since then.
    age: u32,
    /// Iterations since then, or since the rate last fell on a plateau.
    plateau_age: u32,
    plateaus: u32,
}

impl Default for Best {
    fn default() -> Self {
        Best { error: f64::INFINITY, parameters: Vec::new(), age: 0, plateau_age: 0, plateaus: 0 }
    }
}

/// A training run over one network.
#[derive(Debug)]
pub struct Run {
    shared: Shared,
    data: Arc<DataSet>,
    options: Options,
    rule: Rule,
    /// The run's own copy of the network's memory.
    memory: Vec<f64>,
    /// Parameters after the last iteration that was finite.
    finite: Vec<f64>,
    best: Best,
    order: Vec<usize>,
    train_count: usize,
    random: Random,
    phase: Phase,
    iteration: u32,
    finished: u32,
    rate: f64,
    error: f64,
    accuracy: f64,
    /// Error and accuracy on the samples trained on, while they were trained on.
    training: Score,
    tally: Tally,
    cost: Cost,
    outputs: Vec<f64>,
    output_steps: Vec<u32>,
    examples: u32,
    work: usize,
    crew: Arc<Crew>,
}

impl Run {
    /// A run over a network whose region is already in the run's hands
    /// ([`Region::begin_run`](crate::shared::Region::begin_run)).
    pub fn new(shared: Shared, data: Arc<DataSet>, options: Options) -> Result<Self> {
        let program = &shared.program;
        if data.input_size() != program.inputs || data.output_size() != program.output_count() {
            return Err(Error::Range(format!(
                "the set has {} inputs and {} outputs, the network {} and {}",
                data.input_size(),
                data.output_size(),
                program.inputs,
                program.output_count()
            )));
        }
        if options.held_out >= data.len() {
            return Err(Error::Range(format!("{} of {} samples are held out", options.held_out, data.len())));
        }
        if program.is_bidirectional() && (options.learner == Learner::Online || options.truncate > 0) {
            return Err(Error::Type(
                "a bidirectional network learns from whole sequences, by 'bptt' and without truncate".into(),
            ));
        }
        let train_count = data.len() - options.held_out;
        match (options.learner, options.precision) {
            (Learner::Online, _) => {}
            (Learner::Bptt, Precision::F32) => check_memory::<f32>(program, &data, &options)?,
            (Learner::Bptt, Precision::F64) => check_memory::<f64>(program, &data, &options)?,
        }
        let memory = shared.region.copy(0..shared.region.len());
        let parameters = &memory[program.layout.parameters()];
        let outputs = &program.squash[program.outputs.clone()];
        let loss = Loss::choose(outputs, options.cost);
        let rule = match (options.learner, options.precision) {
            (Learner::Online, _) => Rule::Online(Online::default()),
            (Learner::Bptt, Precision::F32) => Rule::Single(SequenceRule::new(program, parameters, &options, loss)),
            (Learner::Bptt, Precision::F64) => Rule::Double(SequenceRule::new(program, parameters, &options, loss)),
        };
        let cost = options.cost.unwrap_or(match options.learner {
            Learner::Online => Cost::Mse,
            Learner::Bptt => loss.cost(),
        });
        let mut run = Run {
            finite: parameters.to_vec(),
            best: Best::default(),
            order: (0..data.len()).collect(),
            random: Random::new(options.seed),
            rule,
            memory,
            train_count,
            phase: Phase::Begin,
            iteration: 0,
            finished: 0,
            rate: 0.0,
            error: 1.0,
            accuracy: 0.0,
            training: Score { error: 1.0, accuracy: 0.0 },
            tally: Tally::default(),
            cost,
            outputs: Vec::new(),
            output_steps: Vec::new(),
            examples: 0,
            work: 0,
            crew: Arc::default(),
            shared,
            data,
            options,
        };
        if run.options.shuffle && run.options.learner == Learner::Bptt {
            run.shuffle();
        }
        Ok(run)
    }

    /// Uses code compiled for the network's program, see [`Online::adopt`].
    pub fn adopt(&mut self, compiled: Compiled) {
        if let Rule::Online(online) = &mut self.rule {
            online.adopt(compiled);
        }
    }

    /// Lets the threads of a crew share the work of the sequence rule. Results stay the same, to
    /// the bit.
    pub fn join(&mut self, crew: Arc<Crew>) {
        self.crew = crew;
    }

    /// Iterations begun.
    pub fn iteration(&self) -> u32 {
        self.iteration
    }

    /// Iterations finished.
    pub fn finished(&self) -> u32 {
        self.finished
    }

    /// Error of the last finished iteration: of the held-out part where there is one.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Share of right answers in the last finished iteration.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// Error and accuracy on the samples trained on, in the last finished iteration.
    pub fn training(&self) -> Score {
        self.training
    }

    /// Learning rate of this iteration.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Why the run ended; `None` while it goes on.
    pub fn stopped(&self) -> Option<Stopped> {
        match self.phase {
            Phase::Done(stopped) => Some(stopped),
            _ => None,
        }
    }

    /// Samples trained on, modulo 2^32.
    pub fn examples(&self) -> u32 {
        self.examples
    }

    /// The network's memory as the run has it.
    pub fn memory(&self) -> &[f64] {
        &self.memory
    }

    /// Outputs of this iteration in the order they were made, with the steps of the data set they
    /// answer; kept only where the host computes the cost.
    pub fn outputs(&self) -> (&[f64], &[u32]) {
        (&self.outputs, &self.output_steps)
    }

    /// Answers [`Ask::Rate`].
    pub fn answer_rate(&mut self, rate: f64) {
        if self.phase == Phase::AwaitRate {
            self.rate = rate * self.rate_factor();
            self.phase = Phase::Train { next: 0 };
        }
    }

    /// Answers [`Ask::Cost`] with the mean cost per target.
    pub fn answer_cost(&mut self, cost: f64) {
        if self.phase == Phase::AwaitCost {
            self.error = cost;
            self.phase = Phase::Report;
        }
    }

    /// Answers [`Ask::Schedule`]; `stop` ends the run.
    pub fn answer_schedule(&mut self, stop: bool) {
        if self.phase == Phase::AwaitSchedule {
            self.phase = if stop { Phase::Done(Stopped::Schedule) } else { self.after_report() };
        }
    }

    /// Where the run stands, where it can be written down: at the start of an iteration, or among
    /// the samples to train on or to test on.
    fn position(&self) -> Option<[u64; 2]> {
        match self.phase {
            Phase::Begin => Some([0, 0]),
            Phase::Train { next } => Some([1, next as u64]),
            Phase::Test { next } => Some([2, next as u64]),
            Phase::Done(stopped) => Some([3, stopped as u64]),
            _ => None,
        }
    }

    /// The run as bytes, after [`Event::Checkpoint`]: [`Run::resume`] goes on as if it had never
    /// stopped, to the bit. `None` while the host is being asked.
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        let position = self.position()?;
        let mut writer = Writer::new();
        for number in self.identity() {
            writer.number(number);
        }
        for number in position {
            writer.number(number);
        }
        let (cost, right, count) = self.tally.parts();
        for number in [self.iteration, self.finished, self.examples, right, count] {
            writer.number(number.into());
        }
        let Score { error, accuracy } = self.training;
        for real in [self.rate, self.error, self.accuracy, error, accuracy, cost] {
            writer.real(real);
        }
        writer.numbers(self.order.iter().map(|&index| index as u64));
        writer.numbers(self.random.state().into_iter());
        writer.reals(self.memory.iter().copied());
        writer.reals(self.finite.iter().copied());
        let Best { error, parameters, age, plateau_age, plateaus } = &self.best;
        writer.real(*error);
        writer.reals(parameters.iter().copied());
        for number in [*age, *plateau_age, *plateaus] {
            writer.number(number.into());
        }
        writer.reals(self.outputs.iter().copied());
        writer.numbers(self.output_steps.iter().map(|&step| step.into()));
        match &self.rule {
            Rule::Online(_) => {}
            Rule::Single(rule) => rule.write(&mut writer),
            Rule::Double(rule) => rule.write(&mut writer),
        }
        Some(writer.finish())
    }

    /// What a run and its checkpoint must have in common.
    fn identity(&self) -> [u64; 4] {
        let Options { learner, precision, optimizer, held_out, .. } = &self.options;
        [*learner as u64, *precision as u64, *optimizer as u64, *held_out as u64]
    }

    /// Takes the place of the run that a checkpoint was made of: same network, set and options. A
    /// run that can't is of no more use.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<()> {
        let mut whole = Reader::new(bytes)?;
        let reader = &mut whole;
        for number in self.identity() {
            reader.expect(number)?;
        }
        let (phase, next) = (reader.number()?, reader.below(self.data.len().max(Stopped::ALL.len()) + 1)?);
        self.phase = match phase {
            0 => Phase::Begin,
            1 => Phase::Train { next },
            2 => Phase::Test { next },
            _ => Phase::Done(*Stopped::ALL.get(next).unwrap_or(&Stopped::Iterations)),
        };
        let mut number = || reader.below(u32::MAX as usize).map(|value| value as u32);
        (self.iteration, self.finished, self.examples) = (number()?, number()?, number()?);
        let (right, count) = (number()?, number()?);
        (self.rate, self.error, self.accuracy) = (reader.real()?, reader.real()?, reader.real()?);
        self.training = Score { error: reader.real()?, accuracy: reader.real()? };
        self.tally = Tally::from_parts((reader.real()?, right, count));
        let mut seen = vec![false; self.order.len()];
        for (place, index) in self.order.iter_mut().zip(reader.numbers(Some(seen.len()))?) {
            *place = index as usize;
            if seen.get(*place) != Some(&false) {
                return Err(Error::Range("the checkpoint has an order that is none".into()));
            }
            seen[*place] = true;
        }
        let state = reader.numbers(Some(4))?;
        self.random = Random::from_state([state[0], state[1], state[2], state[3]])
            .ok_or_else(|| Error::Range("the checkpoint has a broken random state".into()))?;
        self.memory = reader.reals(Some(self.memory.len()))?;
        self.finite = reader.reals(Some(self.finite.len()))?;
        self.best.error = reader.real()?;
        self.best.parameters = reader.reals(None)?;
        if !self.best.parameters.is_empty() && self.best.parameters.len() != self.finite.len() {
            return Err(Error::Range("the checkpoint is of another network".into()));
        }
        let mut number = || reader.below(u32::MAX as usize).map(|value| value as u32);
        (self.best.age, self.best.plateau_age, self.best.plateaus) = (number()?, number()?, number()?);
        self.outputs = reader.reals(None)?;
        self.output_steps = reader.numbers(None)?.into_iter().map(|step| step as u32).collect();
        let last = self.data.sample(self.data.len() - 1);
        let fits = self.outputs.len() == self.output_steps.len() * self.data.output_size()
            && self.output_steps.iter().all(|&step| (step as usize) < last.first + last.steps);
        if !fits {
            return Err(Error::Range("the checkpoint has outputs of another set".into()));
        }
        match &mut self.rule {
            Rule::Online(_) => {}
            Rule::Single(rule) => rule.read(reader)?,
            Rule::Double(rule) => rule.read(reader)?,
        }
        whole.finish()?;
        if !self.memory.iter().chain(&self.finite).chain(&self.best.parameters).all(|value| value.is_finite()) {
            return Err(Error::Range("the checkpoint has numbers that are not finite".into()));
        }
        if self.phase == Phase::Done(Stopped::Iterations) && self.iteration < self.options.iterations {
            // It did all that it was to do then; now there is more.
            self.phase = Phase::Begin;
        }
        self.publish();
        Ok(())
    }

    /// Trains until `patience()` is false, the host is needed, or an iteration or the run ends.
    pub fn step(&mut self, mut patience: impl FnMut() -> bool) -> Event {
        if let Some(event) = self.obey() {
            return event;
        }
        loop {
            match self.phase {
                Phase::Begin => self.begin_iteration(),
                Phase::AwaitRate => {
                    return Event::Ask(Ask::Rate {
                        iteration: self.iteration,
                        last_error: if self.iteration == 1 { 0.0 } else { self.error },
                    });
                }
                Phase::Train { next } if next < self.train_count => {
                    let next = self.train_some(next);
                    self.phase = Phase::Train { next };
                    if let Some(event) = self.look_around(&mut patience) {
                        return event;
                    }
                }
                Phase::Train { .. } => {
                    self.training = self.tally.score();
                    self.phase = if self.options.held_out > 0 {
                        self.tally = Tally::default();
                        self.outputs.clear();
                        self.output_steps.clear();
                        Phase::Test { next: self.train_count }
                    } else {
                        self.judge()
                    };
                }
                Phase::Test { next } if next < self.data.len() => {
                    let next = self.test_some(next);
                    self.phase = Phase::Test { next };
                    if let Some(event) = self.look_around(&mut patience) {
                        return event;
                    }
                }
                Phase::Test { .. } => self.phase = self.judge(),
                Phase::AwaitCost => return Event::Ask(Ask::Cost),
                Phase::Report => {
                    self.phase = self.report();
                    return Event::Iteration;
                }
                Phase::AwaitSchedule => return Event::Ask(Ask::Schedule),
                Phase::Save => {
                    // What is written down is a run that has this behind it.
                    self.end_iteration();
                    return Event::Checkpoint;
                }
                Phase::End => self.end_iteration(),
                Phase::Done(stopped) => {
                    self.finish();
                    return Event::Done(stopped);
                }
            }
        }
    }

    fn begin_iteration(&mut self) {
        self.iteration += 1;
        self.tally = Tally::default();
        self.outputs.clear();
        self.output_steps.clear();
        self.phase = Phase::Train { next: 0 };
        match &self.options.rate {
            Rate::Constant(rate) => self.rate = *rate * self.rate_factor(),
            Rate::Buckets(rates) => {
                let size = (self.options.iterations as usize / rates.len()).max(1);
                self.rate = rates[(self.iteration as usize / size).min(rates.len() - 1)] * self.rate_factor();
            }
            Rate::Host => self.phase = Phase::AwaitRate,
        }
    }

    /// What warm-up and decay make of the rate.
    fn rate_factor(&self) -> f64 {
        let Options { decay, warm_up, iterations, .. } = &self.options;
        let warm = (f64::from(self.iteration) / f64::from((*warm_up).max(1))).min(1.0);
        warm * decay.factor(self.iteration, *iterations, self.best.plateaus)
    }

    /// Trains on the next batch, or on as many single samples as make up some work.
    fn train_some(&mut self, mut next: usize) -> usize {
        match &mut self.rule {
            Rule::Online(_) => {
                while next < self.train_count && self.work < WORK_PER_LOOK {
                    self.online_sample(self.order[next], true);
                    next += 1;
                }
                next
            }
            Rule::Single(_) | Rule::Double(_) => {
                let end = (next + self.options.batch_size).min(self.train_count);
                self.sequence_batch(next..end, true);
                end
            }
        }
    }

    fn test_some(&mut self, mut next: usize) -> usize {
        match &mut self.rule {
            Rule::Online(_) => {
                while next < self.data.len() && self.work < WORK_PER_LOOK {
                    self.online_sample(self.order[next], false);
                    next += 1;
                }
                next
            }
            Rule::Single(_) | Rule::Double(_) => {
                let end = (next + self.options.batch_size).min(self.data.len());
                self.sequence_batch(next..end, false);
                end
            }
        }
    }

    fn online_sample(&mut self, index: usize, learn: bool) {
        let Rule::Online(online) = &mut self.rule else { return };
        let program = &self.shared.program;
        let sample = self.data.sample(index);
        if self.options.sequences {
            program.layout.split(&mut self.memory).reset_context();
        }
        let start = program.layout.activations();
        let outputs = start + program.outputs.start..start + program.outputs.end;
        for step in sample.first..sample.first + sample.steps {
            online.activate(program, &mut self.memory, self.data.input(step));
            let Some(target) = self.data.target(step) else { continue };
            let output = &self.memory[outputs.clone()];
            let cost = if self.options.host_cost {
                self.outputs.extend_from_slice(output);
                self.output_steps.push(step as u32);
                0.0
            } else {
                self.cost.of(target, output, program.has_softmax())
            };
            self.tally.add(cost, target, output);
            if learn {
                online.propagate(program, &mut self.memory, self.rate, target);
            }
        }
        self.examples = self.examples.wrapping_add(u32::from(learn));
        // Forward, traces and weights each pass over every weight.
        self.work += sample.steps * (3 * program.layout.weights + 2 * program.layout.extended + 64);
    }

    fn sequence_batch(&mut self, range: std::ops::Range<usize>, learn: bool) {
        let batch: Vec<Sample> = self.order[range].iter().map(|&index| self.data.sample(index)).collect();
        let count = batch.len() as u32;
        let Options { dropout: share, seed, clip_norm, .. } = self.options;
        let dropout = Dropout { share, seed: Random::new(seed ^ u64::from(self.iteration)).word() };
        let learn = learn.then_some(Step { rate: self.rate, clip_norm, dropout: Some(dropout) });
        let Run { shared, data, options, tally, outputs, output_steps, cost, crew, .. } = self;
        let program = &shared.program;
        let visit = |step: u32, output: &[f64]| {
            let Some(target) = data.target(step as usize) else { return };
            let cost = if options.host_cost {
                outputs.extend_from_slice(output);
                output_steps.push(step);
                0.0
            } else {
                cost.of(target, output, program.has_softmax())
            };
            tally.add(cost, target, output);
        };
        let parameters = &mut self.memory[program.layout.parameters()];
        match &mut self.rule {
            Rule::Single(rule) => {
                rule.run(program, data, batch, learn, crew, visit);
                widen(&rule.parameters, parameters);
            }
            Rule::Double(rule) => {
                rule.run(program, data, batch, learn, crew, visit);
                widen(&rule.parameters, parameters);
            }
            Rule::Online(_) => {}
        }
        if learn.is_some() {
            self.examples = self.examples.wrapping_add(count);
        }
        self.work += WORK_PER_LOOK;
    }

    /// Does what the control words say.
    fn obey(&mut self) -> Option<Event> {
        let region = &self.shared.region;
        if region.word(Word::Abort) != 0 && self.stopped().is_none() {
            self.phase = Phase::Done(Stopped::Aborted);
        } else if self.position().is_some() {
            // Where the host is being asked, the answer comes first.
            if region.word(Word::Checkpoint) != 0 {
                region.set_word(Word::Checkpoint, 0);
                return Some(Event::Checkpoint);
            }
            if region.word(Word::Pause) != 0 && self.stopped().is_none() {
                return Some(Event::Paused);
            }
        }
        None
    }

    /// Publishes the weights and obeys the control words, once enough work has been done.
    fn look_around(&mut self, patience: &mut impl FnMut() -> bool) -> Option<Event> {
        if self.work < WORK_PER_LOOK {
            return None;
        }
        self.work = 0;
        self.publish();
        self.shared.region.set_word(Word::Examples, self.examples as i32);
        let event = self.obey();
        if event.is_some() || self.stopped().is_some() {
            return event;
        }
        (!patience()).then_some(Event::Slice)
    }

    fn publish(&self) {
        let parameters = &self.memory[self.shared.program.layout.parameters()];
        if parameters.iter().all(|value| value.is_finite()) {
            self.shared.region.publish(parameters);
        }
    }

    fn judge(&mut self) -> Phase {
        let score = self.tally.score();
        self.accuracy = score.accuracy;
        self.error = score.error;
        if self.options.host_cost { Phase::AwaitCost } else { Phase::Report }
    }

    fn report(&mut self) -> Phase {
        let parameters = &self.memory[self.shared.program.layout.parameters()];
        if !self.error.is_finite() || !parameters.iter().all(|value| value.is_finite()) {
            return Phase::Done(Stopped::Diverged);
        }
        self.finite.copy_from_slice(parameters);
        if self.error < self.best.error {
            self.best = Best { error: self.error, age: 0, plateau_age: 0, ..std::mem::take(&mut self.best) };
            if self.options.patience > 0 {
                self.best.parameters.clear();
                self.best.parameters.extend_from_slice(parameters);
            }
        } else {
            self.best.age += 1;
            self.best.plateau_age += 1;
        }
        if let Decay::Plateau { patience, .. } = self.options.decay
            && self.best.plateau_age > patience
        {
            self.best.plateaus += 1;
            self.best.plateau_age = 0;
        }
        self.finished = self.iteration;
        let region = &self.shared.region;
        region.set_word(Word::Iteration, self.iteration as i32);
        region.set_word(Word::Examples, self.examples as i32);
        region.set_word(Word::Error, (self.error as f32).to_bits() as i32);
        let due = |every: u32| every > 0 && self.iteration.is_multiple_of(every);
        if due(self.options.schedule_every) || due(self.options.log_every) {
            Phase::AwaitSchedule
        } else {
            self.after_report()
        }
    }

    fn after_report(&self) -> Phase {
        let every = self.options.checkpoint_every;
        if every > 0 && self.iteration.is_multiple_of(every) { Phase::Save } else { Phase::End }
    }

    fn end_iteration(&mut self) {
        if self.options.shuffle {
            self.shuffle();
        }
        let Options { held_out, held_out_error, patience, .. } = self.options;
        self.phase = if self.iteration >= self.options.iterations {
            Phase::Done(Stopped::Iterations)
        } else if self.error <= self.options.error {
            Phase::Done(Stopped::Error)
        } else if held_out > 0 && self.error <= held_out_error {
            Phase::Done(Stopped::CrossValidation)
        } else if patience > 0 && self.best.age >= patience {
            Phase::Done(Stopped::Patience)
        } else {
            Phase::Begin
        };
    }

    /// A new order; where sequences of like length go together, pools of batches are ordered by
    /// length, and then the batches of each pool shuffled.
    fn shuffle(&mut self) {
        let order = &mut self.order[..self.train_count];
        self.random.shuffle(order);
        if !self.options.bucket {
            return;
        }
        let batch = self.options.batch_size;
        for pool in order.chunks_mut(POOL * batch) {
            pool.sort_by_key(|&index| std::cmp::Reverse(self.data.sample(index).steps));
            // Only whole batches change places, so that the rest stays the last one.
            let mut places: Vec<usize> = (0..pool.len() / batch).collect();
            self.random.shuffle(&mut places);
            let sorted = pool.to_vec();
            for (place, from) in places.into_iter().enumerate() {
                pool[place * batch..][..batch].copy_from_slice(&sorted[from * batch..][..batch]);
            }
        }
    }

    fn finish(&mut self) {
        let program = &self.shared.program;
        let parameters = &mut self.memory[program.layout.parameters()];
        if !self.best.parameters.is_empty() {
            // Who has patience wants the best, whatever ended the run.
            parameters.copy_from_slice(&self.best.parameters);
            program.layout.split(&mut self.memory).reset_context();
        } else if !parameters.iter().all(|value| value.is_finite()) {
            parameters.copy_from_slice(&self.finite);
            program.layout.split(&mut self.memory).reset_context();
        }
        self.publish();
    }
}

fn widen<T: Real>(from: &[T], into: &mut [f64]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into = from.wide();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::architect::{LstmOptions, Output, Variant, lstm, perceptron};
    use crate::network::Network;

    fn options(learner: Learner) -> Options {
        Options {
            learner,
            rate: Rate::Constant(0.2),
            iterations: 20_000,
            error: 0.005,
            shuffle: false,
            cost: None,
            host_cost: false,
            held_out: 0,
            held_out_error: -1.0,
            patience: 0,
            schedule_every: 0,
            log_every: 0,
            checkpoint_every: 0,
            sequences: learner == Learner::Bptt,
            optimizer: crate::learn::optimizer::Method::Adam,
            weight_decay: 0.0,
            decay: Decay::None,
            warm_up: 0,
            truncate: 0,
            memory_limit: 1e9,
            dropout: 0.0,
            bucket: false,
            batch_size: 8,
            clip_norm: Some(1.0),
            precision: Precision::F64,
            seed: 1,
        }
    }

    fn run_to_end(network: &mut Network, data: DataSet, options: Options) -> (Run, Stopped) {
        network.begin_run().unwrap();
        let mut run = Run::new(network.shared().clone(), Arc::new(data), options).unwrap();
        let stopped = loop {
            match run.step(|| true) {
                Event::Done(stopped) => break stopped,
                Event::Iteration => {}
                other => panic!("unexpected {other:?}"),
            }
        };
        network.end_run(Some(run.memory())).unwrap();
        (run, stopped)
    }

    fn network_of(blueprint: &crate::graph::architect::Blueprint) -> Network {
        let layers: Vec<_> = blueprint.layers.iter().map(|l| (l.name.to_string(), l.neurons.clone())).collect();
        Network::new(&blueprint.graph, &layers).unwrap()
    }

    fn xor() -> DataSet {
        let inputs = vec![0., 0., 1., 0., 0., 1., 1., 1.];
        DataSet::new(2, 1, inputs, vec![0., 1., 1., 0.], vec![0, 1, 2, 3], &[1; 4]).unwrap()
    }

    /// Sequences of two classes that take turns, judged at their last step.
    fn alternating(inputs: u32, lengths: &[u32], mut value: impl FnMut() -> f64) -> DataSet {
        let total: u32 = lengths.iter().sum();
        let values = (0..total * inputs).map(|_| value()).collect();
        let mut target_of_step = vec![crate::data::NO_TARGET; total as usize];
        let (mut end, mut targets) = (0, Vec::new());
        for (index, &length) in lengths.iter().enumerate() {
            end += length as usize;
            target_of_step[end - 1] = index as u32;
            targets.extend([f64::from(index as u32 % 2), f64::from((index as u32 + 1) % 2)]);
        }
        DataSet::new(inputs as usize, 2, values, targets, target_of_step, lengths).unwrap()
    }

    #[test]
    fn a_perceptron_learns_xor_online() {
        let blueprint = perceptron(&[2, 4, 1], Output::Logistic, &mut Random::new(3)).unwrap();
        let mut network = network_of(&blueprint);
        let mut options = options(Learner::Online);
        options.iterations = 100_000;
        options.rate = Rate::Constant(0.5);
        let (run, stopped) = run_to_end(&mut network, xor(), options);
        assert_eq!(stopped, Stopped::Error, "error {} after {}", run.error(), run.iteration());
        let mut output = [0.0];
        network.activate(&[1.0, 0.0], &mut output).unwrap();
        assert!(output[0] > 0.8);
    }

    #[test]
    fn bits_of_strings_are_memorised_in_both_precisions() {
        for precision in [Precision::F32, Precision::F64] {
            let mut random = Random::new(5);
            let lengths = [16u32, 24, 8, 16, 24, 8, 16, 24];
            let data = alternating(1, &lengths, || if random.unit() < 0.5 { -1.0 } else { 1.0 });
            let options_lstm =
                LstmOptions { variant: Variant::Standard, output: Output::Softmax, ..LstmOptions::default() };
            let blueprint = lstm(&[1, 12, 2], &options_lstm, &mut random).unwrap();
            let mut network = network_of(&blueprint);
            let mut options = options(Learner::Bptt);
            options.precision = precision;
            options.iterations = 500;
            options.rate = Rate::Constant(0.01);
            options.error = 0.01;
            let (run, stopped) = run_to_end(&mut network, data, options);
            assert_eq!(stopped, Stopped::Error, "error {} accuracy {}", run.error(), run.accuracy());
        }
    }

    #[test]
    fn a_run_goes_on_from_a_checkpoint_to_the_same_bits() {
        for (learner, precision) in
            [(Learner::Online, Precision::F64), (Learner::Bptt, Precision::F32), (Learner::Bptt, Precision::F64)]
        {
            let make = || {
                let blueprint = perceptron(&[2, 4, 1], Output::Logistic, &mut Random::new(3)).unwrap();
                let mut network = network_of(&blueprint);
                let mut options = options(learner);
                (options.iterations, options.shuffle, options.error) = (12, true, 0.0);
                (options.precision, options.batch_size, options.held_out, options.patience) = (precision, 2, 1, 9);
                (options.dropout, options.bucket) = (0.3, true);
                network.begin_run().unwrap();
                let run = Run::new(network.shared().clone(), Arc::new(xor()), options).unwrap();
                (network, run)
            };
            let (_network, mut whole) = make();
            while !matches!(whole.step(|| true), Event::Done(_)) {}
            for stop_after in 0..30 {
                let (network, mut first) = make();
                for _ in 0..stop_after {
                    first.step(|| false);
                }
                network.shared().region.set_word(Word::Checkpoint, 1);
                let mut event = first.step(|| false);
                while !matches!(event, Event::Checkpoint | Event::Done(_)) {
                    event = first.step(|| false);
                }
                let bytes = first.checkpoint().unwrap();
                let (_network, mut second) = make();
                second.resume(&bytes).unwrap();
                while !matches!(second.step(|| true), Event::Done(_)) {}
                let bits = |run: &Run| run.memory().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&second), bits(&whole), "{learner:?} {precision:?} after {stop_after}");
                assert_eq!((second.iteration(), second.error()), (whole.iteration(), whole.error()));
                let (_network, mut other) = make();
                assert!(other.resume(&bytes[..bytes.len() - 8]).is_err());
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        any_number_of_threads(false);
        any_number_of_threads(true);
    }

    fn any_number_of_threads(bidirectional: bool) {
        let mut results = Vec::new();
        for helpers in 0..4 {
            let mut random = Random::new(9);
            let lengths: Vec<u32> = (0..70).map(|_| 1 + random.below(12) as u32).collect();
            let data = alternating(2, &lengths, || random.unit());
            let output = Output::Softmax;
            let settings = LstmOptions { variant: Variant::Standard, output, bidirectional, ..LstmOptions::default() };
            let mut network = network_of(&lstm(&[2, 5, 2], &settings, &mut random).unwrap());
            let mut options = options(Learner::Bptt);
            (options.batch_size, options.iterations, options.shuffle) = (64, 5, true);
            (options.dropout, options.bucket) = if bidirectional { (0.25, true) } else { (0.0, false) };
            network.begin_run().unwrap();
            let crew = Arc::new(Crew::default());
            let threads: Vec<_> = (0..helpers)
                .map(|_| {
                    let crew = Arc::clone(&crew);
                    std::thread::spawn(move || crew.help())
                })
                .collect();
            let mut run = Run::new(network.shared().clone(), Arc::new(data), options).unwrap();
            run.join(Arc::clone(&crew));
            while !matches!(run.step(|| true), Event::Done(_)) {}
            crew.dismiss();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            results.push(run.memory().iter().map(|value| value.to_bits()).collect::<Vec<_>>());
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_diverging_run_stops_with_the_last_finite_weights() {
        let blueprint = perceptron(&[2, 3, 1], Output::Linear, &mut Random::new(1)).unwrap();
        let mut network = network_of(&blueprint);
        let mut options = options(Learner::Online);
        options.rate = Rate::Constant(1e200);
        let (_, stopped) = run_to_end(&mut network, xor(), options);
        assert_eq!(stopped, Stopped::Diverged);
        assert!(network.parameters().iter().all(|value| value.is_finite()));
    }
}
