//! Makes instances of compiled programs and puts their functions where the engine can call them.

use std::cell::RefCell;

use js_sys::WebAssembly::{Instance, Module, Table};
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::compile::compile;
use crate::kernels::{Compiled, Sizes, Squash};
use crate::program::Program;

thread_local! {
    /// Slots of this instance's function table that were given back.
    static SPARE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
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
    instantiate(&code, program).ok()
}

fn instantiate(code: &[u8], program: &Program) -> Result<(Compiled, Object), JsValue> {
    let engine = Object::new();
    Reflect::set(&engine, &"memory".into(), &wasm_bindgen::memory())?;
    Reflect::set(&engine, &"tanh".into(), &Reflect::get(&wasm_bindgen::exports(), &"tanh".into())?)?;
    let imports = Object::new();
    Reflect::set(&imports, &"engine".into(), &engine)?;
    // The code is copied, as a host does not compile bytes of shared memory.
    let module = Module::new(&Uint8Array::from(code).into())?;
    let functions = Instance::new(&module, &imports)?.exports();
    let table: Table = wasm_bindgen::function_table().unchecked_into();
    let mut slots = [0; 2];
    for (slot, name) in slots.iter_mut().zip(["activate", "propagate"]) {
        *slot = match SPARE.with_borrow_mut(Vec::pop) {
            Some(spare) => spare,
            None => table.grow(1)? as usize,
        };
        table.set(*slot as u32, &Reflect::get(&functions, &name.into())?.unchecked_into())?;
    }
    let sizes = Sizes {
        memory: program.layout.size(),
        inputs: program.inputs,
        outputs: program.output_count(),
        units: program.units,
    };
    Ok((Compiled::new(sizes, slots, release), functions))
}

fn release(slots: [usize; 2]) {
    let table: Table = wasm_bindgen::function_table().unchecked_into();
    for slot in slots {
        // An empty slot keeps nothing alive.
        let _ = table.set_raw(slot as u32, &JsValue::NULL);
        SPARE.with_borrow_mut(|spare| spare.push(slot));
    }
}
