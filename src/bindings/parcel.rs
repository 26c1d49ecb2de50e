//! Parcels: what a page hands to workers on the same memory. Both sides live in one memory, so a number
//! is all that has to be posted.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::network::Shared;
use crate::shared::pages;
use crate::train::{Crew, Sets};

/// What a run needs. A parcel stays here until the page drops it at the run's end.
#[derive(Clone)]
pub struct Parcel {
    pub shared: Shared,
    pub sets: Sets,
    pub crew: Arc<Crew>,
}

/// Things under numbers, for all threads.
pub struct Counter<T>(Mutex<Vec<(u32, T)>>);

static NEXT: AtomicU32 = AtomicU32::new(1);
/// For runs.
pub static PARCELS: Counter<Parcel> = Counter(Mutex::new(Vec::new()));
/// Networks that a worker takes single steps of.
pub static LOANS: Counter<Shared> = Counter(Mutex::new(Vec::new()));

impl<T: Clone> Counter<T> {
    /// The things, locked for a few instructions. A browser's main thread must not wait for a lock, so every
    /// thread spins.
    fn items(&self) -> MutexGuard<'_, Vec<(u32, T)>> {
        loop {
            if let Ok(guard) = self.0.try_lock() {
                pages::catch_up();
                return guard;
            }
            std::hint::spin_loop();
        }
    }

    /// Deposits something; gives its number.
    pub fn send(&self, item: T) -> u32 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.items().push((number, item));
        number
    }

    /// A copy of what has a number.
    pub fn receive(&self, number: u32) -> Result<T, Error> {
        let item = self.items().iter().find(|(known, _)| *known == number).map(|(_, item)| item.clone());
        item.ok_or_else(|| Error::Range(format!("there is no parcel {number}")))
    }

    /// Takes what has a number away; it is freed without the lock.
    fn take(&self, number: u32) -> Option<T> {
        let mut items = self.items();
        let place = items.iter().position(|(known, _)| *known == number)?;
        Some(items.swap_remove(place).1)
    }
}

/// Lets go of a parcel and of the workers that help with its run.
#[wasm_bindgen(js_name = dropParcel)]
pub fn drop_parcel(number: u32) {
    if let Some(parcel) = PARCELS.take(number) {
        parcel.crew.dismiss();
    }
}

/// Lets go of a network that was lent to a worker.
#[wasm_bindgen(js_name = dropLoan)]
pub fn drop_loan(number: u32) {
    LOANS.take(number);
}

/// Tells a parcel's run that a helper is gone for good.
#[wasm_bindgen(js_name = loseHelper)]
pub fn lose_helper(number: u32) {
    if let Ok(parcel) = PARCELS.receive(number) {
        parcel.crew.lose();
    }
}

/// Helps with a parcel's run until it ends; blocks this worker. Nothing is done for a run that has
/// ended already.
#[wasm_bindgen]
pub fn help(number: u32) {
    // The worker holds on to the crew alone: when the run ends, the rest of the parcel is to be freed.
    let crew = PARCELS.receive(number).map(|parcel| parcel.crew);
    if let Ok(crew) = crew {
        crew.help();
    }
}
