//! Arithmetic on slices. Nothing here knows of networks.

mod compiled;
mod exponential;
mod gathered;
pub mod lanes;
mod matrix;
mod real;
#[cfg(not(target_arch = "wasm32"))]
mod scalar;
#[cfg(target_arch = "wasm32")]
mod simd128;
mod squash;
mod vector;
mod weight_gradient;

pub use compiled::{Compiled, Sizes};
pub use exponential::{DOUBLE, DOUBLE_EVEN, DOUBLE_ODD, Reduction};
pub use gathered::{GatheredGradient, NO_SYMBOL, accumulate_gathered, can_gather};
pub use matrix::{
    LANES, accumulate, accumulate_diagonal, accumulate_diagonal_outer, accumulate_folded, accumulate_transposed,
};
pub use real::Real;
pub use squash::{Squash, softmax};
pub use vector::{Vector, add_scaled, dot, dot_gated, update};
pub use weight_gradient::WeightGradient;
