//! The border to JavaScript: handles, conversions, and errors as `TypeError` and `RangeError`.
//!
//! These classes are the package's private ground floor; the TypeScript beside them checks what
//! users give and documents what they get.
#![allow(missing_docs)]

mod compiled;
mod driver;
mod graph;
mod network;
mod options;
mod parcel;
mod run;

use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Type(_) => js_sys::TypeError::new(&message).into(),
            Error::Range(_) => js_sys::RangeError::new(&message).into(),
        }
    }
}

/// Plain values as JavaScript objects and arrays.
fn to_js(value: &impl serde::Serialize) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(value)?)
}
