//! One training run.
//!
//! The run is a state machine: [`Run::step`] trains until the host's time is over or the host has to
//! answer (a learning rate, a cost, a schedule), and says which. So one machine serves the synchronous
//! `train` on the page and the asynchronous one in a worker.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::best::Scores;
use super::crew::Crew;
use super::event::{Ask, Event, Stopped};
use super::options::{Options, Rate};
use super::phase::Phase;
use super::resume::State;
use super::rule::Rule;
use super::sequence::Step;
use super::sets::Sets;
use super::verdict::{Swings, Verdict, baseline};
use crate::error::Result;
use crate::kernels::Compiled;
use crate::learn::bptt::Dropout;
use crate::learn::score::Score;
use crate::network::Shared;
use crate::random::Random;
use crate::shared::Word;

/// Multiplications between two looks at the clock, the control words and the shared memory: about
/// 0.1 ms.
const WORK_PER_LOOK: usize = 200_000;

/// A training run over one network.
#[derive(Debug)]
pub struct Run {
    shared: Shared,
    sets: Sets,
    options: Options,
    state: State,
    /// How the errors went that this process saw: no part of a checkpoint, as no weight depends on it.
    swings: Swings,
    /// Multiplications since the last look at the clock.
    work: usize,
    /// Executors elsewhere compute the batches.
    hands_out: bool,
    /// [`Sets::checksum`], once a checkpoint has asked for it; 0 before.
    samples: AtomicU64,
    /// Work space for an input or a target that the set does not store as a row.
    row: Vec<f64>,
}

impl Run {
    /// A run over a network whose region is already in the run's hands
    /// ([`Region::begin_run`](crate::shared::Region::begin_run)).
    pub fn new(shared: Shared, sets: Sets, options: Options) -> Result<Self> {
        let program = &shared.program;
        options.check(program, &sets)?;
        let memory = shared.region.copy();
        let state = State::new(memory, program, &sets, &options);
        let (swings, samples, row) = (Swings::default(), AtomicU64::new(0), Vec::new());
        Ok(Run { shared, sets, options, state, swings, work: 0, hands_out: false, samples, row })
    }

    /// Uses code compiled for the network's program, see
    /// [`Online::adopt`](crate::learn::online::Online::adopt).
    pub fn adopt(&mut self, compiled: Compiled) {
        if let Rule::Online(online) = &mut self.state.rule {
            online.adopt(compiled);
        }
    }

    /// Lets the threads of a crew share the work of the sequence rule. Results stay the same, to
    /// the bit.
    pub fn join(&mut self, crew: Arc<Crew>) {
        self.state.rule.join(crew);
    }

    /// Leaves the batches of the sequence rule to executors elsewhere: [`Run::step`] returns [`Event::Batch`] until
    /// [`Run::take`] was given all of a batch. Results stay the same, to the bit. The online rule has no batches.
    pub fn hand_out(&mut self) {
        self.hands_out = true;
    }

    /// The batch that is to be computed, for [`Executor::compute`](super::Executor::compute): parameters, samples, and
    /// what is dropped. `None` where the run asks for none.
    pub fn batch(&self) -> Option<Vec<u8>> {
        self.state.rule.batch()
    }

    /// Shards of that batch (16 samples each, numbered from 0) of which [`Run::take`] was given nothing yet: at first
    /// all, and those of a lost executor until another one has done them. Any aligned range of them may be given to an
    /// executor.
    pub fn missing(&self) -> Vec<usize> {
        self.state.rule.missing()
    }

    /// Steps of every shard of that batch: how much work each is. The first shards have the longest sequences.
    pub fn shard_steps(&self) -> Vec<usize> {
        self.state.rule.steps()
    }

    /// Takes what an executor made of a range of the batch's shards, in any order. False where nobody asks for it any
    /// more: the batch is over, or another executor was faster. [`Error::Range`](crate::error::Error::Range) for bytes
    /// that no executor of this run gives; then nothing changes.
    pub fn take(&mut self, part: &[u8]) -> Result<bool> {
        self.state.rule.take(part)
    }

    /// Iterations begun.
    pub fn iteration(&self) -> u32 {
        self.state.iteration
    }

    /// Iterations finished.
    pub fn finished(&self) -> u32 {
        self.state.finished
    }

    /// Error of the last finished iteration: on the held-out samples where there are some.
    pub fn error(&self) -> f64 {
        self.state.error
    }

