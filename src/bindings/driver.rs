//! Drives a run and calls its host: at once on the page, with promises in a worker.

use js_sys::{Float64Array, Promise, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::train::{Ask, Event, Run};

/// Milliseconds between two reports of progress, and so between two copies of the weights where
/// memory is not shared.
const PROGRESS_INTERVAL: f64 = 50.0;
/// Milliseconds a worker trains before it lets messages in.
const SLICE: f64 = 15.0;

#[wasm_bindgen]
extern "C" {
    /// The host of a run, in TypeScript. In a worker the answers are promises.
    pub type Host;

    #[wasm_bindgen(method, catch)]
    fn rate(this: &Host, iteration: u32, last_error: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cost(this: &Host, outputs: Float64Array, steps: Uint32Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn schedule(this: &Host, iteration: u32, error: f64, rate: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn progress(
        this: &Host,
        iteration: u32,
        error: f64,
        accuracy: f64,
        rate: f64,
        examples: u32,
        training_error: f64,
        training_accuracy: f64,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn checkpoint(this: &Host, bytes: Uint8Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn idle(this: &Host) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn paused(this: &Host) -> Result<Promise, JsValue>;
}

/// A number that may be missing, as one: the package takes NaN for nothing.
pub fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

fn clock() -> web_sys::Performance {
    let global = js_sys::global();
    js_sys::Reflect::get(&global, &"performance".into())
        .expect("every supported runtime has performance")
        .unchecked_into()
}

pub struct Driver {
    run: Run,
    clock: web_sys::Performance,
    reported: f64,
    /// What the host is being asked, between two calls of [`Driver::advance`].
    asked: Option<Ask>,
    is_paused: bool,
}

impl Driver {
    pub fn new(run: Run) -> Self {
        let clock = clock();
        let reported = clock.now();
        Driver { run, clock, reported, asked: None, is_paused: false }
    }

    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), crate::error::Error> {
        self.run.resume(bytes)
    }

    pub fn run(&self) -> &Run {
        &self.run
    }

    fn step(&mut self) -> Event {
        let until = self.clock.now() + SLICE;
        loop {
            let clock = &self.clock;
            match self.run.step(|| clock.now() < until) {
                Event::Iteration => {}
                event => return event,
            }
        }
    }

    fn report(&mut self, host: &Host, last: bool) -> Result<(), JsValue> {
        let now = self.clock.now();
        if last || now - self.reported >= PROGRESS_INTERVAL {
            self.reported = now;
            let run = &self.run;
            let training = run.training();
            host.progress(
                run.finished(),
                run.error(),
                or_nan(run.accuracy()),
                run.rate(),
                run.examples(),
                training.error,
                or_nan(training.accuracy),
            )?;
        }
        Ok(())
    }

    fn save(&self, host: &Host) -> Result<(), JsValue> {
        match self.run.checkpoint() {
            Some(bytes) => host.checkpoint(Uint8Array::from(bytes.as_slice())),
            None => Ok(()),
        }
    }

    fn ask(&self, host: &Host, ask: Ask) -> Result<JsValue, JsValue> {
        match ask {
            Ask::Rate { iteration, last_error } => host.rate(iteration, last_error),
            Ask::Cost => {
                let (outputs, steps) = self.run.outputs();
                host.cost(Float64Array::from(outputs), Uint32Array::from(steps.as_slice()))
            }
            Ask::Schedule => host.schedule(self.run.iteration(), self.run.error(), self.run.rate()),
        }
    }

    fn answer(&mut self, ask: Ask, answer: &JsValue) {
        match ask {
            Ask::Rate { .. } => self.run.answer_rate(answer.as_f64().unwrap_or(f64::NAN)),
            Ask::Cost => self.run.answer_cost(answer.as_f64().unwrap_or(f64::NAN)),
            Ask::Schedule => self.run.answer_schedule(answer.is_truthy()),
        }
    }

    pub fn train(&mut self, host: &Host) -> Result<(), JsValue> {
        loop {
            match self.step() {
                Event::Ask(ask) => {
                    self.report(host, false)?;
                    let answer = self.ask(host, ask)?;
                    self.answer(ask, &answer);
                }
                Event::Done(_) => return self.report(host, true),
                Event::Checkpoint => self.save(host)?,
                _ => self.report(host, false)?,
            }
        }
    }

    /// Trains until the run has to wait, and gives what for: a promise, of the host's answer or of nothing; `None` once
    /// the run has ended. `answer` is what the last promise gave.
    pub fn advance(&mut self, host: &Host, answer: &JsValue) -> Result<Option<JsValue>, JsValue> {
        if let Some(ask) = self.asked.take() {
            self.answer(ask, answer);
        }
        let event = self.step();
        let was_paused = std::mem::replace(&mut self.is_paused, event == Event::Paused);
        // A pause is reported once: where memory is not shared, a report brings the weights along.
        let is_last = matches!(event, Event::Done(_)) || event == Event::Paused && !was_paused;
        match event {
            Event::Checkpoint => self.save(host)?,
            Event::Paused if was_paused => {}
            _ => self.report(host, is_last)?,
        }
        Ok(match event {
            Event::Done(_) => None,
            Event::Ask(ask) => {
                self.asked = Some(ask);
                Some(self.ask(host, ask)?)
            }
            Event::Paused => Some(host.paused()?.into()),
            Event::Checkpoint | Event::Slice | Event::Iteration | Event::Batch => Some(host.idle()?.into()),
        })
    }
}
