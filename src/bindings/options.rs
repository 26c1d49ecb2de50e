//! Options of architects and runs, read field by field from JavaScript's objects. TypeScript has checked
//! them, and a generic deserialiser would be a fifth of the module.

use js_sys::Float64Array;
use wasm_bindgen::prelude::*;

use super::names::{CONNECTION_TYPES, COSTS, LEARNERS, OPTIMIZERS, OUTPUTS, PRECISIONS, VARIANTS};
use crate::error::Error;
use crate::graph::architect::LstmOptions;
use crate::train::{Decay, Options, Rate};

#[wasm_bindgen]
extern "C" {
    pub type JsLstmOptions;
    #[wasm_bindgen(method, getter)]
    fn peepholes(this: &JsLstmOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = hiddenToHidden)]
    fn hidden_to_hidden(this: &JsLstmOptions) -> bool;
    #[wasm_bindgen(method, getter, js_name = outputToHidden)]
    fn output_to_hidden(this: &JsLstmOptions) -> bool;
    #[wasm_bindgen(method, getter, js_name = outputToGates)]
    fn output_to_gates(this: &JsLstmOptions) -> bool;
    #[wasm_bindgen(method, getter, js_name = inputToOutput)]
    fn input_to_output(this: &JsLstmOptions) -> bool;
    #[wasm_bindgen(method, getter)]
    fn variant(this: &JsLstmOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn output(this: &JsLstmOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn bidirectional(this: &JsLstmOptions) -> bool;
    #[wasm_bindgen(method, getter)]
    fn embedding(this: &JsLstmOptions) -> usize;

    pub type JsDecay;
    #[wasm_bindgen(method, getter, js_name = type)]
    fn kind(this: &JsDecay) -> String;
    #[wasm_bindgen(method, getter)]
    fn every(this: &JsDecay) -> f64;
    #[wasm_bindgen(method, getter)]
    fn factor(this: &JsDecay) -> f64;
    #[wasm_bindgen(method, getter)]
    fn floor(this: &JsDecay) -> f64;
    #[wasm_bindgen(method, getter)]
    fn patience(this: &JsDecay) -> f64;

    pub type JsOptions;
    #[wasm_bindgen(method, getter)]
    pub fn learner(this: &JsOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn rate(this: &JsOptions) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn iterations(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn error(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn shuffle(this: &JsOptions) -> bool;
    #[wasm_bindgen(method, getter)]
    fn cost(this: &JsOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = hostCost)]
    fn host_cost(this: &JsOptions) -> bool;
    #[wasm_bindgen(method, getter, js_name = heldOut)]
    fn held_out(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = heldOutError)]
    fn held_out_error(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn patience(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = scheduleEvery)]
    fn schedule_every(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = checkpointEvery)]
    fn checkpoint_every(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = logEvery)]
    fn log_every(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn sequences(this: &JsOptions) -> bool;
    #[wasm_bindgen(method, getter)]
    fn optimizer(this: &JsOptions) -> String;
    #[wasm_bindgen(method, getter, js_name = weightDecay)]
    fn weight_decay(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn decay(this: &JsOptions) -> JsDecay;
    #[wasm_bindgen(method, getter, js_name = warmUp)]
    fn warm_up(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn truncate(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = memoryLimit)]
    fn memory_limit(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter)]
    fn dropout(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = bucket)]
    fn group_by_length(this: &JsOptions) -> bool;
    #[wasm_bindgen(method, getter, js_name = batchSize)]
    fn batch_size(this: &JsOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = clipNorm)]
    fn clip_norm(this: &JsOptions) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn precision(this: &JsOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn seed(this: &JsOptions) -> f64;
}

/// Options of an LSTM.
pub fn lstm_options(given: &JsLstmOptions) -> Result<LstmOptions, Error> {
    Ok(LstmOptions {
        peepholes: given.peepholes().as_deref().map(|word| CONNECTION_TYPES.value(word)).transpose()?,
        hidden_to_hidden: given.hidden_to_hidden(),
        output_to_hidden: given.output_to_hidden(),
        output_to_gates: given.output_to_gates(),
        input_to_output: given.input_to_output(),
        variant: VARIANTS.value(&given.variant())?,
        output: OUTPUTS.value(&given.output())?,
        bidirectional: given.bidirectional(),
        embedding: given.embedding(),
    })
}

fn rate_of(given: JsValue) -> Rate {
    match given.as_f64() {
        Some(rate) => Rate::Constant(rate),
        None if given.is_null() => Rate::Host,
        None => Rate::Piecewise(Float64Array::new(&given).to_vec()),
    }
}

fn decay_of(given: &JsDecay) -> Result<Decay, Error> {
    let kind = given.kind();
    Ok(match kind.as_str() {
        "none" => Decay::None,
        "step" => Decay::Step { every: given.every() as u32, factor: given.factor() },
        "cosine" => Decay::Cosine { floor: given.floor() },
        "plateau" => Decay::Plateau { patience: given.patience() as u32, factor: given.factor() },
        _ => return Err(Error::Type(format!("'{kind}' is no decay"))),
    })
}

/// Options of a run.
pub fn run_options(given: &JsOptions) -> Result<Options, Error> {
    Ok(Options {
        learner: LEARNERS.value(&given.learner())?,
        rate: rate_of(given.rate()),
        iterations: given.iterations() as u32,
        error: given.error(),
        shuffle: given.shuffle(),
        cost: given.cost().as_deref().map(|word| COSTS.value(word)).transpose()?,
        host_cost: given.host_cost(),
        held_out: given.held_out() as usize,
        held_out_error: given.held_out_error(),
        patience: given.patience() as u32,
        schedule_every: given.schedule_every() as u32,
        checkpoint_every: given.checkpoint_every() as u32,
        log_every: given.log_every() as u32,
        sequences: given.sequences(),
        optimizer: OPTIMIZERS.value(&given.optimizer())?,
        weight_decay: given.weight_decay(),
        decay: decay_of(&given.decay())?,
        warm_up: given.warm_up() as u32,
        truncate: given.truncate() as usize,
        memory_limit: given.memory_limit(),
        dropout: given.dropout(),
        group_by_length: given.group_by_length(),
        batch_size: given.batch_size() as usize,
        clip_norm: given.clip_norm(),
        precision: PRECISIONS.value(&given.precision())?,
        seed: given.seed() as u64,
    })
}
