//! Training runs for JavaScript: on the page, or in a worker on shared or on its own memory.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::compiled::compiled;
use super::data_set::DataSetHandle;
use super::driver::{Driver, Host};
use super::names::stopped_name;
use super::options::{JsOptions, run_options};
use super::parcel::{self, Parcel};
use crate::data::DataSet;
use crate::error::Error;
use crate::network::Shared;
use crate::program::Program;
use crate::shared::Region;
use crate::train::{Crew, Learner, Run};

#[wasm_bindgen(js_name = Run)]
pub struct RunHandle {
    driver: Driver,
    shared: Shared,
}

#[wasm_bindgen(js_class = Run)]
impl RunHandle {
    /// A run over a parcel that the page packed in the same memory.
    #[wasm_bindgen(js_name = fromParcel)]
    pub fn from_parcel(number: u32, options: &JsOptions) -> Result<RunHandle, JsValue> {
        let Parcel { shared, data, crew } = parcel::receive(number)?;
        RunHandle::start(shared, data, crew, options)
    }

    /// A run over copies of a program and a memory.
    #[wasm_bindgen(js_name = fromCopy)]
    pub fn from_copy(
        program: Vec<u64>,
        memory: Vec<f64>,
        data: &DataSetHandle,
        options: &JsOptions,
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
        RunHandle::start(shared, Arc::clone(&data.data), Arc::default(), options)
    }

    pub(super) fn start(
        shared: Shared,
        data: Arc<DataSet>,
        crew: Arc<Crew>,
        options: &JsOptions,
    ) -> Result<RunHandle, JsValue> {
        let options = run_options(options)?;
        let learner = options.learner;
        let mut run = Run::new(shared.clone(), data, options)?;
        run.join(crew);
        if learner == Learner::Online
            && let Some((code, _)) = compiled(&shared.program)
        {
            run.adopt(code);
        }
        Ok(RunHandle { driver: Driver::new(run), shared })
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

    /// Runs to the end, giving way to the event loop between slices; a promise of this run. A
    /// panic rejects it.
    pub fn drive(self, host: Host) -> Promise {
        let RunHandle { mut driver, shared } = self;
        // A panic drops the run, so what the run left half-done is never seen.
        future_to_promise(AssertUnwindSafe(async move {
            driver.drive(&host).await?;
            Ok(RunHandle { driver, shared }.into())
        }))
    }

    /// Why the run ended; undefined while it goes on.
    pub fn stopped(&self) -> JsValue {
        self.driver.run().stopped().map_or(JsValue::UNDEFINED, |stopped| stopped_name(stopped).into())
    }

    /// Iterations begun, error and accuracy of the last finished one, and its error and accuracy on the
    /// samples trained on.
    pub fn outcome(&self) -> Vec<f64> {
        let run = self.driver.run();
        let training = run.training();
        vec![f64::from(run.iteration()), run.error(), run.accuracy(), training.error, training.accuracy]
    }

    /// The network's whole memory as the run has it.
    pub fn memory(&self) -> Vec<f64> {
        self.driver.run().memory().to_vec()
    }
}
