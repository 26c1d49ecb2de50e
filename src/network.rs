//! A live network: a program, its shared memory, and what the page may do with them.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use crate::data::{DataSet, Sample, longest_first};
use crate::error::{Error, Result};
use crate::graph::{Graph, NeuronId};
use crate::growth::{Growth, inherit};
use crate::kernels::{Compiled, Real};
use crate::learn::bptt::{Attribution, Bptt, Context, attribute, passes, steps_to_look};
use crate::learn::loss::Cost;
use crate::learn::online::Online;
use crate::learn::score::{Score, Tally};
use crate::program::{Lowered, Lowering, Program};
use crate::shared::Region;

/// Sequences that are answered side by side: each weight is read once for all of them.
const SIDE_BY_SIDE: usize = 32;

/// A program and the memory it runs in: what a training run is given.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The structure; during a run, with the layers held that do not learn in it.
    pub program: Arc<Program>,
    /// The numbers.
    pub region: Arc<Region>,
}

/// A network as its page sees it.
#[derive(Debug)]
pub struct Network {
    lowered: Lowered,
    shared: Shared,
    /// Whether a run owns the memory.
    in_run: bool,
    /// What the page works on meanwhile, once it does.
    shadow: Option<Shadow>,
    online: Online,
    /// The work space of the last sequences, in their precision: to get new memory from the platform for every call took
    /// longer than a small network's work.
    spare: Mutex<Option<Box<dyn Any + Send>>>,
}

/// The page's own states, and the weights that it saw last, while a run owns the memory.
#[derive(Debug)]
struct Shadow {
    memory: Vec<f64>,
    version: i32,
}

impl Shadow {
    /// The memory with the weights of this moment. The run leaves the states alone until it hands its memory
    /// back, so they are copied when they are first needed.
    fn now<'a>(shadow: &'a mut Option<Shadow>, region: &Region) -> &'a mut [f64] {
        let Shadow { memory, version } = shadow.get_or_insert_with(|| {
            let mut memory = vec![0.0; region.len()];
            let version = region.read(&mut memory);
            Shadow { memory, version }
        });
        *version = region.read_parameters(*version, memory);
        memory
    }
}

impl Network {
    /// Lowers a network from the graph; `layers` is (name, neurons) with the input first and the
    /// output last.
    pub fn new(graph: &Graph, layers: &[(String, Vec<NeuronId>)]) -> Result<Self> {
        let lowered = Lowered::new(graph, layers, Lowering::Blocks)?;
        let memory = lowered.load(graph);
        let region = Region::new(memory, lowered.program.layout.parameters().end);
        let shared = Shared { program: Arc::clone(&lowered.program), region: Arc::new(region) };
        Ok(Network { lowered, shared, in_run: false, shadow: None, online: Online::default(), spare: Mutex::default() })
    }

    /// Uses code compiled for this network's program, see [`Online::adopt`].
    pub fn adopt(&mut self, compiled: Compiled) {
        self.online.adopt(compiled);
    }

    /// The program and memory, to give to a run.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The structure, and where the graph's numbers stand in it.
    pub fn lowered(&self) -> &Lowered {
        &self.lowered
    }

    /// The structure.
    pub fn program(&self) -> &Program {
        &self.lowered.program
    }

    /// Whether a run owns the memory.
    pub fn in_run(&self) -> bool {
        self.in_run
    }

    fn busy() -> Error {
        Error::Type("the network is being trained; wait for the run to end, or abort it".into())
    }

    /// Uses the memory, which must not be in a run.
    fn with_memory<R>(&self, use_memory: impl FnOnce(&mut [f64]) -> R) -> Result<R> {
        self.shared.region.with_memory(use_memory).ok_or_else(Self::busy)
    }

    /// Hands the memory to a run, in which the layers with these indices do not learn.
    pub fn begin_run(&mut self, held: &[usize]) -> Result<()> {
        if !self.shared.region.begin_run() {
            return Err(Self::busy());
        }
        if !held.is_empty() {
            self.shared.program = Arc::new(self.lowered.program.holding(held));
        }
        self.in_run = true;
        Ok(())
    }

    /// Takes the memory back; `image` is the memory of a run that had one of its own.
    pub fn end_run(&mut self, image: Option<&[f64]>) -> Result<()> {
        self.shared.region.end_run();
        self.shared.program = Arc::clone(&self.lowered.program);
        self.in_run = false;
        self.shadow = None;
        match image {
            Some(image) => self.take(image),
            None => Ok(()),
        }
    }

