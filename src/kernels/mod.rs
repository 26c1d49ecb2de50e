//! Arithmetic on slices. Nothing here knows of networks.

mod compiled;
mod convolution;
mod elementary;
mod exponential;
mod gathered;
pub mod lanes;
mod matrix;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod native;
mod real;
#[cfg(any(test, not(any(target_arch = "wasm32", target_arch = "x86_64", target_arch = "aarch64"))))]
mod scalar;
#[cfg(target_arch = "wasm32")]
mod simd128;
mod squash;
#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests;
mod vector;
mod weight_gradient;

pub use compiled::{Compiled, Sizes};
pub use convolution::{count_above, sum_of_four};
pub use elementary::ln;
pub use exponential::{DOUBLE, DOUBLE_EVEN, DOUBLE_ODD, Reduction};
pub use gathered::{GatheredGradient, NO_SYMBOL, accumulate_gathered, can_gather};
pub use matrix::{
    accumulate, accumulate_diagonal, accumulate_diagonal_outer, accumulate_folded, accumulate_segments,
    accumulate_transposed,
};
pub use real::Real;
pub use squash::{HARD_SLOPE, Squash, softmax};
pub use vector::{LANES, Vector, add_scaled, dot, dot_gated, update};
pub use weight_gradient::WeightGradient;
