//! Who computes the shards of a batch: the threads of one process, which have the program and the sets. A run has
//! such an executor; other processes and machines have theirs.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::Batch;
use super::crew::{Crew, Task};
use super::options::Precision;
use super::sets::Sets;
use super::tree::{Part, Tree};
use crate::error::{Error, Result};
use crate::kernels::Real;
use crate::learn::bptt::Bptt;
use crate::program::Program;

/// Computes shards of a run's batches without holding the run, in another process or on another machine. What it gives
/// has the bits that the run's own threads would give.
///
/// Batches come from [`Run::batch`](super::Run::batch), and what is made of them goes to
/// [`Run::take`](super::Run::take).
#[derive(Debug)]
pub struct Executor(Box<dyn Compute>);

trait Compute: Debug + Send + Sync {
    fn join(&mut self, crew: Arc<Crew>);
    fn compute(&self, batch: &[u8], shards: Range<usize>) -> Result<Vec<u8>>;
    fn add(&self, left: &[u8], right: &[u8]) -> Result<Vec<u8>>;
}

impl Executor {
    /// An executor of runs in this precision over a network's program and sets that equal the run's.
    pub fn new(program: Arc<Program>, sets: Sets, precision: Precision) -> Self {
        match precision {
            Precision::F32 => Executor(Box::new(Local::<f32>::new(program, sets))),
            Precision::F64 => Executor(Box::new(Local::<f64>::new(program, sets))),
        }
    }

    /// Lets the threads of a crew share the work.
    pub fn join(&mut self, crew: Arc<Crew>) {
        self.0.join(crew);
    }

    /// What a range of a batch's shards gives: outputs at the targets and, where the batch is learnt from, the sum of
    /// the gradients. The range is a node of the tree of shards: it begins at a multiple of its size, a power of two,
    /// or less where the batch ends earlier. [`Error::Range`] for other ranges and for bytes that are no batch of this
    /// network and these sets.
    pub fn compute(&self, batch: &[u8], shards: Range<usize>) -> Result<Vec<u8>> {
        self.0.compute(batch, shards)
    }

    /// The sum of what the two halves of a node give, in either order; [`Error::Range`] where they are not.
    pub fn add(&self, left: &[u8], right: &[u8]) -> Result<Vec<u8>> {
        self.0.add(left, right)
    }
}

/// Work spaces that are not in use, for the thread that takes the next shard.
type Spares<T> = Arc<Mutex<Vec<Bptt<T>>>>;

/// The threads of this process, in one precision.
#[derive(Debug)]
pub struct Local<T> {
    program: Arc<Program>,
    sets: Sets,
    crew: Arc<Crew>,
    spares: Spares<T>,
}

impl<T: Real> Local<T> {
    /// An executor of one thread.
    pub fn new(program: Arc<Program>, sets: Sets) -> Self {
        Local { program, sets, crew: Arc::default(), spares: Arc::default() }
    }

    /// Lets the threads of a crew share the work.
    pub fn join(&mut self, crew: Arc<Crew>) {
        self.crew = crew;
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The sets.
    pub fn sets(&self) -> &Sets {
        &self.sets
    }

    /// What a node of a batch's tree gives.
    pub fn compute(&self, batch: &Arc<Batch<T>>, node: Range<usize>) -> Part<T> {
        let shards = Arc::new(Shards {
            program: Arc::clone(&self.program),
            sets: self.sets.clone(),
            batch: Arc::clone(batch),
            first: node.start,
            spares: Arc::clone(&self.spares),
            next: AtomicUsize::new(0),
            done: node.clone().map(|_| AtomicBool::new(false)).collect(),
            parts: node.clone().map(|_| Mutex::default()).collect(),
        });
        self.crew.run(shards.clone());
        let mut tree = Tree::new(batch.count());
        for part in &shards.parts {
            tree.give(part.lock().unwrap_or_else(PoisonError::into_inner).take().expect("every shard is done"));
        }
        tree.take(&node).expect("every shard is done")
    }
}

impl<T: Real> Compute for Local<T> {
    fn join(&mut self, crew: Arc<Crew>) {
        self.join(crew);
    }

    fn compute(&self, batch: &[u8], shards: Range<usize>) -> Result<Vec<u8>> {
        let batch = Arc::new(Batch::from_bytes(batch, &self.program, &self.sets)?);
        Tree::<T>::new(batch.count()).check_node(&shards)?;
        Ok(self.compute(&batch, shards).to_bytes((batch.number, batch.count())))
    }

    fn add(&self, left: &[u8], right: &[u8]) -> Result<Vec<u8>> {
        let ((whole, left), (other, right)) = (Part::<T>::from_bytes(left)?, Part::<T>::from_bytes(right)?);
        let gradient = left.gradient.len();
        let node = left.shards.start.min(right.shards.start)..left.shards.end.max(right.shards.end);
        let mut tree = Tree::new(whole.1);
        tree.give(left);
        if whole == other && right.gradient.len() == gradient && !tree.overlaps(&right.shards) {
            tree.give(right);
            if let Some(sum) = tree.take(&node) {
                return Ok(sum.to_bytes(whole));
            }
        }
        Err(Error::Range("these are not the halves of a node".into()))
    }
}

/// Shards of a batch, for a crew.
struct Shards<T> {
    program: Arc<Program>,
    sets: Sets,
    batch: Arc<Batch<T>>,
    /// The first shard.
    first: usize,
    spares: Spares<T>,
    next: AtomicUsize,
    done: Vec<AtomicBool>,
    parts: Vec<Mutex<Option<Part<T>>>>,
}

impl<T: Real> Shards<T> {
    fn shard(&self, index: usize) {
        let spare = self.spares.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut space = spare.unwrap_or_else(|| Bptt::new(&self.program));
        let part = self.batch.shard(self.first + index, &self.program, &self.sets, &mut space);
        *self.parts[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
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