    /// Share of right answers in the last finished iteration; `None` for outputs that are values.
    pub fn accuracy(&self) -> Option<f64> {
        self.state.accuracy
    }

    /// Error and accuracy on the samples trained on, in the last finished iteration.
    pub fn training(&self) -> Score {
        self.state.training
    }

    /// What the errors on the samples trained on say of the run, from one pass over the targets; nothing where the
    /// host computes the cost.
    pub fn verdict(&self) -> Verdict {
        let Some(cost) = self.state.judge.cost() else { return Verdict::default() };
        let count = self.state.order.train_count();
        let baseline = baseline(&self.sets.data, count, cost, self.shared.program.has_softmax());
        Verdict { baseline, swings: baseline.is_some_and(|baseline| self.swings.are_wide(baseline)) }
    }

    /// Learning rate of this iteration.
    pub fn rate(&self) -> f64 {
        self.state.rate
    }

    /// Why the run ended; `None` while it goes on.
    pub fn stopped(&self) -> Option<Stopped> {
        match self.state.phase {
            Phase::Done(stopped) => Some(stopped),
            _ => None,
        }
    }

    /// Samples trained on, modulo 2^32.
    pub fn examples(&self) -> u32 {
        self.state.examples
    }

    /// The network's memory as the run has it.
    pub fn memory(&self) -> &[f64] {
        &self.state.memory
    }

    /// The sets that the run learns from and is judged by.
    pub fn sets(&self) -> &Sets {
        &self.sets
    }

    /// Outputs of this iteration in the order they were made, with the steps that they answer: of the held-out
    /// set where there is one, else of the set. Kept only where the host computes the cost.
    pub fn outputs(&self) -> (&[f64], Vec<u32>) {
        let (outputs, steps) = self.state.judge.outputs();
        let first_step = self.sets.held_out.as_ref().map_or(0, |_| self.sets.data.steps() as u32);
        (outputs, steps.iter().map(|step| step - first_step).collect())
    }

    /// Writes the run's memory to the region, for the page; the run is of no more use.
    pub fn hand_back(&self) {
        self.shared.region.hand_back(&self.state.memory);
    }

    /// Answers [`Ask::Rate`].
    pub fn answer_rate(&mut self, rate: f64) {
        if self.state.phase == Phase::AwaitRate {
            self.state.rate = rate * self.rate_factor();
            self.state.phase = Phase::Train { next: 0 };
        }
    }

    /// Answers [`Ask::Cost`] with the mean cost per target.
    pub fn answer_cost(&mut self, cost: f64) {
        if self.state.phase == Phase::AwaitCost {
            self.state.error = cost;
            self.state.phase = Phase::Report;
        }
    }

    /// Answers [`Ask::Schedule`]; `stop` ends the run.
    pub fn answer_schedule(&mut self, stop: bool) {
        if self.state.phase == Phase::AwaitSchedule {
            self.state.phase = if stop { Phase::Done(Stopped::Schedule) } else { self.after_report() };
        }
    }

    fn samples(&self) -> u64 {
        let known = self.samples.load(Ordering::Relaxed);
        let samples = if known == 0 { self.sets.checksum() } else { known };
        self.samples.store(samples, Ordering::Relaxed);
        samples
    }

