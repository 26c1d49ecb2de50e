//! What the TypeScript side tells an architect and a run. The options of a run are read by the engine's table.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::names;
use crate::error::Error;
use crate::field::{Given, Kind};
use crate::graph::architect::{Convolution, LstmOptions};
use crate::train::Options;

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
    #[wasm_bindgen(method, getter)]
    fn readout(this: &JsLstmOptions) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub fn convolution(this: &JsLstmOptions) -> Vec<u32>;
    #[wasm_bindgen(method, getter)]
    fn initializer(this: &JsLstmOptions) -> String;
}

/// Options of an LSTM, with its convolutions.
pub fn lstm_options<'a>(given: &JsLstmOptions, convolution: &'a [Convolution]) -> Result<LstmOptions<'a>, Error> {
    let [readout, second_readout] =
        LstmOptions::readouts(given.readout().as_deref(), |word| names::choice(word, names::variant))?;
    Ok(LstmOptions {
        peepholes: given.peepholes().as_deref().map(|word| names::choice(word, names::constant)).transpose()?,
        hidden_to_hidden: given.hidden_to_hidden(),
        output_to_hidden: given.output_to_hidden(),
        output_to_gates: given.output_to_gates(),
        input_to_output: given.input_to_output(),
        variant: names::choice(&given.variant(), names::variant)?,
        output: names::choice(&given.output(), names::variant)?,
        bidirectional: given.bidirectional(),
        embedding: given.embedding(),
        readout,
        second_readout,
        convolution,
        initializer: names::choice(&given.initializer(), names::variant)?,
    })
}

/// Options of a run, from an object that may be anything.
pub fn run_options(given: &JsValue) -> Result<Options, JsValue> {
    let fields = Options::TABLE.iter().map(|entry| (entry.name, entry.kind));
    Ok(Options::read(&record(given, fields)?)?)
}

fn record(
    object: &JsValue,
    fields: impl Iterator<Item = (&'static str, Kind)>,
) -> Result<Vec<(&'static str, Given)>, JsValue> {
    fields.map(|(name, kind)| Ok((name, value(&property(object, &names::field(name))?, &kind)?))).collect()
}

fn property(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    if object.is_object() { Reflect::get(object, &name.into()) } else { Ok(JsValue::UNDEFINED) }
}

/// A value of JavaScript as the engine's table takes it; words become the names of variants.
fn value(given: &JsValue, kind: &Kind) -> Result<Given, JsValue> {
    Ok(match kind {
        _ if given.is_null() || given.is_undefined() => Given::Nothing,
        Kind::Optional(kind) => value(given, kind)?,
        Kind::Choice(variants) => given
            .as_string()
            .and_then(|word| variants.iter().find(|name| names::variant(name) == word))
            .map_or(Given::Other, |name| Given::Word((*name).into())),
        Kind::OneOf(variants) => {
            let word = property(given, "type")?.as_string();
            let Some(variant) = variants.iter().find(|variant| Some(names::variant(variant.name)) == word) else {
                return Ok(Given::Other);
            };
            let mut fields = record(given, variant.fields.iter().copied())?;
            fields.push(("type", Given::Word(variant.name.into())));
            Given::Record(fields)
        }
        Kind::Rate if Array::is_array(given) => {
            let numbers: Option<Vec<f64>> = Array::from(given).iter().map(|number| number.as_f64()).collect();
            numbers.map_or(Given::Other, Given::Numbers)
        }
        _ => match (given.as_bool(), given.as_f64()) {
            (Some(flag), _) => Given::Flag(flag),
            (_, Some(number)) => Given::Number(number),
            _ => Given::Other,
        },
    })
}
