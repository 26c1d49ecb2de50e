//! Data sets that the engine keeps, for JavaScript.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use crate::data::DataSet;

#[wasm_bindgen(js_name = DataSet)]
pub struct DataSetHandle {
    pub(super) data: Arc<DataSet>,
}

#[wasm_bindgen(js_class = DataSet)]
impl DataSetHandle {
    #[wasm_bindgen(constructor)]
    pub fn new(
        input_size: usize,
        output_size: usize,
        inputs: Vec<f64>,
        targets: Vec<f64>,
        target_of_step: Vec<u32>,
        lengths: &[u32],
    ) -> Result<DataSetHandle, JsValue> {
        let data = DataSet::new(input_size, output_size, inputs, targets, target_of_step, lengths)?;
        Ok(DataSetHandle { data: Arc::new(data) })
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
