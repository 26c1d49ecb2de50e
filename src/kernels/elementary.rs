//! Functions of the library that have to give the same bits on every machine. Where the platform's own would be
//! called, which differ in their last bits, they are those of the crate `libm`; it is what Rust's library for
//! WebAssembly is made with.

/// Hyperbolic tangent.
#[inline]
pub fn tanh(x: f64) -> f64 {
    #[cfg(target_arch = "wasm32")]
    return x.tanh();
    #[cfg(not(target_arch = "wasm32"))]
    libm::tanh(x)
}

/// Natural logarithm.
#[inline]
pub fn ln(x: f64) -> f64 {
    #[cfg(target_arch = "wasm32")]
    return x.ln();
    #[cfg(not(target_arch = "wasm32"))]
    libm::log(x)
}
