//! [`Vector`] as a register of WebAssembly's simd128; the twin of `scalar`.
#![allow(unsafe_code)]

use core::arch::wasm32 as simd;

use super::vector::Vector;

/// Four rows of four numbers: first pairs of rows are interleaved, then pairs of pairs.
#[inline(always)]
fn transpose_singles(rows: &mut [F32]) {
    let [a, b, c, d] = rows else { return };
    let low = (simd::i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), simd::i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0));
    let high = (simd::i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0), simd::i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
    (a.0, b.0) = (simd::i64x2_shuffle::<0, 2>(low.0, low.1), simd::i64x2_shuffle::<1, 3>(low.0, low.1));
    (c.0, d.0) = (simd::i64x2_shuffle::<0, 2>(high.0, high.1), simd::i64x2_shuffle::<1, 3>(high.0, high.1));
}

/// Two rows of two numbers.
#[inline(always)]
fn transpose_doubles(rows: &mut [F64]) {
    let [a, b] = rows else { return };
    (a.0, b.0) = (simd::i64x2_shuffle::<0, 2>(a.0, b.0), simd::i64x2_shuffle::<1, 3>(a.0, b.0));
}

#[inline(always)]
fn sum_singles(a: simd::v128) -> f32 {
    let pairs = simd::f32x4_add(a, simd::i32x4_shuffle::<1, 0, 3, 2>(a, a));
    simd::f32x4_extract_lane::<0>(pairs) + simd::f32x4_extract_lane::<2>(pairs)
}

#[inline(always)]
fn sum_doubles(a: simd::v128) -> f64 {
    simd::f64x2_extract_lane::<0>(a) + simd::f64x2_extract_lane::<1>(a)
}

macro_rules! simd128 {
    ($name:ident, $float:ident, $width:literal, $splat:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $sqrt:ident, $neg:ident,
     $lesser:ident, $greater:ident, $above:ident, $shift:ident, $integer_splat:ident, $integer_add:ident, $mantissa:literal, $transpose:ident, $sum:ident) => {
        /// A register.
        #[derive(Clone, Copy, Debug)]
        pub struct $name(simd::v128);

        impl Vector for $name {
            type Element = $float;
            const WIDTH: usize = $width;

            #[inline(always)]
            unsafe fn load(from: *const $float) -> Self {
                // SAFETY: the caller's promise; WebAssembly loads from any alignment.
                $name(unsafe { simd::v128_load(from.cast()) })
            }
            #[inline(always)]
            unsafe fn store(self, into: *mut $float) {
                // SAFETY: as in `load`.
                unsafe { simd::v128_store(into.cast(), self.0) }
            }
            #[inline(always)]
            fn splat(value: $float) -> Self {
                $name(simd::$splat(value))
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                $name(simd::$add(self.0, other.0))
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                $name(simd::$sub(self.0, other.0))
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                $name(simd::$mul(self.0, other.0))
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                $name(simd::$div(self.0, other.0))
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $name(simd::$sqrt(self.0))
            }
            #[inline(always)]
            fn neg(self) -> Self {
                $name(simd::$neg(self.0))
            }
            #[inline(always)]
            fn lesser(self, other: Self) -> Self {
                $name(simd::$lesser(self.0, other.0))
            }
            #[inline(always)]
            fn greater(self, other: Self) -> Self {
                $name(simd::$greater(self.0, other.0))
            }
            #[inline(always)]
            fn where_positive(self, condition: Self) -> Self {
                $name(simd::v128_and(self.0, simd::$above(condition.0, simd::$splat(0.0))))
            }
            #[inline(always)]
            fn scale_by_power(self, rounded: Self) -> Self {
                const ONE: $float = 1.0;
                let exponent = simd::$shift(rounded.0, $mantissa);
                let power = simd::$integer_add(exponent, simd::$integer_splat(ONE.to_bits()));
                $name(simd::$mul(self.0, power))
            }
            #[inline(always)]
            fn transpose(rows: &mut [Self]) {
                $transpose(rows)
            }
            #[inline(always)]
            fn sum(self) -> $float {
                $sum(self.0)
            }
        }
    };
}
simd128!(
    F32,
    f32,
    4,
    f32x4_splat,
    f32x4_add,
    f32x4_sub,
    f32x4_mul,
    f32x4_div,
    f32x4_sqrt,
    f32x4_neg,
    f32x4_pmin,
    f32x4_pmax,
    f32x4_gt,
    i32x4_shl,
    u32x4_splat,
    i32x4_add,
    23,
    transpose_singles,
    sum_singles
);
simd128!(
    F64,
    f64,
    2,
    f64x2_splat,
    f64x2_add,
    f64x2_sub,
    f64x2_mul,
    f64x2_div,
    f64x2_sqrt,
    f64x2_neg,
    f64x2_pmin,
    f64x2_pmax,
    f64x2_gt,
    i64x2_shl,
    u64x2_splat,
    i64x2_add,
    52,
    transpose_doubles,
    sum_doubles
);
