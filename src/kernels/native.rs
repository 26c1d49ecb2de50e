//! [`Vector`] as a register of the machine that the engine runs on natively: SSE2, AVX2, AVX-512 or NEON, chosen when
//! it runs. The registers and their instructions are those of the crate `fearless_simd`; this is the arithmetic of
//! `scalar` in its words. Nothing is fused, so every form gives the same bits.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
use fearless_simd::Neon;
#[cfg(target_arch = "x86_64")]
use fearless_simd::{Avx2, Avx512, Sse2};
use fearless_simd::{Level, prelude::*};

use super::vector::{Kernel, LANES, Vector};

/// A set of instructions.
pub trait Instructions: Simd {
    /// See [`Vector::TILE_ROWS`].
    const TILE_ROWS: usize;
    /// See [`Vector::TILE_VECTORS`].
    const TILE_VECTORS: usize;

    /// The token without which the crate gives no register.
    fn ready() -> Self;
}

macro_rules! instructions {
    ($name:ident, $rows:literal, $vectors:literal) => {
        impl Instructions for $name {
            const TILE_ROWS: usize = $rows;
            const TILE_VECTORS: usize = $vectors;

            #[inline(always)]
            fn ready() -> Self {
                // SAFETY: vectors of these instructions are made in kernels only, which `run_single` and
                // `run_double` run on machines that have the instructions; every machine of its kind has
                // `BASE`.
                unsafe { $name::assume_supported() }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod of_machine {
    use super::*;

    /// What every machine of this kind has.
    pub type Base = Sse2;
    instructions!(Sse2, 4, 2);
    instructions!(Avx2, 6, 2);
    // A multiplication takes its factor from memory and spreads it: a second vector would save no load.
    instructions!(Avx512, 12, 1);
}

#[cfg(target_arch = "aarch64")]
mod of_machine {
    use super::*;

    /// What every machine of this kind has.
    pub type Base = Neon;
    instructions!(Neon, 8, 2);
}

use of_machine::Base;

/// Single numbers, four, eight or sixteen.
#[derive(Clone, Copy, Debug)]
pub struct Singles<S: Simd>(S::f32s);
/// Double numbers, two, four or eight.
#[derive(Clone, Copy, Debug)]
pub struct Doubles<S: Simd>(S::f64s);

/// Single numbers in a register that every machine has.
pub type F32 = Singles<Base>;
/// Double numbers in a register that every machine has.
pub type F64 = Doubles<Base>;

macro_rules! vector {
    ($name:ident, $float:ident, $register:ident, $bits:ident, $mantissa:literal) => {
        impl<S: Instructions> Vector for $name<S> {
            type Element = $float;
            const WIDTH: usize = <S::$register as SimdBase<S>>::LEN;
            const TILE_ROWS: usize = S::TILE_ROWS;
            const TILE_VECTORS: usize = S::TILE_VECTORS;

            #[inline(always)]
            unsafe fn load(from: *const $float) -> Self {
                // SAFETY: the caller's promise; an array has the alignment of its numbers.
                let array = unsafe { from.cast::<<S::$register as SimdBase<S>>::Array>().read() };
                $name(S::$register::load_array(S::ready(), array))
            }
            #[inline(always)]
            unsafe fn store(self, into: *mut $float) {
                // SAFETY: as in `load`.
                unsafe { into.cast::<<S::$register as SimdBase<S>>::Array>().write(self.0.into()) }
            }
            #[inline(always)]
            unsafe fn load_lanes(from: *const $float) -> Self {
                let mut numbers = [0.0; 2 * LANES];
                // SAFETY: the caller's promise; no vector has more than twice as many numbers.
                unsafe {
                    std::ptr::copy_nonoverlapping(from, numbers.as_mut_ptr(), LANES);
                    Self::load(numbers.as_ptr())
                }
            }
            #[inline(always)]
            unsafe fn store_lanes(self, into: *mut $float) {
                let mut numbers = [0.0; 2 * LANES];
                // SAFETY: as in `load_lanes`.
                unsafe {
                    self.store(numbers.as_mut_ptr());
                    std::ptr::copy_nonoverlapping(numbers.as_ptr(), into, LANES);
                }
            }
            #[inline(always)]
            fn splat(value: $float) -> Self {
                $name(S::$register::splat(S::ready(), value))
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                $name(self.0 + other.0)
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                $name(self.0 - other.0)
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                $name(self.0 * other.0)
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                $name(self.0 / other.0)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $name(self.0.sqrt())
            }
            #[inline(always)]
            fn neg(self) -> Self {
                $name(-self.0)
            }
            #[inline(always)]
            fn lesser(self, other: Self) -> Self {
                $name(other.0.simd_lt(self.0).select(other.0, self.0))
            }
            #[inline(always)]
            fn greater(self, other: Self) -> Self {
                $name(self.0.simd_lt(other.0).select(other.0, self.0))
            }
            #[inline(always)]
            fn where_positive(self, condition: Self) -> Self {
                let zero = S::$register::splat(S::ready(), 0.0);
                $name(condition.0.simd_gt(zero).select(self.0, zero))
            }
            #[inline(always)]
            fn scale_by_power(self, rounded: Self) -> Self {
                const ONE: $float = 1.0;
                let one = S::$bits::splat(S::ready(), ONE.to_bits());
                let power: S::$bits = (rounded.0.bitcast::<S::$bits>() << $mantissa) + one;
                $name(self.0 * power.bitcast::<S::$register>())
            }
            #[inline(always)]
            fn transpose(rows: &mut [Self]) {
                // Rows are dealt like cards, the first half between the second; as often as the width can be halved.
                for _ in 0..Self::WIDTH.ilog2() {
                    let mut dealt = [Self::splat(0.0); 2 * LANES];
                    for row in 0..Self::WIDTH / 2 {
                        let (upper, lower) = (rows[row].0, rows[row + Self::WIDTH / 2].0);
                        dealt[2 * row] = $name(upper.zip_low(lower));
                        dealt[2 * row + 1] = $name(upper.zip_high(lower));
                    }
                    rows.copy_from_slice(&dealt[..Self::WIDTH]);
                }
            }
            #[inline(always)]
            fn sum(self) -> $float {
                let pairs = self.0.as_slice().chunks_exact(2).map(|pair| pair[0] + pair[1]);
                pairs.reduce(|sum, pair| sum + pair).unwrap_or_default()
            }
        }
    };
}
vector!(Singles, f32, f32s, u32s, 23);
vector!(Doubles, f64, f64s, u64s, 52);

/// Runs a kernel in the widest vectors that the machine has.
macro_rules! run {
    ($name:ident, $float:ident, $vector:ident, $scalar:ident) => {
        #[inline(always)]
        pub fn $name<K: Kernel<$float>>(kernel: K) {
            #[cfg(test)]
            if forms::is_scalar() {
                return kernel.run::<super::scalar::$scalar>();
            }
            match level() {
                #[cfg(target_arch = "x86_64")]
                Level::Avx512(machine) => machine.vectorize(
                    #[inline(always)]
                    || kernel.run::<$vector<Avx512>>(),
                ),
                #[cfg(target_arch = "x86_64")]
                Level::Avx2(machine) => machine.vectorize(
                    #[inline(always)]
                    || kernel.run::<$vector<Avx2>>(),
                ),
                _ => kernel.run::<$vector<Base>>(),
            }
        }
    };
}
run!(run_single, f32, Singles, F32);
run!(run_double, f64, Doubles, F64);

/// What the machine has.
#[cfg(not(test))]
#[inline(always)]
fn level() -> Level {
    Level::new()
}

#[cfg(test)]
use forms::level;

/// Tests choose the form that their thread runs kernels in.
#[cfg(test)]
pub mod forms {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// `None` for the scalar form.
        static FORM: Cell<Option<Level>> = Cell::new(Some(Level::new()));
    }

    pub(super) fn is_scalar() -> bool {
        FORM.get().is_none()
    }

    pub(super) fn level() -> Level {
        FORM.get().expect("not scalar")
    }

    /// The forms of vectors that this machine has, and their names.
    pub fn all() -> Vec<(&'static str, Level)> {
        let level = Level::new();
        #[cfg(target_arch = "x86_64")]
        let levels = [
            ("SSE2", level.as_sse2().map(Level::Sse2)),
            ("AVX2", level.as_avx2().map(Level::Avx2)),
            ("AVX-512", level.as_avx512().map(Level::Avx512)),
        ];
        #[cfg(target_arch = "aarch64")]
        let levels = [("NEON", level.as_neon().map(Level::Neon))];
        levels.into_iter().filter_map(|(name, level)| level.map(|level| (name, level))).collect()
    }

    /// What a function gives when kernels run in this form; `None` for the scalar one.
    pub fn with<R>(form: Option<Level>, f: impl FnOnce() -> R) -> R {
        let before = FORM.replace(form);
        let result = f();
        FORM.set(before);
        result
    }
}
