//! Data sets that the engine stores, for JavaScript, and the sets of a run.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use crate::data::DataSet;
use crate::train::Sets;

#[wasm_bindgen(js_name = DataSet)]
pub struct DataSetHandle {
    pub(super) data: Arc<DataSet>,
}

#[wasm_bindgen(js_class = DataSet)]
impl DataSetHandle {
    /// `are_finite` where the page has looked at every number already.
    #[wasm_bindgen(constructor)]
    pub fn new(
        input_size: usize,
        output_size: usize,
        inputs: Vec<f64>,
        targets: Vec<f64>,
        target_of_step: Vec<u32>,
        lengths: &[u32],
        are_finite: bool,
    ) -> Result<DataSetHandle, JsValue> {
        let data = DataSet::new(input_size, output_size, inputs, targets, target_of_step, lengths)?;
        if !are_finite {
            data.check_finite()?;
        }
        Ok(super::returned(DataSetHandle { data: Arc::new(data) }))
    }

    #[wasm_bindgen(js_name = inputsAddress)]
    pub fn inputs_address(&self) -> usize {
        self.data.inputs().as_ptr() as usize
    }

    #[wasm_bindgen(js_name = targetsAddress)]
    pub fn targets_address(&self) -> usize {
        self.data.targets().as_ptr() as usize
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
