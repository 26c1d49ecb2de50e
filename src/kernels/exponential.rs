//! The exponential and its kin in plain arithmetic, which the compiler vectorises and which gives
//! the same bits on every machine. (The exponential that comes with Rust's library for WebAssembly
//! takes twice as long.)

use std::f32::consts::LOG2_E;

/// Added to a number below 2^22, it leaves the nearest integer in the low bits.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts; the first has few enough bits for exact products with small integers.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// `e^x` within 3e-7 of itself; states beyond ±87 count as ±87.
#[inline]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 87.0);
    // x = n ln 2 + r with an integer n and |r| <= ln 2 / 2.
    let rounded = x * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    // Taylor's series; what it leaves out is r^7 / 5040 < 1.2e-7.
    let series = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * series)));
    // 2^n: n stands in the low bits of `rounded`, the exponent's field begins at bit 23.
    series * f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0f32.to_bits()))
}

/// `tanh x` within 3e-7.
#[inline]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// [`exp`] in double precision, within 2 units in the last place; states beyond ±708 count as ±708.
#[inline]
pub fn exp_double(x: f64) -> f64 {
    /// As [`ROUND`], below 2^51.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts, the first of 32 bits.
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = x.clamp(-708.0, 708.0);
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    // Taylor's series up to r^13 / 13!, what it leaves out is below 5e-18. Pairs of terms are
    // independent of each other (Estrin), so that none waits for all before it.
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (1.0 / 2.0 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0));
    let middle = (1.0 / 720.0 + r * (1.0 / 5_040.0)) + r2 * (1.0 / 40_320.0 + r * (1.0 / 362_880.0));
    let high =
        (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0)) + r2 * (1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0));
    let series = 1.0 + (r + r2 * (low + r4 * (middle + r4 * high)));
    series * f64::from_bits((rounded.to_bits() << 52).wrapping_add(1.0f64.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_stay_within_their_bounds() {
        for step in -870_000..=870_000 {
            let x = step as f32 / 10_000.0;
            let exact = f64::from(x).exp();
            assert!(((f64::from(exp(x)) - exact) / exact).abs() < 3e-7, "exp({x})");
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7, "tanh({x})");
        }
    }

    #[test]
    fn the_double_exponential_is_within_two_units_in_the_last_place() {
        let mut random = crate::random::Random::new(1);
        for round in 0..2_000_000 {
            let width = [1.0, 40.0, 1400.0][round % 3];
            let x = (random.unit() - 0.5) * width;
            let (ours, exact) = (exp_double(x), x.exp());
            assert!(ours.to_bits().abs_diff(exact.to_bits()) <= 2, "exp({x}): {ours} against {exact}");
        }
        assert_eq!(exp_double(0.0), 1.0);
    }

    #[test]
    fn extremes_are_finite_and_nan_stays() {
        for x in [f32::MAX, f32::INFINITY] {
            assert!(exp(x).is_finite() && exp(-x) > 0.0);
            assert_eq!((tanh(x), tanh(-x)), (1.0, -1.0));
        }
        for x in [f64::MAX, f64::INFINITY] {
            assert!(exp_double(x).is_finite() && exp_double(-x) > 0.0);
        }
        assert!(exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan() && exp_double(f64::NAN).is_nan());
    }
}
