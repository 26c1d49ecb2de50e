//! Arithmetic on slices. Nothing here knows of networks.

mod exponential;
mod matrix;
mod real;
mod squash;
mod vector;

pub use matrix::{LANES, accumulate, accumulate_outer, accumulate_transposed, outer_width};
pub use real::Real;
pub use squash::{Squash, softmax};
pub use vector::{add_scaled, dot, dot_gated};
