//! Data sets that the engine stores, for JavaScript, and the sets of a run.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use crate::data::{DataSet, Inputs, Targets};
use crate::train::Sets;

#[wasm_bindgen(js_name = DataSet)]
pub struct DataSetHandle {
    pub(super) data: Arc<DataSet>,
}

#[wasm_bindgen(js_class = DataSet)]
impl DataSetHandle {
    /// Inputs are given in one of the three forms, targets as rows or as the values of classes, or not
    /// at all where they are lists; `weights` where samples have some; `are_finite` where the page has looked at every number already.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::too_many_arguments, reason = "an object would have to be read field by field")]
    pub fn new(
        input_size: usize,
        output_size: usize,
        rows: Option<Vec<f64>>,
        symbols: Option<Vec<u32>>,
        bits: Option<Vec<u8>>,
        targets: Option<Vec<f64>>,
        are_classes: bool,
        target_of_step: Vec<u32>,
        lengths: &[u32],
        weights: Option<Vec<f64>>,
        are_finite: bool,
    ) -> Result<DataSetHandle, JsValue> {
        let inputs = match (symbols, bits) {
            (Some(symbols), _) => Inputs::Symbols(symbols),
            (None, Some(bits)) => Inputs::Bits(bits),
            (None, None) => Inputs::Rows(rows.unwrap_or_default()),
        };
        let targets = match targets {
            Some(targets) if are_classes => Targets::Classes(targets),
            Some(targets) => Targets::Rows(targets),
            None => Targets::Lists,
        };
        let mut data = DataSet::of(input_size, output_size, inputs, targets, target_of_step, lengths)?;
        if let Some(weights) = weights {
            data = data.weighted(&weights)?;
        }
        if !are_finite {
            data.check_finite()?;
        }
        Ok(super::returned(DataSetHandle { data: Arc::new(data) }))
    }

    #[wasm_bindgen(js_name = inputsAddress)]
    pub fn inputs_address(&self) -> usize {
        match self.data.inputs() {
            Inputs::Rows(rows) => rows.as_ptr() as usize,
            Inputs::Symbols(symbols) => symbols.as_ptr() as usize,
            Inputs::Bits(bits) => bits.as_ptr() as usize,
        }
    }

    #[wasm_bindgen(js_name = targetsAddress)]
    pub fn targets_address(&self) -> usize {
        match self.data.targets() {
            Targets::Rows(targets) | Targets::Classes(targets) => targets.as_ptr() as usize,
            Targets::Lists => 0,
        }
    }

    #[wasm_bindgen(js_name = targetOfStepAddress)]
    pub fn target_of_step_address(&self) -> usize {
        self.data.target_of_step().as_ptr() as usize
    }
}

/// What a run learns from and is judged by.
#[wasm_bindgen(js_name = Sets)]
pub struct SetsHandle {
    pub(super) sets: Sets,
}

#[wasm_bindgen(js_class = Sets)]
impl SetsHandle {
    #[wasm_bindgen(constructor)]
    pub fn new(data: &DataSetHandle) -> SetsHandle {
        super::returned(SetsHandle { sets: Sets { data: Arc::clone(&data.data), held_out: None } })
    }

    /// Judges by a set of its own.
    #[wasm_bindgen(js_name = holdOut)]
    pub fn hold_out(&mut self, data: &DataSetHandle) {
        self.sets.held_out = Some(Arc::clone(&data.data));
    }
}
