//! Parcels: what a page hands to workers on the same memory. Both sides live in one memory, so a number
//! is all that has to be posted.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use wasm_bindgen::prelude::*;

use crate::data::DataSet;
use crate::error::Error;
use crate::network::Shared;
use crate::shared::pages;
use crate::train::Crew;

/// What a run needs. A parcel stays here until the page drops it at the run's end.
#[derive(Clone)]
pub struct Parcel {
    pub shared: Shared,
    pub data: Arc<DataSet>,
    pub crew: Arc<Crew>,
}

static PARCELS: Mutex<Vec<(u32, Parcel)>> = Mutex::new(Vec::new());
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The parcels, locked for a few instructions. A browser's main thread must not wait for a lock, so every
/// thread spins.
fn parcels() -> MutexGuard<'static, Vec<(u32, Parcel)>> {
    loop {
        if let Ok(guard) = PARCELS.try_lock() {
            pages::catch_up();
            return guard;
        }
        std::hint::spin_loop();
    }
}

/// Deposits a parcel; gives its number.
pub fn send(parcel: Parcel) -> u32 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    parcels().push((number, parcel));
    number
}

/// A copy of a parcel.
pub fn receive(number: u32) -> Result<Parcel, Error> {
    let parcel = parcels().iter().find(|(known, _)| *known == number).map(|(_, parcel)| parcel.clone());
    parcel.ok_or_else(|| Error::Range(format!("there is no parcel {number}")))
}

/// Lets go of a parcel and of the workers that help with its run.
#[wasm_bindgen(js_name = dropParcel)]
pub fn drop_parcel(number: u32) {
    let mut parcels = parcels();
    let index = parcels.iter().position(|(known, _)| *known == number);
    let parcel = index.map(|index| parcels.swap_remove(index));
    // The parcel is freed without the lock.
    drop(parcels);
    if let Some((_, parcel)) = parcel {
        parcel.crew.dismiss();
    }
}

/// Tells a parcel's run that a helper is gone for good.
#[wasm_bindgen(js_name = loseHelper)]
pub fn lose_helper(number: u32) {
    if let Ok(parcel) = receive(number) {
        parcel.crew.lose();
    }
}

/// Helps with a parcel's run until it ends; blocks this worker. Nothing is done for a run that has
/// ended already.
#[wasm_bindgen]
pub fn help(number: u32) {
    // The worker holds on to the crew alone: when the run ends, the rest of the parcel is to be freed.
    let crew = receive(number).map(|parcel| parcel.crew);
    if let Ok(crew) = crew {
        crew.help();
    }
}
