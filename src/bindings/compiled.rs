//! Makes instances of compiled programs and puts their functions where the engine can call them.

use std::cell::RefCell;

use js_sys::WebAssembly::{Instance, Module, Table};
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::compile::compile;
use crate::kernels::{Compiled, Sizes, Squash};
use crate::program::Program;

/// Instances that are kept when nobody uses them: a genetic algorithm makes its next network of the same topology.
const IDLE: usize = 16;

/// An instance. Networks of one topology have the same code, so they share it.
struct Made {
    code: Vec<u8>,
    functions: Object,
    slots: [usize; 2],
    users: usize,
}

#[derive(Default)]
struct Instances {
    /// Those that have had users for longest come first.
    made: Vec<Made>,
    /// Slots of this instance's function table that were given back.
    spare: Vec<usize>,
}

thread_local! {
    static INSTANCES: RefCell<Instances> = RefCell::default();
}

/// The hyperbolic tangent for compiled programs: the one that the interpreter uses.
#[wasm_bindgen]
pub fn tanh(x: f64) -> f64 {
    Squash::Tanh.forward(x)
}

/// The code of a program, ready to run, and its exports; `None` where interpreting is as good, or
/// where the host does not make the instance.
pub fn compiled(program: &Program) -> Option<(Compiled, Object)> {
    let code = compile(program)?;
    let (slots, functions) = INSTANCES.with_borrow_mut(|instances| instances.lease(code)).ok()?;
    let sizes = Sizes {
        memory: program.layout.size(),
        inputs: program.inputs,
        outputs: program.output_count(),
        units: program.units,
    };
    Some((Compiled::new(sizes, slots, release), functions))
}

impl Instances {
    fn lease(&mut self, code: Vec<u8>) -> Result<([usize; 2], Object), JsValue> {
        let mut made = match self.made.iter().position(|made| made.code == code) {
            Some(index) => self.made.remove(index),
            None => self.instantiate(code)?,
        };
        made.users += 1;
        let leased = (made.slots, made.functions.clone());
        self.made.push(made);
        Ok(leased)
    }

    fn instantiate(&mut self, code: Vec<u8>) -> Result<Made, JsValue> {
        let engine = Object::new();
        Reflect::set(&engine, &"memory".into(), &wasm_bindgen::memory())?;
        Reflect::set(&engine, &"tanh".into(), &Reflect::get(&wasm_bindgen::exports(), &"tanh".into())?)?;
        let imports = Object::new();
        Reflect::set(&imports, &"engine".into(), &engine)?;
        // The code is copied, as a host does not compile bytes of shared memory.
        let module = Module::new(&Uint8Array::from(code.as_slice()).into())?;
        let functions = Instance::new(&module, &imports)?.exports();
        let table: Table = wasm_bindgen::function_table().unchecked_into();
        let mut slots = [0; 2];
        for (slot, name) in slots.iter_mut().zip(["activate", "propagate"]) {
            *slot = match self.spare.pop() {
                Some(spare) => spare,
                None => table.grow(1)? as usize,
            };
            table.set(*slot as u32, &Reflect::get(&functions, &name.into())?.unchecked_into())?;
        }
        Ok(Made { code, functions, slots, users: 0 })
    }

    fn give_back(&mut self, slots: [usize; 2]) {
        if let Some(made) = self.made.iter_mut().find(|made| made.slots == slots) {
            made.users -= 1;
        }
        let idle = self.made.iter().filter(|made| made.users == 0).count();
        if idle <= IDLE {
            return;
        }
        if let Some(oldest) = self.made.iter().position(|made| made.users == 0) {
            let table: Table = wasm_bindgen::function_table().unchecked_into();
            for slot in self.made.remove(oldest).slots {
                // An empty slot keeps nothing alive.
                let _ = table.set_raw(slot as u32, &JsValue::NULL);
                self.spare.push(slot);
            }
        }
    }
}

fn release(slots: [usize; 2]) {
    INSTANCES.with_borrow_mut(|instances| instances.give_back(slots));
}
