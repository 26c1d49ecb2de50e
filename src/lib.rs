//! engram: recurrent networks for JavaScript and Python, in Rust.
//!
//! A [`graph`] of neurons, connections and gates is lowered to a [`program`] of blocks over one
//! flat memory, which [`learn`] trains online (LSTM-g) or by sequences (back-propagation through
//! time); [`train`] loops over a data set. [`rocket`] stands beside: features of series from fixed kernels. `bindings` is the border to JavaScript and the only
//! module that knows of it; the border to Python is a crate of its own, `python/`.

// A failed allocation can be told to the caller instead of ending the instance.
#![cfg_attr(all(target_arch = "wasm32", feature = "javascript"), feature(alloc_error_hook))]

#[cfg(feature = "javascript")]
pub mod bindings;
pub mod compile;
pub mod data;
pub mod error;
pub mod field;
#[cfg(test)]
mod fuzz;
pub mod graph;
pub mod growth;
pub mod kernels;
pub mod learn;
pub mod network;
pub mod program;
pub mod random;
pub mod rocket;
pub mod shared;
pub mod stream;
pub mod train;
