//! Arithmetic on slices. Nothing here knows of networks.

mod exponential;
mod matrix;
mod real;
mod squash;
mod vector;

pub use matrix::{LANES, OuterStep, accumulate, accumulate_outer, accumulate_transposed};
pub use real::Real;
pub use squash::{Squash, softmax};
pub use vector::{add_scaled, dot, dot_gated};
