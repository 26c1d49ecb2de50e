//! The sequence rule of a run: it opens a batch, is given what the batch's shards give, and closes it with a step of
//! the optimiser.

use std::sync::Arc;

use super::batch::{Batch, Chunk, Learning};
use super::crew::Crew;
use super::executor::Local;
use super::frame::{Reader, Writer};
use super::judge::Judge;
use super::options::Options;
use super::sets::Sets;
use super::tree::{Part, Tree};
use crate::data::longest_first;
use crate::error::{Error, Result};
use crate::kernels::Real;
use crate::learn::bptt::{Dropout, context_size, steps_to_look};
use crate::learn::loss::Loss;
use crate::learn::optimizer::{Optimizer, clip_norm};
use crate::program::Program;

/// How a batch is learnt from.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Learning rate.
    pub rate: f64,
    /// Longest gradient; `None` for any.
    pub clip_norm: Option<f64>,
    /// What is dropped in this iteration.
    pub dropout: Dropout,
}

/// Parameters, optimiser and loss of a run in one precision.
#[derive(Debug)]
pub struct SequenceRule<T> {
    executor: Local<T>,
    /// Weights, then biases.
    parameters: Arc<Vec<T>>,
    optimizer: Optimizer<T>,
    loss: Loss,
    /// Steps that the gradient goes back at most.
    truncate: usize,
    /// Whether a pass is a batch of its own, see [`Options::stateful`].
    stateful: bool,
    /// Where the sequences of such a batch stand, between two passes.
    carried: Option<Chunk<T>>,
    /// Batches opened.
    opened: u64,
    open: Option<Open<T>>,
}

/// A batch and what was given of it.
#[derive(Debug)]
struct Open<T> {
    batch: Arc<Batch<T>>,
    learn: Option<Step>,
    tree: Tree<T>,
}

impl<T: Real> SequenceRule<T> {
    /// The rule at the start of a run.
    pub fn new(program: &Arc<Program>, sets: &Sets, parameters: &[f64], options: &Options, loss: Loss) -> Self {
        SequenceRule {
            executor: Local::new(Arc::clone(program), sets.clone()),
            parameters: Arc::new(parameters.iter().map(|&value| T::of(value)).collect()),
            optimizer: Optimizer::new(options.optimizer, program, options.weight_decay()),
            loss,
            truncate: options.most_steps_back(),
            stateful: options.stateful,
            carried: None,
            opened: 0,
            open: None,
        }
    }

    /// Lets the threads of a crew share the work of this process.
    pub fn join(&mut self, crew: Arc<Crew>) {
        self.executor.join(crew);
    }

    /// Copies the parameters to a network's memory.
    pub fn copy_parameters(&self, into: &mut [f64]) {
        for (into, from) in into.iter_mut().zip(self.parameters.iter()) {
            *into = from.wide();
        }
    }

    /// Writes down what the rule knows between two batches.
    pub fn write(&self, writer: &mut Writer) {
        let (step, first, second) = self.optimizer.memory();
        writer.number(step as u64);
        for numbers in [self.parameters.as_slice(), first, second] {
            writer.reals(numbers.iter().map(|value| value.wide()));
        }
        if self.stateful {
            let (done, contexts) = self.carried.as_ref().map_or((0, &[][..]), |chunk| (chunk.done, &chunk.contexts));
            writer.number(done as u64);
            writer.reals(contexts.iter().map(|value| value.wide()));
        }
    }

    /// Takes back what [`SequenceRule::write`] wrote.
    pub fn read(&mut self, reader: &mut Reader) -> Result<()> {
        let (_, first, second) = self.optimizer.memory();
        let counts = [self.parameters.len(), first.len(), second.len()];
        let step = reader.below(i32::MAX as usize)? as i32;
        // A number that is finite in double precision may not be in this one.
        let numbers = |reader: &mut Reader, count| {
            let numbers: Vec<T> = reader.reals(count)?.into_iter().map(T::of).collect();
            match numbers.iter().all(|number| number.wide().is_finite()) {
                true => Ok(numbers),
                false => Err(reader.broken("has numbers that are not finite")),
            }
        };
        self.parameters = Arc::new(numbers(reader, Some(counts[0]))?);
        let [first, second] = [numbers(reader, Some(counts[1]))?, numbers(reader, Some(counts[2]))?];
        self.optimizer.remember(step, first, second);
        self.carried = None;
        if self.stateful {
            let (done, contexts) = (reader.number()? as usize, numbers(reader, None)?);
            self.carried = (done > 0).then(|| Chunk { done, contexts: Arc::new(contexts) });
        }
        self.open = None;
        Ok(())
    }

    /// Whether the contexts that are carried are those of the samples that are to be opened next; `None` where none are.
    pub fn carries(&self, samples: Option<&[usize]>) -> bool {
        let Some(Chunk { done, contexts }) = &self.carried else { return true };
        let (program, sets) = (self.executor.program(), self.executor.sets());
        let on = samples.unwrap_or_default().iter().filter(|&&index| sets.sample(index).steps > *done).count();
        on > 0 && contexts.len() == on * context_size(program, &sets.data)
    }

