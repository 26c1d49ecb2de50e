//! [`Vector`] as an array: for machines without simd128, and what it is compared with.
#![allow(unsafe_code)]

use super::vector::Vector;

macro_rules! scalar {
    ($name:ident, $float:ident, $width:literal, $mantissa:literal) => {
        /// As many numbers as a simd128 register holds.
        #[derive(Clone, Copy, Debug)]
        pub struct $name([$float; $width]);

        impl $name {
            #[inline]
            fn zip(self, other: Self, combine: impl Fn($float, $float) -> $float) -> Self {
                let mut out = self;
                for (out, other) in out.0.iter_mut().zip(other.0) {
                    *out = combine(*out, other);
                }
                out
            }
        }

        impl Vector for $name {
            type Element = $float;
            const WIDTH: usize = $width;

            #[inline]
            unsafe fn load(from: *const $float) -> Self {
                // SAFETY: the caller's promise; an array has the alignment of its numbers.
                $name(unsafe { from.cast::<[$float; $width]>().read() })
            }
            #[inline]
            unsafe fn store(self, into: *mut $float) {
                // SAFETY: as in `load`.
                unsafe { into.cast::<[$float; $width]>().write(self.0) }
            }
            #[inline]
            fn splat(value: $float) -> Self {
                $name([value; $width])
            }
            #[inline]
            fn add(self, other: Self) -> Self {
                self.zip(other, |a, b| a + b)
            }
            #[inline]
            fn sub(self, other: Self) -> Self {
                self.zip(other, |a, b| a - b)
            }
            #[inline]
            fn mul(self, other: Self) -> Self {
                self.zip(other, |a, b| a * b)
            }
            #[inline]
            fn div(self, other: Self) -> Self {
                self.zip(other, |a, b| a / b)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $name(self.0.map($float::sqrt))
            }
            #[inline]
            fn neg(self) -> Self {
                $name(self.0.map(|a| -a))
            }
            #[inline]
            fn lesser(self, other: Self) -> Self {
                self.zip(other, |a, b| if b < a { b } else { a })
            }
            #[inline]
            fn greater(self, other: Self) -> Self {
                self.zip(other, |a, b| if a < b { b } else { a })
            }
            #[inline]
            fn where_positive(self, condition: Self) -> Self {
                self.zip(condition, |a, c| if c > 0.0 { a } else { 0.0 })
            }
            #[inline]
            fn scale_by_power(self, rounded: Self) -> Self {
                const ONE: $float = 1.0;
                self.zip(rounded, |a, n| a * $float::from_bits((n.to_bits() << $mantissa).wrapping_add(ONE.to_bits())))
            }
            fn transpose(rows: &mut [Self]) {
                for row in 0..$width {
                    for column in 0..row {
                        let upper = rows[column].0[row];
                        rows[column].0[row] = std::mem::replace(&mut rows[row].0[column], upper);
                    }
                }
            }
            #[inline]
            fn sum(self) -> $float {
                let pairs = self.0.chunks_exact(2).map(|pair| pair[0] + pair[1]);
                pairs.reduce(|sum, pair| sum + pair).unwrap_or_default()
            }
        }
    };
}
scalar!(F32, f32, 4, 23);
scalar!(F64, f64, 2, 52);
