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

#[cfg(test)]
mod tests {
    #[test]
    fn the_hyperbolic_tangent_has_the_bits_that_it_has_in_webassembly() {
        // FNV-1a over the words; tests/node/bits.test.mjs has the same sum of the engine's module.
        let sum = (-4000..=4000).fold(0xcbf2_9ce4_8422_2325_u64, |sum, index| {
            (sum ^ super::tanh(f64::from(index) / 777.0).to_bits()).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(sum, 0x8b7f_0893_eda7_533f);
    }
}
