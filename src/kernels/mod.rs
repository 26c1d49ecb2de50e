//! Arithmetic on slices. Nothing here knows of networks.

mod compiled;
mod exponential;
mod matrix;
mod real;
#[cfg(not(target_arch = "wasm32"))]
mod scalar;
#[cfg(target_arch = "wasm32")]
mod simd128;
mod squash;
mod vector;

pub use compiled::{Compiled, Sizes};
pub use exponential::{DOUBLE, Exponential};
pub use matrix::{LANES, accumulate, accumulate_outer, accumulate_transposed, outer_width, sum_of_products};
pub use real::Real;
pub use squash::{Squash, softmax};
pub use vector::{Vector, add_scaled, dot, dot_gated};
