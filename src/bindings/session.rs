//! Steps of a network that a worker takes on copies of its memory, for JavaScript.

use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::learn::online::Online;
use crate::program::Program;

/// A network inside a worker that activates and propagates on memory images sent to it.
#[wasm_bindgen]
pub struct Session {
    program: Program,
    memory: Vec<f64>,
    online: Online,
}

#[wasm_bindgen]
impl Session {
    #[wasm_bindgen(constructor)]
    pub fn new(program: Vec<u64>) -> Result<Session, JsValue> {
        let program = Program::from_words(program)?;
        Ok(Session { program, memory: Vec::new(), online: Online::default() })
    }

    /// One step on `memory`; gives the outputs.
    pub fn activate(&mut self, memory: &[f64], input: &[f64]) -> Result<Vec<f64>, JsValue> {
        self.take(memory, input.len(), self.program.inputs)?;
        self.online.activate(&self.program, &mut self.memory, input);
        Ok(self.program.layout.split(&mut self.memory).activations[self.program.outputs.clone()].to_vec())
    }

    /// Learns from one target on `memory`.
    pub fn propagate(&mut self, memory: &[f64], rate: f64, target: &[f64]) -> Result<(), JsValue> {
        self.take(memory, target.len(), self.program.output_count())?;
        self.online.propagate(&self.program, &mut self.memory, rate, target);
        Ok(())
    }

    /// The memory after the last call.
    pub fn memory(&self) -> Vec<f64> {
        self.memory.clone()
    }
}

impl Session {
    /// Takes a memory, and checks that values come in the number that is wanted.
    fn take(&mut self, memory: &[f64], given: usize, wanted: usize) -> Result<(), Error> {
        let size = self.program.layout.size();
        if memory.len() != size || given != wanted {
            return Err(Error::Range(format!(
                "a memory of {} numbers and {given} values, the program has {size} and {wanted}",
                memory.len()
            )));
        }
        memory.clone_into(&mut self.memory);
        Ok(())
    }
}
