//! A program of the online rule as a WebAssembly module of its own.
//!
//! [`learn::online`](crate::learn::online) interprets a program unit by unit; for the small
//! networks that Synaptic is used for, finding out what to do costs more than doing it. Here the
//! same steps become straight code with every address known. `online` is the reference: compiled code
//! adds in the same order and so gives the same bits, which the tests compare. The host makes an
//! instance of the module and hands its functions to
//! [`Online`](crate::learn::online::Online) as [`kernels::Compiled`](crate::kernels::Compiled).

mod activation;
mod assembler;
mod emitter;
mod propagation;
mod rows;
mod squash;
mod step;

pub use step::compile;
