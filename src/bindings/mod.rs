//! The border to JavaScript: handles, conversions, and errors as `TypeError` and `RangeError`.
//!
//! These classes are the package's private ground floor; the TypeScript over them checks what users
//! give and documents what users get.
//!
//! No function that JavaScript calls returns a value of JavaScript as it is; `Result` returns it by way of the
//! memory. V8 up to 12 (Node 22) inlines such a call into optimised code, but has no case for that kind of result
//! where the code is given up during the call, and ends the process: "unreachable code" in
//! `Deoptimizer::DoComputeBuiltinContinuation`. The build refuses such a function (`tools/bindgen`).
#![allow(missing_docs)]

mod blueprint;
mod compiled;
mod data_set;
mod driver;
mod graph;
mod layout;
mod names;
mod network;
mod options;
mod parcel;
mod random;
mod run;
mod session;
mod stream;
pub mod tables;

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
    #[cfg(target_arch = "wasm32")]
    tell_of_memory();
    // The first value of JavaScript's takes memory for a table of them: an error that tells of used up memory would not
    // find it.
    drop(JsValue::from_str(""));
}

/// Address of the word in which this thread's instance notes that it has trapped (see `engine/instance.ts`).
#[wasm_bindgen(js_name = trapAddress)]
pub fn trap_address() -> usize {
    thread_local! {
        static TRAPPED: Cell<u32> = const { Cell::new(0) };
    }
    TRAPPED.with(Cell::as_ptr) as usize
}

/// Address of the number of pages that are in use in all threads (see `engine/instance.ts`).
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen(js_name = pagesAddress)]
pub fn pages_address() -> usize {
    crate::shared::pages::address()
}

/// How a panic begins that becomes a RangeError (see `engine/core.ts`).
#[cfg(target_arch = "wasm32")]
const OUT_OF_MEMORY: &str = "out of memory";

/// Makes a failed allocation a panic, which becomes an error of the call that wanted the memory; the
/// instance lives on.
#[cfg(target_arch = "wasm32")]
fn tell_of_memory() {
    std::alloc::set_alloc_error_hook(|layout| {
        panic!(
            "{OUT_OF_MEMORY}: {} bytes more than options.maxMemory of configure allows; free() gives back what is not used any more",
            layout.size()
        )
    });
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // The caller gets an error for memory that is used up; the console is for faults of the engine.
        if !panic.payload_as_str().is_some_and(|message| message.starts_with(OUT_OF_MEMORY)) {
            report(panic);
        }
    }));
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

/// A handle that is about to be returned. It is put into memory when panics are not caught any more; so this makes
/// sure, while they are, that there is room.
fn returned<T>(handle: T) -> T {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(2 * size_of::<T>() + 1024)));
    handle
}
