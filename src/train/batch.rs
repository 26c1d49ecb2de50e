//! The sequence rule over a batch: cut into shards that any thread may take, summed in their order,
//! so that the result is the same to the last bit however many threads there are.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::checkpoint::{Reader, Writer};
use super::crew::{Crew, Task};
use super::options::Options;
use super::sets::Sets;
use crate::data::{DataSet, Sample};
use crate::error::{Error, Result};
use crate::kernels::{Real, add_scaled};
use crate::learn::bptt::{Bptt, Dropout, SHARD, STEPS_TO_LOOK, passes, skipped};
use crate::learn::loss::Loss;
use crate::learn::optimizer::{Optimizer, clip_norm};
use crate::program::Program;
use crate::shared::pages;

/// Checks that the steps of a shard of the longest sequences fit the memory.
pub fn check_memory<T: Real>(program: &Program, sets: &Sets, options: &Options) -> Result<()> {
    let longest = sets.longest();
    let steps = longest.min(options.most_steps_back());
    let held_out = sets.held_out.as_ref().map_or(usize::MAX, |set| skipped(program, set));
    let skipped = skipped(program, &sets.data).min(held_out);
    let needed = Bptt::<T>::bytes(program, skipped, SHARD.min(options.batch_size), steps);
    // The limit counts memory that was never in use; whether freed memory has room as well, the allocator tells.
    if needed <= options.memory_limit || pages::have_room(needed) {
        return Ok(());
    }
    let megabytes = |bytes: f64| (bytes / 1e6).ceil() as u64;
    Err(Error::Range(format!(
        "sequences of {longest} steps take {} MB per thread, {} MB are left; truncate the gradient, or configure more \
         memory, smaller batches or fewer threads",
        megabytes(needed),
        megabytes(options.memory_limit)
    )))
}

/// How a batch is learnt from.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Learning rate.
    pub rate: f64,
    /// Longest gradient; `None` for any.
    pub clip_norm: Option<f64>,
    /// What is dropped in this iteration.
    pub dropout: Option<Dropout>,
}

/// Work spaces that are not in use, for the thread that takes the next shard.
type Spares<T> = Arc<Mutex<Vec<Bptt<T>>>>;

/// Parameters, optimiser and loss of a run in one precision.
#[derive(Debug)]
pub struct SequenceRule<T> {
    /// Weights, then biases.
    parameters: Arc<Vec<T>>,
    optimizer: Optimizer<T>,
    loss: Loss,
    gradient: Vec<T>,
    /// Steps that the gradient goes back at most.
    truncate: usize,
    spares: Spares<T>,
}

/// The result of a shard.
#[derive(Debug, Default)]
struct Outcome<T> {
    gradient: Vec<T>,
    /// Output vectors at the targets, sample by sample.
    outputs: Vec<f64>,
}

struct Shards<T> {
    program: Arc<Program>,
    data: Arc<DataSet>,
    parameters: Arc<Vec<T>>,
    loss: Loss,
    /// From long to short, so that shards are of like length.
    batch: Vec<Sample>,
    /// Steps of a pass; the gradient does not go back beyond the pass.
    most_steps: usize,
    /// Targets in the whole batch; `None` to look only.
    learn_from: Option<usize>,
    dropout: Option<Dropout>,
    spares: Spares<T>,
    next: AtomicUsize,
    done: Vec<AtomicBool>,
    outcomes: Vec<Mutex<Outcome<T>>>,
}

impl<T: Real> SequenceRule<T> {
    /// The rule at the start of a run.
    pub fn new(program: &Program, parameters: &[f64], options: &Options, loss: Loss) -> Self {
        SequenceRule {
            parameters: Arc::new(parameters.iter().map(|&value| T::of(value)).collect()),
            optimizer: Optimizer::new(options.optimizer, program, options.weight_decay()),
            loss,
            gradient: vec![T::ZERO; parameters.len()],
            truncate: options.most_steps_back(),
            spares: Arc::default(),
        }
    }

    /// Copies the parameters to a network's memory.
    pub fn copy_parameters(&self, into: &mut [f64]) {
        for (into, from) in into.iter_mut().zip(self.parameters.iter()) {
            *into = from.wide();
        }
    }

    /// Writes down what the rule knows.
    pub fn write(&self, writer: &mut Writer) {
        let (step, first, second) = self.optimizer.memory();
        writer.number(step as u64);
        for numbers in [self.parameters.as_slice(), first, second] {
            writer.reals(numbers.iter().map(|value| value.wide()));
        }
    }

