//! A batch of the sequence rule, cut into shards that anyone may compute who has the program and the sets.

use std::ops::Range;
use std::sync::Arc;

use super::frame::{Kind, Reader, Writer};
use super::options::Options;
use super::sets::Sets;
use super::tree::Part;
use crate::data::{DataSet, Sample};
use crate::error::{Error, Result};
use crate::kernels::Real;
use crate::learn::bptt::{Bptt, Context, Dropout, SHARD, context_size, passes, skipped};
use crate::learn::loss::Loss;
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

/// How a gradient is made of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learning {
    /// The loss whose gradient is made.
    pub loss: Loss,
    /// Targets in the whole batch, of which each has an equal share of the loss.
    pub targets: usize,
    /// What is dropped in this iteration.
    pub dropout: Dropout,
}

/// A batch: all that its shards' gradients and outputs depend on, but for the program and the sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T> {
    /// Which batch of its run this is, counted from the run's start or from where it went on.
    pub number: u64,
    /// Numbers of the samples through the run's sets, from long to short, so that shards are of like length.
    pub samples: Vec<usize>,
    /// Steps of a pass; the gradient does not go back beyond the pass.
    pub most_steps: usize,
    /// Where the sequences stand, of which the batch is one pass alone; `None` for a batch of whole sequences.
    pub chunk: Option<Chunk<T>>,
    /// How the batch is learnt from; `None` to look only.
    pub learning: Option<Learning>,
    /// Weights, then biases.
    pub parameters: Arc<Vec<T>>,
}

/// How far sequences were read that are learnt from pass by pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk<T> {
    /// Steps of each that came before; all samples of the batch have more.
    pub done: usize,
    /// Their contexts there, see [`Bptt::contexts`]; empty at the begin.
    pub contexts: Arc<Vec<T>>,
}

/// A batch in bytes, of the second version.
const BATCH: Kind = Kind { magic: *b"engbat\x00\x02", oldest: 2, name: "batch" };

impl<T: Real> Batch<T> {
    /// Number of shards.
    pub fn count(&self) -> usize {
        self.samples.len().div_ceil(SHARD)
    }

    /// The samples of a range of shards, as they lie in their set.
    pub fn samples_in<'a>(&'a self, shards: Range<usize>, sets: &'a Sets) -> impl Iterator<Item = Sample> + 'a {
        let range = shards.start * SHARD..self.samples.len().min(shards.end * SHARD);
        self.samples[range].iter().map(|&index| sets.sample(index))
    }

    /// The steps of a range of shards that the batch is of: whole samples, or one pass of each.
    pub fn cuts_in<'a>(&'a self, shards: Range<usize>, sets: &'a Sets) -> impl Iterator<Item = Sample> + 'a {
        self.samples_in(shards, sets).map(|sample| match &self.chunk {
            Some(chunk) => sample.cut(chunk.done, self.most_steps),
            None => sample,
        })
    }

    /// How many samples of a range of shards go on after the batch.
    pub fn going_on(&self, shards: Range<usize>, sets: &Sets) -> usize {
        let Some(Chunk { done, .. }) = self.chunk else { return 0 };
        self.samples_in(shards, sets).take_while(|sample| sample.steps - done > self.most_steps).count()
    }

