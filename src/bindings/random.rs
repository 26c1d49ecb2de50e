//! Where random numbers come from: the seed that a call brings, or a stream of the engine's.

use std::cell::RefCell;

use crate::random::Random;

thread_local! {
    /// Where weights come from unless a call brings a seed.
    static RANDOM: RefCell<Random> = RefCell::new(Random::new((js_sys::Math::random() * 2f64.powi(53)) as u64));
}

/// Uses the random numbers of a seed, or of the engine where there is none.
pub fn with_random<R>(seed: Option<f64>, use_random: impl FnOnce(&mut Random) -> R) -> R {
    match seed {
        Some(seed) => use_random(&mut Random::new(seed as u64)),
        None => RANDOM.with(|random| use_random(&mut random.borrow_mut())),
    }
}
