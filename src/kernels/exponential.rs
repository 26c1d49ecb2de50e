//! The exponential and its kin, on vectors, in plain arithmetic that gives the same bits on every
//! machine. (The exponential that comes with Rust's library for WebAssembly takes twice as long.)

use super::vector::Vector;

/// How a state x is reduced: `x = n ln 2 + r` with an integer n and |r| <= ln 2 / 2, so that `e^x = 2^n e^r`.
#[derive(Debug)]
pub struct Reduction<T> {
    /// Larger states count as this one.
    pub limit: T,
    /// Added to a number of moderate size, this constant leaves the nearest integer in the low bits.
    pub round: T,
    /// 1 / ln 2
    pub log2_e: T,
    /// ln 2 in two parts; the first has few enough bits for exact products with small integers.
    pub ln2_high: T,
    /// The second part.
    pub ln2_low: T,
}

const SINGLE: Reduction<f32> = Reduction {
    limit: 87.0,
    round: 12_582_912.0,
    log2_e: std::f32::consts::LOG2_E,
    ln2_high: 0.693_359_4,
    ln2_low: -2.121_944_4e-4,
};

/// 1 / n! for n from 2 to 6; what the Taylor series leaves out is below 1.2e-7.
const SINGLE_TERMS: [f32; 5] = [1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0];

/// The double precision's reduction. The limit is half of the exponent at which numbers end: what a closed
/// gate lets through, times another such number, is then no denormal number. A processor takes a hundred
/// times as long for denormal numbers, and networks that had diverged took twice as long for a step.
pub const DOUBLE: Reduction<f64> = Reduction {
    limit: 350.0,
    round: 6_755_399_441_055_744.0,
    log2_e: std::f64::consts::LOG2_E,
    ln2_high: 0.693_147_180_369_123_8,
    ln2_low: 1.908_214_929_270_587_7e-10,
};

/// Coefficients of r^2 and r^4 in a, and of r^3 and r^5 in b, where `e^r = (a + b) / (a - b)`,
/// `a = 2 + ...` even and `b = r + ...` odd: fitted (least maximum of the relative error, which is 1.4e-18)
/// from what a Padé approximant of this form starts with.
pub const DOUBLE_EVEN: [f64; 2] = [0.222_215_988_919_007_9, 0.001_983_503_735_288_224_6];
/// See [`DOUBLE_EVEN`].
pub const DOUBLE_ODD: [f64; 2] = [0.027_774_661_126_172_853, 6.608_566_253_442_84e-5];

/// The reduced state r, and the sum that has n in its low bits.
#[inline(always)]
fn reduce<V: Vector>(x: V, c: &Reduction<V::Element>) -> (V, V) {
    let x = x.greater(V::splat(-c.limit)).lesser(V::splat(c.limit));
    let rounded = x.mul(V::splat(c.log2_e)).add(V::splat(c.round));
    let n = rounded.sub(V::splat(c.round));
    let r = x.sub(n.mul(V::splat(c.ln2_high))).sub(n.mul(V::splat(c.ln2_low)));
    (r, rounded)
}

/// `a + b c`
#[inline(always)]
fn add_product<V: Vector>(a: V, b: V, c: V) -> V {
    a.add(b.mul(c))
}

/// `e^x` within 3e-7 of itself; states beyond ±87 count as ±87.
#[inline(always)]
pub fn exp_single<V: Vector<Element = f32>>(x: V) -> V {
    let (r, rounded) = reduce(x, &SINGLE);
    let [c2, c3, c4, c5, c6] = SINGLE_TERMS.map(V::splat);
    let one = V::splat(1.0);
    // 1 + r + r2 ((c2 + r c3) + r2 (c4 + r (c5 + r c6))): few steps wait for one another.
    let r2 = r.mul(r);
    let high = add_product(c4, r, add_product(c5, r, c6));
    let series = add_product(add_product(c2, r, c3), r2, high);
    add_product(one.add(r), r2, series).scale_by_power(rounded)
}

