//! Training runs for JavaScript: on the page, or in a worker on shared or on its own memory.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use super::compiled::compiled;
use super::data_set::SetsHandle;
use super::driver::{Driver, Host, or_nan};
use super::names;
use super::options::run_options;
use super::parcel::{PARCELS, Parcel};
use super::returned;
use crate::error::Error;
use crate::field::Choice;
use crate::network::Shared;
use crate::program::Program;
use crate::shared::Region;
use crate::train::{Crew, Learner, Run, Sets};

#[wasm_bindgen(js_name = Run)]
pub struct RunHandle {
    driver: Driver,
    shared: Shared,
}

#[wasm_bindgen(js_class = Run)]
impl RunHandle {
    /// A run over a parcel that the page packed in the same memory.
    #[wasm_bindgen(js_name = fromParcel)]
    pub fn from_parcel(number: u32, options: &JsValue) -> Result<RunHandle, JsValue> {
        let Parcel { shared, sets, crew } = PARCELS.receive(number)?;
        RunHandle::start(shared, sets, crew, options)
    }

    /// A run over copies of a program and a memory.
    #[wasm_bindgen(js_name = fromCopy)]
    pub fn from_copy(
        program: Vec<u64>,
        memory: Vec<f64>,
        sets: &SetsHandle,
        options: &JsValue,
    ) -> Result<RunHandle, JsValue> {
        let program = Program::from_words(program)?;
        if memory.len() != program.layout.size() {
            return Err(Error::Range(format!(
                "the memory has {} numbers, not {}",
                memory.len(),
                program.layout.size()
            ))
            .into());
        }
        let region = Region::new(memory, program.layout.parameters().end);
        region.begin_run();
        let shared = Shared { program: Arc::new(program), region: Arc::new(region) };
        RunHandle::start(shared, sets.sets.clone(), Arc::default(), options)
    }

    pub(super) fn start(shared: Shared, sets: Sets, crew: Arc<Crew>, options: &JsValue) -> Result<RunHandle, JsValue> {
        let options = run_options(options)?;
        let learner = options.learner;
        let mut run = Run::new(shared.clone(), sets, options)?;
        run.join(crew);
        if learner == Learner::Online
            && let Some((code, _)) = compiled(&shared.program)
        {
            run.adopt(code);
        }
        Ok(returned(RunHandle { driver: Driver::new(run), shared }))
    }

    #[wasm_bindgen(js_name = memoryAddress)]
    pub fn memory_address(&self) -> usize {
        self.shared.region.memory_address()
    }

    #[wasm_bindgen(js_name = wordsAddress)]
    pub fn words_address(&self) -> usize {
        self.shared.region.words_address()
    }

    /// Takes the place of the run that a checkpoint was made of.
    pub fn resume(&mut self, checkpoint: &[u8]) -> Result<(), JsValue> {
        Ok(self.driver.resume(checkpoint)?)
    }

    /// Runs to the end without giving way.
    pub fn train(&mut self, host: &Host) -> Result<(), JsValue> {
        self.driver.train(host)
    }

    /// Trains until the run has to wait, and gives the promise to wait for; undefined once the run has ended. `answer`
    /// is what the last promise gave. The caller awaits it: on the calling thread of a platform without workers, workerd,
    /// what goes on by an engine's own promises has left the request that it belongs to.
    pub fn advance(&mut self, host: &Host, answer: &JsValue) -> Result<JsValue, JsValue> {
        Ok(self.driver.advance(host, answer)?.unwrap_or(JsValue::UNDEFINED))
    }

    /// Why the run ended; undefined while it goes on.
    pub fn stopped(&self) -> Option<String> {
        self.driver.run().stopped().map(|stopped| names::variant(stopped.name()))
    }

    /// Iterations begun, error and accuracy of the last finished one, its error and accuracy on the samples trained
    /// on, the error of the best constant answer on these, and whether the error swung (1 or 0).
    pub fn outcome(&self) -> Vec<f64> {
        let run = self.driver.run();
        let (training, verdict) = (run.training(), run.verdict());
        vec![
            f64::from(run.iteration()),
            run.error(),
            or_nan(run.accuracy()),
            training.error,
            or_nan(training.accuracy),
            or_nan(verdict.baseline),
            f64::from(u8::from(verdict.swings)),
        ]
    }

    /// Writes the run's memory where the page has it, at the end of a run on shared memory.
    #[wasm_bindgen(js_name = handBack)]
    pub fn hand_back(&self) {
        self.driver.run().hand_back();
    }

    /// The network's whole memory as the run has it, at the end of a run on a memory of its own.
    pub fn memory(&self) -> Vec<f64> {
        self.driver.run().memory().to_vec()
    }
}
