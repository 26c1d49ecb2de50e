//! Streams, for JavaScript.

use wasm_bindgen::prelude::*;

use super::network::NetworkHandle;
use crate::data::Inputs;
use crate::stream::Stream;

#[wasm_bindgen(js_name = Stream)]
pub struct StreamHandle {
    stream: Stream,
    /// The page reads the outputs from here, so that a call moves no arrays.
    output: Box<[f64]>,
}

#[wasm_bindgen(js_class = Stream)]
impl StreamHandle {
    /// Steps are symbols, bits, or else rows, which the page writes to where `inputAddress` says.
    #[wasm_bindgen(constructor)]
    pub fn new(network: &NetworkHandle, form: &str) -> Result<Self, JsValue> {
        let program = network.network.program();
        let inputs = match form {
            "symbols" => Inputs::Symbols(vec![0]),
            "bits" => Inputs::Bits(vec![0]),
            _ => Inputs::Rows(vec![0.0; program.inputs]),
        };
        let output = vec![0.0; program.output_count()].into();
        Ok(super::returned(StreamHandle { stream: Stream::new(&network.network, inputs)?, output }))
    }

    #[wasm_bindgen(js_name = inputAddress)]
    pub fn input_address(&mut self) -> usize {
        match self.stream.inputs() {
            Inputs::Rows(row) => row.as_ptr() as usize,
            _ => 0,
        }
    }

    #[wasm_bindgen(js_name = outputAddress)]
    pub fn output_address(&self) -> usize {
        self.output.as_ptr() as usize
    }

    /// Another stream that has read the same.
    pub fn copy(&self) -> Result<StreamHandle, JsValue> {
        Ok(super::returned(StreamHandle { stream: self.stream.clone(), output: self.output.clone() }))
    }

    pub fn reset(&mut self) {
        self.stream.reset();
    }

    /// Reads a step: the row that the page has written, or this code of one, a symbol's below the number of inputs.
    /// False where it is not, the network is in use, or another than that of the constructor.
    pub fn push(&mut self, network: &NetworkHandle, code: u32, stays: bool) -> bool {
        let inputs = network.network.program().inputs;
        match self.stream.inputs() {
            Inputs::Symbols(_) if code as usize >= inputs => return false,
            Inputs::Symbols(symbol) => symbol[0] = code,
            Inputs::Bits(byte) => byte[0] = code as u8,
            Inputs::Rows(_) => {}
        }
        self.stream.push(&network.network, stays, &mut self.output).is_ok()
    }
}