    /// Begins a batch of samples of one set, numbered through the run's sets; `None` to look only. Of samples that are
    /// learnt from pass by pass, it is the next pass of those that go on.
    pub fn open(&mut self, samples: &[usize], learn: Option<Step>) {
        let (program, sets) = (self.executor.program(), self.executor.sets());
        let mut samples = samples.to_vec();
        longest_first(&mut samples, &|index| sets.sample(index).steps);
        let chunk = learn
            .filter(|_| self.stateful)
            .map(|_| self.carried.clone().unwrap_or_else(|| Chunk { done: 0, contexts: Arc::default() }));
        let done = chunk.as_ref().map_or(0, |chunk| chunk.done);
        samples.retain(|&index| sets.sample(index).steps > done);
        let most = if chunk.is_some() { self.truncate } else { usize::MAX };
        let learning = learn.map(|Step { dropout, .. }| {
            let targets =
                samples.iter().map(|&index| sets.of(index).targets_in(sets.sample(index).cut(done, most))).sum();
            Learning { loss: self.loss, targets, dropout }
        });
        let whole = if sets.has_lists() { usize::MAX } else { steps_to_look(program) };
        let most_steps = if learn.is_some() { self.truncate } else { whole };
        self.opened += 1;
        let batch = Batch {
            number: self.opened,
            samples,
            most_steps,
            chunk,
            learning,
            parameters: Arc::clone(&self.parameters),
        };
        self.open = Some(Open { tree: Tree::new(batch.count()), batch: Arc::new(batch), learn });
    }

    /// Whether a batch is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The open batch, for executors.
    pub fn batch(&self) -> Option<Vec<u8>> {
        self.open.as_ref().map(|open| open.batch.to_bytes())
    }

    /// Shards of the open batch that nobody has given; none where no batch is open.
    pub fn missing(&self) -> Vec<usize> {
        self.open.as_ref().map_or_else(Vec::new, |open| open.tree.missing())
    }

    /// Steps of every shard of the open batch; none where no batch is open.
    pub fn steps(&self) -> Vec<usize> {
        let sets = self.executor.sets();
        self.open.as_ref().map_or_else(Vec::new, |Open { batch, .. }| {
            let steps = |shard| batch.cuts_in(shard..shard + 1, sets).map(|sample| sample.steps).sum();
            (0..batch.count()).map(steps).collect()
        })
    }

    /// Takes what an executor gives; false where nobody asks for it any more.
    pub fn take(&mut self, part: &[u8]) -> Result<bool> {
        let ((number, count), part) = Part::<T>::from_bytes(part)?;
        let Some(Open { batch, tree, .. }) = self.open.as_mut().filter(|open| open.batch.number == number) else {
            return Ok(false);
        };
        let (data, sets) = (batch.set(self.executor.sets()), self.executor.sets());
        let parameters = if batch.learning.is_some() { self.parameters.len() } else { 0 };
        let fits = count == batch.count() && part.gradient.len() == parameters && {
            let targets: usize = batch.cuts_in(part.shards.clone(), sets).map(|sample| data.targets_in(sample)).sum();
            let going_on = batch.going_on(part.shards.clone(), sets);
            part.outputs.len() == targets * sets.numbers_per_target()
                && part.contexts.len() == going_on * context_size(self.executor.program(), data)
        };
        if !fits {
            return Err(Error::Range("the part is of another network, set or run".into()));
        }
        let is_new = !tree.overlaps(&part.shards);
        if is_new {
            tree.give(part);
        }
        Ok(is_new)
    }

    /// Computes the open batch by the threads of this process.
    pub fn compute(&mut self) {
        let Some(Open { batch, tree, .. }) = &mut self.open else { return };
        *tree = Tree::new(batch.count());
        tree.give(self.executor.compute(batch, 0..batch.count()));
    }

    /// Ends the open batch, of which all shards were given: has `judge` see every target, and moves the parameters where the batch is learnt from.
    /// False where its samples go on in a batch that is to be opened with them.
    pub fn close(&mut self, judge: &mut Judge) -> bool {
        let Some(Open { batch, learn, mut tree }) = self.open.take() else { return true };
        let shards = 0..batch.count();
        let Part { mut gradient, outputs, contexts, .. } = tree.take(&shards).expect("every shard was given");
        let sets = self.executor.sets();
        let (data, first_step) = (batch.set(sets), sets.first_step(batch.samples[0]));
        if sets.has_lists() {
            for (sample, judged) in batch.samples_in(shards.clone(), sets).zip(outputs.chunks_exact(2)) {
                judge.see_list(sample.weight, judged[0].wide(), judged[1] == T::ONE);
            }
        }
        let softmax = self.executor.program().has_softmax();
        let steps = batch
            .cuts_in(shards, sets)
            .flat_map(|sample| (sample.first..sample.first + sample.steps).map(move |step| (step, sample.weight)));
        let judged = steps.filter(|&(step, _)| data.has_target(step));
        let (mut output, mut row) = (vec![0.0; data.output_size()], Vec::new());
        for ((step, weight), values) in judged.zip(outputs.chunks_exact(data.output_size())) {
            output.iter_mut().zip(values).for_each(|(output, value)| *output = value.wide());
            let Some(target) = data.target(step, &mut row) else { continue };
            judge.see(first_step + step as u32, weight, target, &output, softmax);
        }
        let Some(Step { rate, clip_norm: limit, .. }) = learn else { return true };
        let on = batch.chunk.as_ref().filter(|_| !contexts.is_empty());
        self.carried = on.map(|chunk| Chunk { done: chunk.done + batch.most_steps, contexts: Arc::new(contexts) });
        let is_over = self.carried.is_none();
        if batch.chunk.is_some() && batch.learning.is_some_and(|learning| learning.targets == 0) {
            // A pass of which nothing is judged has no gradient, and moments are not to go on by it.
            return is_over;
        }
        if let Some(limit) = limit {
            clip_norm(&mut gradient, limit);
        }
        // Otherwise the batch's parameters would be copied, not moved.
        drop(batch);
        let parameters: &mut Vec<T> = Arc::make_mut(&mut self.parameters);
        self.optimizer.step(parameters, &mut gradient, rate);
        is_over
    }
}
