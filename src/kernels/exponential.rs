//! The exponential and its kin, on vectors, in plain arithmetic that gives the same bits on every
//! machine. (The exponential that comes with Rust's library for WebAssembly takes twice as long.)

use super::vector::Vector;

/// The numbers of an exponential: `x = n ln 2 + r` with an integer n and |r| <= ln 2 / 2, so that
/// `e^x = 2^n e^r`, and e^r is the start of its Taylor series.
#[derive(Debug)]
pub struct Exponential<T, const TERMS: usize> {
    /// States beyond it count as it.
    pub limit: T,
    /// Added to a number of moderate size, it leaves the nearest integer in the low bits.
    pub round: T,
    /// 1 / ln 2
    pub log2_e: T,
    /// ln 2 in two parts; the first has few enough bits for exact products with small integers.
    pub ln2_high: T,
    /// The second part.
    pub ln2_low: T,
    /// 1 / n! for n from 2.
    pub terms: [T; TERMS],
}

/// Up to r^6 / 6!; what the series leaves out is below 1.2e-7.
pub const SINGLE: Exponential<f32, 5> = Exponential {
    limit: 87.0,
    round: 12_582_912.0,
    log2_e: std::f32::consts::LOG2_E,
    ln2_high: 0.693_359_4,
    ln2_low: -2.121_944_4e-4,
    terms: [1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0],
};

/// Up to r^13 / 13!; what the series leaves out is below 5e-18.
pub const DOUBLE: Exponential<f64, 12> = Exponential {
    limit: 708.0,
    round: 6_755_399_441_055_744.0,
    log2_e: std::f64::consts::LOG2_E,
    ln2_high: 0.693_147_180_369_123_8,
    ln2_low: 1.908_214_929_270_587_7e-10,
    terms: [
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ],
};

/// The reduced state r, and the sum that has n in its low bits.
#[inline(always)]
fn reduce<V: Vector, const TERMS: usize>(x: V, c: &Exponential<V::Element, TERMS>) -> (V, V) {
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
    let [c2, c3, c4, c5, c6] = SINGLE.terms.map(V::splat);
    let one = V::splat(1.0);
    // 1 + r + r2 ((c2 + r c3) + r2 (c4 + r (c5 + r c6))): few steps wait for one another.
    let r2 = r.mul(r);
    let high = add_product(c4, r, add_product(c5, r, c6));
    let series = add_product(add_product(c2, r, c3), r2, high);
    add_product(one.add(r), r2, series).scale_by_power(rounded)
}

/// `e^x` within 2 units in the last place; states beyond ±708 count as ±708.
#[inline(always)]
pub fn exp_double<V: Vector<Element = f64>>(x: V) -> V {
    let (r, rounded) = reduce(x, &DOUBLE);
    // Pairs of terms are independent of each other (Estrin), so that none waits for all before it.
    let r2 = r.mul(r);
    let r4 = r2.mul(r2);
    let four = |first: usize| {
        let c = |index: usize| V::splat(DOUBLE.terms[first + index]);
        add_product(add_product(c(0), r, c(1)), r2, add_product(c(2), r, c(3)))
    };
    let series = add_product(four(0), r4, add_product(four(4), r4, four(8)));
    let series = V::splat(1.0).add(add_product(r, r2, series));
    series.scale_by_power(rounded)
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
    fn the_double_exponential_is_within_two_units_in_the_last_place() {
        let mut random = crate::random::Random::new(1);
        for round in 0..2_000_000 {
            let width = [1.0, 40.0, 1400.0][round % 3];
            let x = (random.unit() - 0.5) * width;
            let (ours, exact) = (Real::exp(x), x.exp());
            assert!(ours.to_bits().abs_diff(exact.to_bits()) <= 2, "exp({x}): {ours} against {exact}");
        }
        assert_eq!(Real::exp(0.0f64), 1.0);
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