    /// The set that the batch is of.
    pub fn set<'a>(&self, sets: &'a Sets) -> &'a Arc<DataSet> {
        sets.of(self.samples[0])
    }

    /// Outputs and, where the batch is learnt from, the gradient of one shard.
    pub fn shard(&self, index: usize, program: &Program, sets: &Sets, space: &mut Bptt<T>) -> Part<T> {
        let data = self.set(sets);
        let samples: Vec<Sample> = self.samples_in(index..index + 1, sets).collect();
        space.clear_gradient();
        space.drop_out(program, &samples, self.learning.map(|learning| learning.dropout));
        let mut outputs = vec![Vec::new(); samples.len()];
        let cuts: Vec<Sample> = self.cuts_in(index..index + 1, sets).collect();
        let carried = self.chunk.as_ref().filter(|chunk| chunk.done > 0);
        if let Some(Chunk { contexts, .. }) = carried {
            let size = context_size(program, data);
            let first = index * SHARD * size;
            space.take_up(program, data, cuts.len(), &contexts[first..first + cuts.len() * size]);
        }
        for (batch, context) in passes(&cuts, self.most_steps) {
            let context = if carried.is_some() { Context::Carried } else { context };
            space.forward(program, &self.parameters, data, &batch, context, false);
            if data.has_lists() {
                let judged = space.judge_lists(program, data);
                outputs.iter_mut().zip(judged).for_each(|(outputs, judged)| outputs.extend(judged.map(T::of)));
            }
            for (lane, (sample, outputs)) in batch.iter().zip(&mut outputs).enumerate().filter(|_| !data.has_lists()) {
                for step in (0..sample.steps).filter(|step| data.has_target(sample.first + step)) {
                    outputs.extend((0..program.output_count()).map(|at| space.output(program, step, lane, at)));
                }
            }
            if let Some(Learning { loss, targets, .. }) = self.learning {
                space.backward(program, &self.parameters, data, loss, targets);
            }
        }
        let gradient = if self.learning.is_some() { space.gradient.clone() } else { Vec::new() };
        let going_on = self.going_on(index..index + 1, sets);
        let contexts = if going_on > 0 { space.contexts(program, going_on) } else { Vec::new() };
        Part { shards: index..index + 1, gradient, outputs: outputs.concat(), contexts }
    }

    /// The batch as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(BATCH);
        writer.number(self.number);
        writer.numbers(self.samples.iter().map(|&index| index as u64));
        writer.number(self.most_steps as u64);
        writer.number(self.learning.is_some().into());
        if let Some(Learning { loss, targets, dropout }) = self.learning {
            writer.number(loss as u64);
            writer.number(targets as u64);
            writer.real(dropout.share);
            writer.number(dropout.seed);
        }
        writer.number(self.chunk.is_some().into());
        if let Some(Chunk { done, contexts }) = &self.chunk {
            writer.number(*done as u64);
            writer.packed(contexts);
        }
        writer.packed(&self.parameters);
        writer.finish()
    }

    /// The batch that [`Batch::to_bytes`] wrote, of a run over this program and these sets.
    pub fn from_bytes(bytes: &[u8], program: &Program, sets: &Sets) -> Result<Self> {
        let mut reader = Reader::new(BATCH, bytes)?;
        let number = reader.number()?;
        let indices = reader.numbers(None)?;
        let of_data = indices.first().is_some_and(|&index| index < sets.data.len() as u64);
        let bounds = if of_data { 0..sets.data.len() as u64 } else { sets.data.len() as u64..sets.count() as u64 };
        if indices.is_empty() || !indices.iter().all(|index| bounds.contains(index)) {
            return Err(Error::Range("the batch has samples of another set".into()));
        }
        let samples: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        if !samples.is_sorted_by(|&a, &b| sets.sample(a).steps >= sets.sample(b).steps) {
            return Err(Error::Range("the batch has samples of another set".into()));
        }
        let most_steps = reader.number()? as usize;
        let learning = match reader.below(2)? {
            0 => None,
            _ => Some(Learning {
                loss: [Loss::CrossEntropy, Loss::Mse][reader.below(2)?],
                targets: reader.below(usize::MAX)?,
                dropout: Dropout { share: reader.real()?, seed: reader.number()? },
            }),
        };
        let is_share = |share: f64| (0.0..1.0).contains(&share);
        if most_steps == 0 || learning.is_some_and(|learning| !is_share(learning.dropout.share)) {
            return Err(Error::Range("the batch has a number out of bounds".into()));
        }
        if program.is_phased() && most_steps < sets.longest() {
            return Err(Error::Range("the batch cuts sequences that are read from both ends, or read out".into()));
        }
        if sets.has_lists() && (most_steps < sets.longest() || !program.has_softmax()) {
            return Err(Error::Range(
                "the batch cuts sequences that are judged by lists, or is of another network".into(),
            ));
        }
        if program.has_readout() && !sets.judge_ends_alone() {
            return Err(Error::Range("the sets have targets before the answers of a network with a read-out".into()));
        }
        let chunk = match reader.below(2)? {
            0 => None,
            _ => {
                let done = reader.number()? as usize;
                let shortest = samples.last().map_or(0, |&index| sets.sample(index).steps);
                if done >= shortest || learning.is_none() {
                    return Err(Error::Range("the batch goes on beyond the ends of its samples".into()));
                }
                let count = if done == 0 { 0 } else { samples.len() * context_size(program, sets.of(samples[0])) };
                Some(Chunk { done, contexts: Arc::new(reader.packed(Some(count))?) })
            }
        };
        let parameters = Arc::new(reader.packed(Some(program.layout.parameters().len()))?);
        reader.finish()?;
        Ok(Batch { number, samples, most_steps, chunk, learning, parameters })
    }
}