    /// The run as bytes, after [`Event::Checkpoint`]: [`Run::resume`] goes on as if the run had never
    /// stopped, to the bit. `None` while the host is being asked.
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        self.state.write(&self.sets, &self.options, self.samples())
    }

    /// Takes the place of the run that a checkpoint was made of: same network, set and options. A
    /// run that can't is of no more use.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<()> {
        let samples = self.samples();
        self.state.read(bytes, &self.sets, &self.options, samples)?;
        self.publish();
        Ok(())
    }

    /// Trains until `has_time()` is false, the host is needed, or an iteration or the run ends.
    pub fn step(&mut self, mut has_time: impl FnMut() -> bool) -> Event {
        if let Some(event) = self.obey() {
            return event;
        }
        loop {
            match self.state.phase {
                Phase::Begin => self.begin_iteration(),
                // The host's functions look at the network: they are to see it as it is.
                Phase::AwaitRate => {
                    self.publish();
                    return Event::Ask(Ask::Rate {
                        iteration: self.state.iteration,
                        last_error: if self.state.iteration == 1 { 0.0 } else { self.state.error },
                    });
                }
                Phase::Train { next } if next < self.state.order.train_count() => {
                    let Some(next) = self.use_samples(next, self.state.order.train_count(), true) else {
                        return Event::Batch;
                    };
                    self.state.phase = Phase::Train { next };
                    if let Some(event) = self.look_around(&mut has_time) {
                        return event;
                    }
                }
                Phase::Train { .. } => {
                    self.state.training = self.state.judge.score();
                    self.state.phase = if self.state.order.holds_out() {
                        self.state.judge.clear();
                        Phase::Test { next: self.state.order.train_count() }
                    } else {
                        self.score()
                    };
                }
                Phase::Test { next } if next < self.state.order.len() => {
                    let Some(next) = self.use_samples(next, self.state.order.len(), false) else {
                        return Event::Batch;
                    };
                    self.state.phase = Phase::Test { next };
                    if let Some(event) = self.look_around(&mut has_time) {
                        return event;
                    }
                }
                Phase::Test { .. } => self.state.phase = self.score(),
                Phase::AwaitCost => {
                    self.publish();
                    return Event::Ask(Ask::Cost);
                }
                Phase::Report => {
                    self.state.phase = self.report();
                    return Event::Iteration;
                }
                Phase::AwaitSchedule => {
                    self.publish();
                    return Event::Ask(Ask::Schedule);
                }
                Phase::Save => {
                    // A run that goes on from the checkpoint has this end behind it.
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
        self.state.iteration += 1;
        self.state.judge.clear();
        self.state.phase = Phase::Train { next: 0 };
        match &self.options.rate {
            Rate::Constant(rate) => self.state.rate = *rate * self.rate_factor(),
            Rate::PerShare(rates) => {
                let size = (self.options.iterations as usize / rates.len()).max(1);
                let rate = rates[(self.state.iteration as usize / size).min(rates.len() - 1)];
                self.state.rate = rate * self.rate_factor();
            }
            Rate::Host => self.state.phase = Phase::AwaitRate,
        }
    }

    /// What warm-up and decay make of the rate.
    fn rate_factor(&self) -> f64 {
        let Options { decay, warm_up, iterations, .. } = &self.options;
        let warm = (f64::from(self.state.iteration) / f64::from((*warm_up).max(1))).min(1.0);
        warm * decay.factor(self.state.iteration, *iterations, self.state.best.plateaus())
    }

    /// Runs the next batch of the samples from `next` to `end`, or as many single samples as make up
    /// some work; gives the sample to go on with, or `None` while executors elsewhere have to compute the batch.
    fn use_samples(&mut self, mut next: usize, end: usize, learn: bool) -> Option<usize> {
        match &mut self.state.rule {
            Rule::Online(_) => {
                while next < end && self.work < WORK_PER_LOOK {
                    self.online_sample(self.state.order.indices()[next], learn);
                    next += 1;
                }
                Some(next)
            }
            Rule::Single(_) | Rule::Double(_) => {
                let end = (next + self.options.batch_size).min(end);
                self.sequence_batch(next..end, learn)
            }
        }
    }

    /// Runs one sample by the online rule. Inlined, this loop would share its registers with the caller's.
    #[inline(never)]
    fn online_sample(&mut self, index: usize, learn: bool) {
        let Run { row, .. } = self;
        let State { rule: Rule::Online(online), memory, judge, rate, .. } = &mut self.state else { return };
        let program = &self.shared.program;
        let (data, sample, first_step) = (self.sets.of(index), self.sets.sample(index), self.sets.first_step(index));
        if self.options.sequences {
            program.layout.split(memory).reset_context();
        }
        let start = program.layout.activations();
        let outputs = start + program.outputs.start..start + program.outputs.end;
        for step in sample.first..sample.first + sample.steps {
            online.activate(program, memory, data.input(step, row));
            let Some(target) = data.target(step, row) else { continue };
            judge.see(first_step + step as u32, sample.weight, target, &memory[outputs.clone()], program.has_softmax());
            if learn {
                online.propagate(program, memory, *rate * sample.weight, target);
            }
        }
        self.state.examples = self.state.examples.wrapping_add(u32::from(learn));
        // Forward, traces and weights each pass over every weight.
        self.work += sample.steps * (3 * program.layout.weights + 2 * program.layout.extended + 64);
    }

    /// Runs one batch by the sequence rule; gives the position to go on from, or `None` while executors elsewhere have to
    /// compute it.
    #[inline(never)]
    fn sequence_batch(&mut self, positions: Range<usize>, learn: bool) -> Option<usize> {
        let State { rule, judge, order, memory, iteration, rate, .. } = &mut self.state;
        let Range { start, end } = positions;
        if !rule.is_open() {
            let Options { dropout: share, seed, clip_norm, .. } = self.options;
            let dropout = Dropout { share, seed: Random::new(seed ^ u64::from(*iteration)).word() };
            let learn = learn.then_some(Step { rate: *rate, clip_norm, dropout });
            rule.open(&order.indices()[positions], learn);
        }
        if !self.hands_out {
            rule.compute();
        } else if !rule.missing().is_empty() {
            return None;
        }
        let program = &self.shared.program;
        let parameters = &mut memory[program.layout.parameters()];
        let is_over = rule.close(parameters, judge);
        if learn && is_over {
            self.state.examples = self.state.examples.wrapping_add((end - start) as u32);
        }
        self.work += WORK_PER_LOOK;
        Some(if is_over { end } else { start })
    }

    /// Does what the control words say.
    fn obey(&mut self) -> Option<Event> {
        let region = &self.shared.region;
        if region.word(Word::Abort) != 0 && self.stopped().is_none() {
            self.state.phase = Phase::Done(Stopped::Aborted);
        } else if self.state.phase.numbers().is_some() {
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
    fn look_around(&mut self, has_time: &mut impl FnMut() -> bool) -> Option<Event> {
        if self.work < WORK_PER_LOOK {
            return None;
        }
        self.work = 0;
        self.publish();
        let event = self.obey();
        if event.is_some() || self.stopped().is_some() {
            return event;
        }
        (!has_time()).then_some(Event::Slice)
    }

    fn publish(&self) {
        let parameters = &self.state.memory[self.shared.program.layout.parameters()];
        if parameters.iter().all(|value| value.is_finite()) {
            self.shared.region.publish(parameters);
        }
    }

    fn score(&mut self) -> Phase {
        let Score { error, accuracy } = self.state.judge.score();
        (self.state.error, self.state.accuracy) = (error, accuracy);
        if self.state.judge.cost().is_none() { Phase::AwaitCost } else { Phase::Report }
    }

    fn report(&mut self) -> Phase {
        let State { memory, finite, best, error, accuracy, training, iteration, finished, .. } = &mut self.state;
        let parameters = &memory[self.shared.program.layout.parameters()];
        if !error.is_finite() || !parameters.iter().all(|value| value.is_finite()) {
            return Phase::Done(Stopped::Diverged);
        }
        finite.copy_from_slice(parameters);
        let judged = Score { error: *error, accuracy: *accuracy };
        best.compare(Scores { judged, training: *training }, parameters);
        self.swings.add(training.error);
        *finished = *iteration;
        if self.is_due(self.options.schedule_every) || self.is_due(self.options.log_every) {
            Phase::AwaitSchedule
        } else {
            self.after_report()
        }
    }

    fn after_report(&self) -> Phase {
        if self.is_due(self.options.checkpoint_every) { Phase::Save } else { Phase::End }
    }

    /// Whether what is done every so many iterations, or never (0), is due.
    fn is_due(&self, every: u32) -> bool {
        every > 0 && self.state.iteration.is_multiple_of(every)
    }

    fn end_iteration(&mut self) {
        let Run { sets, options, state, .. } = self;
        if options.shuffle {
            state.order.shuffle(&sets.data);
        }
        state.phase = if state.iteration >= options.iterations {
            Phase::Done(Stopped::Iterations)
        } else if state.error <= options.error {
            Phase::Done(Stopped::Error)
        } else if state.order.holds_out() && state.error <= options.held_out_error {
            Phase::Done(Stopped::CrossValidation)
        } else if state.best.is_too_old() {
            Phase::Done(Stopped::Patience)
        } else {
            Phase::Begin
        };
    }

    fn finish(&mut self) {
        let program = &self.shared.program;
        let State { memory, best, finite, error, accuracy, training, .. } = &mut self.state;
        let parameters = &mut memory[program.layout.parameters()];
        if !best.parameters().is_empty() {
            // Early stopping promises the best parameters, whatever ended the run; the scores are theirs.
            parameters.copy_from_slice(best.parameters());
            if let Some(Scores { judged, training: while_trained }) = best.scores() {
                (*error, *accuracy, *training) = (judged.error, judged.accuracy, while_trained);
            }
            program.layout.split(memory).reset_context();
        } else if !parameters.iter().all(|value| value.is_finite()) {
            parameters.copy_from_slice(finite);
            program.layout.split(memory).reset_context();
        }
        self.publish();
    }
}