/// `1 / (1 + e^-x)` within 3e-7.
#[inline(always)]
pub fn logistic_single<V: Vector<Element = f32>>(x: V) -> V {
    let one = V::splat(1.0);
    one.div(one.add(exp_single(x.neg())))
}

/// `e^x` as a numerator over a denominator near 2. A quotient needs fewer terms than a series, and the
/// logistic, which divides anyway, needs no second division.
#[inline(always)]
fn ratio_double<V: Vector<Element = f64>>(x: V) -> (V, V) {
    let (r, rounded) = reduce(x, &DOUBLE);
    let [a2, a4] = DOUBLE_EVEN.map(V::splat);
    let [b3, b5] = DOUBLE_ODD.map(V::splat);
    let r2 = r.mul(r);
    let even = add_product(add_product(V::splat(2.0), r2, a2), r2.mul(r2), a4);
    let odd = add_product(r, r.mul(r2), add_product(b3, r2, b5));
    (even.add(odd).scale_by_power(rounded), even.sub(odd))
}

/// `e^x` within 2 units in the last place; states beyond ±350 count as ±350.
#[inline(always)]
pub fn exp_double<V: Vector<Element = f64>>(x: V) -> V {
    let (numerator, denominator) = ratio_double(x);
    numerator.div(denominator)
}

/// `1 / (1 + e^-x)` within 3 units in the last place.
#[inline(always)]
pub fn logistic_double<V: Vector<Element = f64>>(x: V) -> V {
    let (numerator, denominator) = ratio_double(x);
    numerator.div(numerator.add(denominator))
}

/// `tanh x` within 3e-7.
#[inline(always)]
pub fn tanh_single<V: Vector<Element = f32>>(x: V) -> V {
    let (one, two) = (V::splat(1.0), V::splat(2.0));
    one.sub(two.div(exp_single(two.mul(x)).add(one)))
}

#[cfg(test)]
mod tests {
    use crate::kernels::Real;

    #[test]
    fn errors_stay_within_their_bounds() {
        for step in -870_000..=870_000 {
            let x = step as f32 / 10_000.0;
            let exact = f64::from(x).exp();
            assert!(((f64::from(Real::exp(x)) - exact) / exact).abs() < 3e-7, "exp({x})");
            assert!((f64::from(Real::tanh(x)) - f64::from(x).tanh()).abs() < 3e-7, "tanh({x})");
        }
    }

    #[test]
    fn the_double_exponential_is_within_its_units_in_the_last_place() {
        let mut random = crate::random::Random::new(1);
        for round in 0..2_000_000 {
            let width = [1.0, 40.0, 700.0][round % 3];
            let x = (random.unit() - 0.5) * width;
            let (ours, exact) = (Real::exp(x), x.exp());
            assert!(ours.to_bits().abs_diff(exact.to_bits()) <= 2, "exp({x}): {ours} against {exact}");
            let (ours, exact) = (Real::logistic(x), 1.0 / (1.0 + (-x).exp()));
            // The library's own sum and quotient are off by one.
            assert!(ours.to_bits().abs_diff(exact.to_bits()) <= 4, "logistic({x}): {ours} against {exact}");
        }
        assert_eq!((Real::exp(0.0f64), Real::logistic(0.0f64)), (1.0, 0.5));
    }

    #[test]
    fn extremes_are_finite_and_nan_stays() {
        for x in [f32::MAX, f32::INFINITY] {
            assert!(Real::exp(x).is_finite() && Real::exp(-x) > 0.0);
            assert_eq!((Real::tanh(x), Real::tanh(-x)), (1.0, -1.0));
        }
        for x in [f64::MAX, f64::INFINITY] {
            assert!(Real::exp(x).is_finite() && Real::exp(-x) > 0.0);
        }
        assert!(Real::exp(f32::NAN).is_nan() && Real::tanh(f32::NAN).is_nan() && Real::exp(f64::NAN).is_nan());
    }
}