    /// Takes back what [`SequenceRule::write`] wrote.
    pub fn read(&mut self, reader: &mut Reader) -> Result<()> {
        let (_, first, second) = self.optimizer.memory();
        let counts = [self.parameters.len(), first.len(), second.len()];
        let step = reader.below(i32::MAX as usize)? as i32;
        // A number that is finite in double precision may not be in this one.
        let mut numbers = |count| {
            let numbers: Vec<T> = reader.reals(Some(count))?.into_iter().map(T::of).collect();
            match numbers.iter().all(|number| number.wide().is_finite()) {
                true => Ok(numbers),
                false => Err(Error::Range("the checkpoint has numbers that are not finite".into())),
            }
        };
        self.parameters = Arc::new(numbers(counts[0])?);
        self.optimizer.remember(step, numbers(counts[1])?, numbers(counts[2])?);
        Ok(())
    }

    /// Runs a batch and, where it is to be learnt from, moves the parameters. Calls `visit(step of the data
    /// set, output)` for every target.
    pub fn run(
        &mut self,
        program: &Arc<Program>,
        data: &Arc<DataSet>,
        mut batch: Vec<Sample>,
        learn: Option<Step>,
        crew: &Crew,
        mut visit: impl FnMut(u32, &[f64]),
    ) {
        batch.sort_by_key(|sample| std::cmp::Reverse(sample.steps));
        let count = batch.len().div_ceil(SHARD);
        let shards = Arc::new(Shards {
            program: Arc::clone(program),
            data: Arc::clone(data),
            parameters: Arc::clone(&self.parameters),
            loss: self.loss,
            most_steps: if learn.is_some() { self.truncate } else { program.most_steps(STEPS_TO_LOOK) },
            learn_from: learn.map(|_| batch.iter().map(|&sample| data.targets_in(sample)).sum()),
            dropout: learn.and_then(|step| step.dropout),
            batch,
            spares: Arc::clone(&self.spares),
            next: AtomicUsize::new(0),
            done: (0..count).map(|_| AtomicBool::new(false)).collect(),
            outcomes: (0..count).map(|_| Mutex::default()).collect(),
        });
        crew.run(shards.clone());
        self.gradient.fill(T::ZERO);
        for (samples, outcome) in shards.batch.chunks(SHARD).zip(&shards.outcomes) {
            let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            add_scaled(&mut self.gradient, T::ONE, &outcome.gradient);
            let steps = samples.iter().flat_map(|sample| sample.first..sample.first + sample.steps);
            let judged = steps.filter(|&step| data.has_target(step));
            for (step, output) in judged.zip(outcome.outputs.chunks_exact(program.output_count())) {
                visit(step as u32, output);
            }
        }
        let Some(Step { rate, clip_norm: limit, .. }) = learn else { return };
        if let Some(limit) = limit {
            clip_norm(&mut self.gradient, limit);
        }
        drop(shards);
        let parameters: &mut Vec<T> = Arc::make_mut(&mut self.parameters);
        self.optimizer.step(parameters, &mut self.gradient, rate);
    }
}

impl<T: Real> Shards<T> {
    fn shard(&self, index: usize) {
        let spare = self.spares.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut space = spare.unwrap_or_else(|| Bptt::new(&self.program));
        let (program, data) = (&*self.program, &*self.data);
        let samples = &self.batch[index * SHARD..self.batch.len().min((index + 1) * SHARD)];
        space.clear_gradient();
        space.drop_out(program, samples, self.dropout);
        let mut outputs = vec![Vec::new(); samples.len()];
        for (batch, context) in passes(samples, self.most_steps) {
            space.forward(program, &self.parameters, data, &batch, context, false);
            for (lane, (sample, outputs)) in batch.iter().zip(&mut outputs).enumerate() {
                for step in (0..sample.steps).filter(|step| data.has_target(sample.first + step)) {
                    outputs.extend((0..program.output_count()).map(|at| space.output(program, step, lane, at).wide()));
                }
            }
            if let Some(targets) = self.learn_from {
                space.backward(program, &self.parameters, data, self.loss, targets);
            }
        }
        let gradient = if self.learn_from.is_some() { space.gradient.clone() } else { Vec::new() };
        let outputs = outputs.concat();
        *self.outcomes[index].lock().unwrap_or_else(PoisonError::into_inner) = Outcome { gradient, outputs };
        self.done[index].store(true, Ordering::Release);
        self.spares.lock().unwrap_or_else(PoisonError::into_inner).push(space);
    }
}

impl<T: Real> Task for Shards<T> {
    fn work(&self) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.done.len() {
                return;
            }
            self.shard(index);
        }
    }

    fn is_done(&self) -> bool {
        self.done.iter().all(|done| done.load(Ordering::Acquire))
    }

    fn recover(&self) {
        for (index, done) in self.done.iter().enumerate() {
            if !done.load(Ordering::Acquire) {
                self.shard(index);
            }
        }
    }
}
