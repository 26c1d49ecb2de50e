//! Drives a run to its end: trains without the interpreter's lock, and takes it to tell and to ask the host.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engram::field::Choice;
use engram::network::Shared;
use engram::shared::Word;
use engram::train::{Ask, Crew, Event, Options, Run, Sets};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::names;
use super::refused;

/// Between two reports of progress, and two looks for signals, such as that of Ctrl-C.
const INTERVAL: Duration = Duration::from_millis(50);

/// The host of a run: a Python object with the methods `started`, `rate`, `cost`, `schedule`, `progress` and
/// `checkpoint`. `started` is called once nothing can be refused any more.
/// What one of them raises ends the run; the network keeps the weights that were published last.
pub struct Host<'py>(Bound<'py, PyAny>);

impl<'py> Host<'py> {
    pub fn new(object: Bound<'py, PyAny>) -> Self {
        Host(object)
    }

    /// Tells how the run goes; true asks it to stop.
    fn progress(&self, run: &Run) -> PyResult<bool> {
        let training = run.training();
        let report = PyDict::new(self.0.py());
        report.set_item("iteration", run.finished())?;
        report.set_item("error", run.error())?;
        report.set_item("accuracy", run.accuracy())?;
        report.set_item("rate", run.rate())?;
        report.set_item("examples", run.examples())?;
        report.set_item("training_error", training.error)?;
        report.set_item("training_accuracy", training.accuracy)?;
        self.0.call_method1("progress", (report,))?.is_truthy()
    }

    fn answer(&self, run: &mut Run, ask: Ask) -> PyResult<()> {
        match ask {
            Ask::Rate { iteration, last_error } => {
                let rate = self.0.call_method1("rate", (iteration, last_error))?.extract()?;
                run.answer_rate(rate);
            }
            Ask::Cost => {
                let (outputs, steps) = run.outputs();
                let given = (outputs.to_vec().into_pyarray(self.0.py()), steps.into_pyarray(self.0.py()));
                let cost = self.0.call_method1("cost", given)?.extract()?;
                run.answer_cost(cost);
            }
            Ask::Schedule => {
                let report = (run.iteration(), run.error(), run.rate());
                let stop = self.0.call_method1("schedule", report)?.is_truthy()?;
                run.answer_schedule(stop);
            }
        }
        Ok(())
    }

    fn save(&self, run: &Run) -> PyResult<()> {
        if let Some(bytes) = run.checkpoint() {
            self.0.call_method1("checkpoint", (PyBytes::new(self.0.py(), &bytes),))?;
        }
        Ok(())
    }
}

/// Threads that help a run, until they are dropped.
struct Helpers {
    crew: Arc<Crew>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Helpers {
    fn new(count: usize) -> std::io::Result<Self> {
        let mut helpers = Helpers { crew: Arc::default(), threads: Vec::new() };
        for _ in 0..count {
            let crew = Arc::clone(&helpers.crew);
            helpers.threads.push(std::thread::Builder::new().spawn(move || crew.help())?);
        }
        Ok(helpers)
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        self.crew.dismiss();
        for thread in self.threads.drain(..) {
            // One that has panicked has printed why; the run has done its part.
            let _ = thread.join();
        }
    }
}

/// Trains a network, whose region is in the run's hands, to the end of the run.
pub fn train<'py>(
    py: Python<'py>,
    shared: Shared,
    sets: Sets,
    options: Options,
    threads: usize,
    host: &Host<'py>,
    resume: Option<&[u8]>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut run = py.detach(|| Run::new(shared.clone(), sets, options)).map_err(refused)?;
    if let Some(bytes) = resume {
        run.resume(bytes).map_err(refused)?;
    }
    let helpers = Helpers::new(threads.saturating_sub(1))?;
    run.join(Arc::clone(&helpers.crew));
    host.0.call_method0("started")?;
    let mut reported = Instant::now();
    loop {
        let event = py.detach(|| step(&mut run, reported + INTERVAL));
        py.check_signals()?;
        match event {
            Event::Ask(ask) => host.answer(&mut run, ask)?,
            Event::Checkpoint => host.save(&run)?,
            _ => {}
        }
        let is_done = matches!(event, Event::Done(_));
        if is_done || reported.elapsed() >= INTERVAL {
            reported = Instant::now();
            if host.progress(&run)? {
                shared.region.set_word(Word::Abort, 1);
            }
        }
        if is_done {
            run.hand_back();
            return outcome(py, &run);
        }
    }
}

/// Trains until something is to be told.
fn step(run: &mut Run, until: Instant) -> Event {
    loop {
        match run.step(|| Instant::now() < until) {
            Event::Iteration if Instant::now() < until => {}
            event => return event,
        }
    }
}

/// Why a run ended, and how.
fn outcome<'py>(py: Python<'py>, run: &Run) -> PyResult<Bound<'py, PyDict>> {
    let (training, verdict) = (run.training(), run.verdict());
    let outcome = PyDict::new(py);
    outcome.set_item("stopped", run.stopped().map(|stopped| names::variant(stopped.name())))?;
    outcome.set_item("iteration", run.iteration())?;
    outcome.set_item("error", run.error())?;
    outcome.set_item("accuracy", run.accuracy())?;
    outcome.set_item("training_error", training.error)?;
    outcome.set_item("training_accuracy", training.accuracy)?;
    outcome.set_item("baseline", verdict.baseline)?;
    outcome.set_item("swings", verdict.swings)?;
    Ok(outcome)
}