    /// Takes over a whole memory of a network of this program, which must not be in a run.
    pub fn take(&self, image: &[f64]) -> Result<()> {
        let expected = self.shared.region.len();
        if image.len() != expected {
            return Err(Error::Range(format!("the memory has {} numbers, expected {expected}", image.len())));
        }
        self.with_memory(|memory| memory.copy_from_slice(image))
    }

    /// Activates for one step and copies the outputs. While a run trains the network, the step is on the
    /// page's own states and the weights of this moment.
    pub fn activate(&mut self, input: &[f64], output: &mut [f64]) -> Result<()> {
        let Network { lowered, shared, in_run, shadow, online, .. } = self;
        let program = &lowered.program;
        let mut step = |memory: &mut [f64]| {
            online.activate(program, memory, input);
            output.copy_from_slice(&program.layout.split(memory).activations[program.outputs.clone()]);
        };
        if *in_run {
            step(Shadow::now(shadow, &shared.region));
            return Ok(());
        }
        shared.region.with_memory(step).ok_or_else(Self::busy)
    }

    /// Propagates the error of the last activation against `target`.
    ///
    /// # Errors
    /// TypeError for a network with a read-out: eligibility traces do not go through a pool of steps.
    pub fn propagate(&mut self, rate: f64, target: &[f64]) -> Result<()> {
        let (program, online) = (&self.lowered.program, &mut self.online);
        program.check_online()?;
        let learn = |memory: &mut [f64]| online.propagate(program, memory, rate, target);
        self.shared.region.with_memory(learn).ok_or_else(Self::busy)
    }

    /// Stores the memory's values in the graph; during a run the page's own states and the weights of this
    /// moment.
    pub fn store(&mut self, graph: &mut Graph) -> Result<()> {
        let Network { lowered, shared, in_run, shadow, .. } = self;
        if *in_run {
            lowered.store(Shadow::now(shadow, &shared.region), graph);
            return Ok(());
        }
        shared.region.with_memory(|memory| lowered.store(memory, graph)).ok_or_else(Self::busy)
    }

    /// Loads the graph's values into the memory.
    pub fn load(&self, graph: &Graph) -> Result<()> {
        let image = self.lowered.load(graph);
        self.with_memory(|memory| memory.copy_from_slice(&image))
    }

    /// Takes over what a network with fewer inputs and outputs has learnt, see [`inherit`].
    ///
    /// # Errors
    /// TypeError for one of other layers, and during a run.
    pub fn inherit(&self, old: &Network, growth: Growth) -> Result<()> {
        let numbers = old.parameters();
        self.with_memory(|memory| inherit(old.program(), &numbers, self.program(), memory, growth))?
    }

    /// The parameters of this moment, also during a run.
    pub fn parameters(&self) -> Vec<f64> {
        let mut parameters = vec![0.0; self.lowered.program.layout.parameters().len()];
        self.shared.region.read_parameters(-1, &mut parameters);
        parameters
    }

    /// Outputs of every sample, each from a fresh context, in the precision `T`; the network's own
    /// context stays as it is. Calls `visit(step of the data set, weight of the sample, output)` at every step, or,
    /// with `targets_only`, at the steps with a target; of a network with a read-out at last steps alone.
    pub fn run_sequences<T: Real>(
        &self,
        data: &DataSet,
        targets_only: bool,
        visit: &mut dyn FnMut(usize, f64, &[f64]),
    ) {
        let program = &self.lowered.program;
        let parameters: Vec<T> = self.parameters().into_iter().map(T::of).collect();
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        let spare = spare.and_then(|spare| spare.downcast::<Bptt<T>>().ok());
        let mut bptt = spare.unwrap_or_else(|| Box::new(Bptt::to_look(program)));
        let mut order: Vec<usize> = (0..data.len()).collect();
        longest_first(&mut order, &|index| data.sample(index).steps);
        let mut output = vec![0.0; program.output_count()];
        for indices in order.chunks(SIDE_BY_SIDE) {
            let batch: Vec<Sample> = indices.iter().map(|&index| data.sample(index)).collect();
            for (batch, context) in passes(&batch, steps_to_look(program)) {
                bptt.forward(program, &parameters, data, &batch, context, !targets_only);
                for (lane, sample) in batch.iter().enumerate() {
                    for step in 0..sample.steps {
                        let between = program.has_readout() && step + 1 < sample.steps;
                        if between || targets_only && !data.has_target(sample.first + step) {
                            continue;
                        }
                        for (position, value) in output.iter_mut().enumerate() {
                            *value = bptt.output(program, step, lane, position).wide();
                        }
                        visit(sample.first + step, sample.weight, &output);
                    }
                }
            }
        }
        // What sequences take that are run in phases may be much memory.
        if !program.is_phased() {
            *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some(bptt);
        }
    }

    /// Judges the lists of a set, in the precision `T`.
    fn judge_lists<T: Real>(&self, data: &DataSet, tally: &mut Tally) {
        let program = &self.lowered.program;
        let parameters: Vec<T> = self.parameters().into_iter().map(T::of).collect();
        let mut bptt = Bptt::<T>::new(program);
        let mut order: Vec<usize> = (0..data.len()).collect();
        longest_first(&mut order, &|index| data.sample(index).steps);
        for indices in order.chunks(SIDE_BY_SIDE) {
            let batch: Vec<Sample> = indices.iter().map(|&index| data.sample(index)).collect();
            bptt.forward(program, &parameters, data, &batch, Context::Fresh, true);
            for (sample, [loss, right]) in batch.iter().zip(bptt.judge_lists(program, data)) {
                tally.add_list(loss, sample.weight, right == 1.0);
            }
        }
    }

    /// Activations of every neuron at every step of a sample, from a fresh context; (steps, units). What reads a
    /// read-out has one activation, which stands at every step; read-outs show what they read at each.
    pub fn trace(&self, data: &DataSet, sample: Sample) -> Vec<f64> {
        let program = &self.lowered.program;
        let parameters = self.parameters();
        let mut bptt = Bptt::<f64>::to_look(program);
        let mut trace = Vec::with_capacity(sample.steps * program.units);
        for (batch, context) in passes(&[sample], steps_to_look(program)) {
            bptt.forward(program, &parameters, data, &batch, context, true);
            for step in 0..batch[0].steps {
                trace.extend((0..program.units).map(|unit| bptt.activation(program, step, 0, unit)));
            }
        }
        trace
    }

    /// [`attribute`] with the parameters of this moment, in double precision.
    pub fn attribute(&self, data: &DataSet, intervals: usize) -> Attribution {
        attribute(&self.lowered.program, &self.parameters(), data, intervals)
    }

    /// Error and accuracy on a set. Plain pairs go through the network's own context, as in
    /// Synaptic; sequences each start from a fresh one, in single precision unless `double`. Without a cost
    /// the error is what a run on such a set reports.
    pub fn test(&mut self, data: &DataSet, cost: Option<Cost>, sequences: bool, double: bool) -> Result<Score> {
        let program = &self.lowered.program;
        let (softmax, outputs) = (program.has_softmax(), &program.squash[program.outputs.clone()]);
        let cost = cost.unwrap_or(Cost::usual(outputs, sequences));
        let mut tally = Tally::new(outputs);
        if data.has_lists() {
            if !softmax || program.has_readout() {
                return Err(Error::Type("lists of symbols are read from softmax outputs at every step".into()));
            }
            match double {
                true => self.judge_lists::<f64>(data, &mut tally),
                false => self.judge_lists::<f32>(data, &mut tally),
            }
            return Ok(tally.score());
        }
        if sequences || program.is_phased() {
            let mut row = Vec::new();
            let visit = &mut |step: usize, weight: f64, output: &[f64]| {
                if let Some(target) = data.target(step, &mut row) {
                    tally.add(cost.of(target, output, softmax), weight, target, output);
                }
            };
            if double {
                self.run_sequences::<f64>(data, true, visit)
            } else {
                self.run_sequences::<f32>(data, true, visit)
            }
        } else {
            let mut output = vec![0.0; self.lowered.program.output_count()];
            let mut row = Vec::new();
            for Sample { first: step, weight, .. } in (0..data.len()).map(|index| data.sample(index)) {
                self.activate(data.input(step, &mut row), &mut output)?;
                if let Some(target) = data.target(step, &mut row) {
                    tally.add(cost.of(target, &output, softmax), weight, target, &output);
                }
            }
        }
        Ok(tally.score())
    }
}
