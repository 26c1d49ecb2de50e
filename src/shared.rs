//! The memory of a network that the page and a training run share, and the words beside it.
//!
//! This is the one module with `unsafe` outside the kernels. A region has one owner at a time. The
//! *page* owns the region while nothing trains and then uses the memory as a plain slice. A *run* that
//! owns the region writes the parameters with atomic stores, between two steps of the version word, so
//! that every thread can read them whole without stopping the run; all other numbers the run has in a
//! copy of its own.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::panic::RefUnwindSafe;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering, fence};

use crate::kernels::Real;

/// Index of each word; JavaScript reads them through an `Int32Array` with `Atomics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Grows by two with every update of the parameters; odd while one is being written.
    Version = 0,
    /// The owner of the region: the page, the page in a call, or a run.
    Owner = 1,
    /// Not 0: the run is to stop.
    Abort = 2,
    /// Not 0: the run is to wait.
    Pause = 3,
    /// Not 0: the run is to write itself down.
    Checkpoint = 4,
}

/// Number of words.
const WORDS: usize = 5;

const PAGE: i32 = 0;
const PAGE_BUSY: i32 = 1;
const RUN: i32 = 2;

/// A network's memory and words.
#[derive(Debug)]
pub struct Region {
    words: [AtomicI32; WORDS],
    cells: Box<[UnsafeCell<f64>]>,
    parameters: usize,
}

// SAFETY: `cells` are reached in two ways only: as a slice by the thread that moved `Owner` from
// PAGE to PAGE_BUSY, and atomically by every other thread.
unsafe impl Sync for Region {}

/// A panic leaves numbers of any value, which are no danger: unwinding gives the owner word back, and
/// [`Region::end_run`] makes the version even.
impl RefUnwindSafe for Region {}

impl Region {
    /// A region with these numbers, of which the first `parameters` are trained.
    pub fn new(memory: Vec<f64>, parameters: usize) -> Self {
        assert!(parameters <= memory.len(), "parameters lie in the memory");
        Region { words: Default::default(), cells: memory.into_iter().map(UnsafeCell::new).collect(), parameters }
    }

    /// Numbers in the memory.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// True for a memory without numbers.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Address of the first number, for views from JavaScript.
    pub fn memory_address(&self) -> usize {
        self.cells.as_ptr() as usize
    }

    /// Address of the first word, for views from JavaScript.
    pub fn words_address(&self) -> usize {
        self.words.as_ptr() as usize
    }

    /// Value of a word.
    pub fn word(&self, word: Word) -> i32 {
        self.words[word as usize].load(Ordering::Acquire)
    }

    /// Sets a word.
    pub fn set_word(&self, word: Word, value: i32) {
        self.words[word as usize].store(value, Ordering::Release);
    }

    /// Lets the page use the memory as a slice; `None` while a run owns it.
    pub fn with_memory<R>(&self, use_memory: impl FnOnce(&mut [f64]) -> R) -> Option<R> {
        let owner = &self.words[Word::Owner as usize];
        owner.compare_exchange(PAGE, PAGE_BUSY, Ordering::Acquire, Ordering::Relaxed).ok()?;
        struct GiveBack<'a>(&'a AtomicI32);
        impl Drop for GiveBack<'_> {
            fn drop(&mut self) {
                self.0.store(PAGE, Ordering::Release);
            }
        }
        let _give_back = GiveBack(owner);
        let start = self.cells.as_ptr() as *mut f64;
        // SAFETY: the exchange above made this thread the only one with a slice of the cells, and
        // runs, which write atomically, can't start before the owner word is given back. `UnsafeCell<f64>`
        // has the layout of `f64`.
        let memory = unsafe { std::slice::from_raw_parts_mut(start, self.cells.len()) };
        Some(use_memory(memory))
    }

    /// Hands the region from the page to a run and clears the control words; false if a run has it already.
    pub fn begin_run(&self) -> bool {
        let owner = &self.words[Word::Owner as usize];
        let begun = owner.compare_exchange(PAGE, RUN, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if begun {
            for word in [Word::Abort, Word::Pause, Word::Checkpoint] {
                self.set_word(word, 0);
            }
        }
        begun
    }

    /// Gives the region back to the page.
    pub fn end_run(&self) {
        let owner = &self.words[Word::Owner as usize];
        let _ = owner.compare_exchange(RUN, PAGE, Ordering::AcqRel, Ordering::Relaxed);
        // A run that was killed in the middle of an update leaves the version odd.
        let version = self.word(Word::Version);
        self.set_word(Word::Version, version.wrapping_add(version & 1));
    }

    fn cell(&self, index: usize) -> &AtomicU64 {
        // SAFETY: the cell is 8 bytes, aligned to 8, lives as long as the region, and is reached
        // atomically by every thread while no slice of the cells exists (see `with_memory`).
        unsafe { AtomicU64::from_ptr(self.cells[index].get().cast()) }
    }

    /// Writes a number that other threads may be reading; by the version they find that the number is not
    /// to be used.
    #[cfg(not(target_arch = "wasm32"))]
    fn write(&self, index: usize, value: f64) {
        self.cell(index).store(value.to_bits(), Ordering::Relaxed);
    }

    /// Writes a number that other threads may be reading, by a plain store. WebAssembly knows only the
    /// strictest order for atomic stores: each waits for all stores before it, ten times as long as a plain
    /// one takes. Two threads at one address are no undefined behaviour in WebAssembly.
    #[cfg(target_arch = "wasm32")]
    fn write(&self, index: usize, value: f64) {
        // SAFETY: the cell lives as long as the region, and no slice of the cells exists (see `with_memory`).
        // A volatile store is a plain instruction, which WebAssembly defines among threads.
        unsafe { self.cells[index].get().write_volatile(value) };
    }

    /// Writes the trained parameters; called by the one run that owns the region.
    pub fn publish<T: Real>(&self, parameters: &[T]) {
        let version = self.word(Word::Version);
        self.words[Word::Version as usize].store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        for (index, value) in parameters.iter().enumerate() {
            self.write(index, value.wide());
        }
        self.set_word(Word::Version, version.wrapping_add(2));
    }

    /// Copies a consistent set of parameters, unless `known` still is the version of the last one;
    /// gives the version copied. Tries again while an update is being written.
    pub fn read_parameters(&self, known: i32, into: &mut [f64]) -> i32 {
        loop {
            let version = self.word(Word::Version);
            if version == known {
                return known;
            }
            if version & 1 == 0 {
                for (index, value) in into[..self.parameters].iter_mut().enumerate() {
                    *value = f64::from_bits(self.cell(index).load(Ordering::Relaxed));
                }
                fence(Ordering::Acquire);
                if self.word(Word::Version) == version {
                    return version;
                }
            }
            std::hint::spin_loop();
        }
    }

    /// A copy of the memory, for the run that owns the region.
    pub fn copy(&self) -> Vec<f64> {
        (0..self.len()).map(|index| f64::from_bits(self.cell(index).load(Ordering::Relaxed))).collect()
    }
}

/// How large the memory of all threads is.
///
/// In V8 a thread learns late, at its next loop or call, that another thread has grown the memory: until
/// then its atomic instructions trap, and its JavaScript's views end, where the memory ended before. So the
/// allocator notes how far the memory is in use, and a thread that gets something of another thread's first
/// asks how large the memory is.
#[cfg(target_arch = "wasm32")]
pub mod pages {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::arch::wasm32::{memory_grow, memory_size};
    use std::sync::atomic::{AtomicU32, Ordering};

    const PAGE: u64 = 65_536;
    /// Pages that were in use at most.
    static PAGES: AtomicU32 = AtomicU32::new(0);

    /// Address of the number of pages that are in use.
    pub fn address() -> usize {
        PAGES.as_ptr() as usize
    }

    /// Makes this thread know the memory that other threads have used; to be called before the first use
    /// of anything that another thread has made.
    pub fn catch_up() {
        ask_for(PAGES.load(Ordering::Acquire));
    }

    /// Whether this many bytes can be allocated in one piece.
    pub fn have_room(bytes: f64) -> bool {
        let mut room: Vec<u8> = Vec::new();
        let found = room.try_reserve_exact(bytes as usize).is_ok();
        // The compiler may leave out an allocation that is not used, and take it for one that worked.
        std::hint::black_box(room.as_ptr());
        found
    }

    fn ask_for(pages: u32) {
        if memory_size::<0>() < pages as usize {
            grow_by_nothing(pages);
        }
    }

    /// Growing by nothing makes V8 look how large the memory is.
    #[cold]
    #[inline(never)]
    fn grow_by_nothing(pages: u32) {
        while memory_size::<0>() < pages as usize {
            memory_grow::<0>(0);
        }
    }

    #[inline(never)]
    fn note(start: *mut u8, size: usize) -> *mut u8 {
        if start.is_null() {
            return start;
        }
        let pages = (start as u64 + size as u64).div_ceil(PAGE) as u32;
        if pages > PAGES.load(Ordering::Relaxed) {
            PAGES.fetch_max(pages, Ordering::AcqRel);
        }
        ask_for(pages);
        start
    }

    struct Noting;

    #[global_allocator]
    static ALLOCATOR: Noting = Noting;

    // SAFETY: every call is the system's, with the same arguments and the same result.
    unsafe impl GlobalAlloc for Noting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            note(unsafe { System.alloc(layout) }, layout.size())
        }
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            note(unsafe { System.alloc_zeroed(layout) }, layout.size())
        }
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: the caller's promise.
            note(unsafe { System.realloc(block, layout, size) }, size)
        }
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the caller's promise.
            unsafe { System.dealloc(block, layout) }
        }
    }
}

/// On other platforms every thread knows the memory.
#[cfg(not(target_arch = "wasm32"))]
pub mod pages {
    /// Does nothing.
    pub fn catch_up() {}

    /// No: other platforms promise more memory than they have, so an allocation that works tells nothing.
    pub fn have_room(_bytes: f64) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn readers_never_see_half_an_update() {
        let region = Arc::new(Region::new(vec![0.0; 64], 64));
        assert!(region.begin_run());
        let writer = {
            let region = Arc::clone(&region);
            std::thread::spawn(move || {
                for round in 1..20_000 {
                    region.publish(&[f64::from(round); 64]);
                }
            })
        };
        let mut copy = vec![0.0; 64];
        let mut known = -1;
        while !writer.is_finished() {
            known = region.read_parameters(known, &mut copy);
            assert!(copy.iter().all(|&value| value == copy[0]));
        }
        writer.join().unwrap();
        region.end_run();
        assert_eq!(region.with_memory(|memory| memory[63]), Some(19_999.0));
    }

    #[test]
    fn a_region_has_one_owner() {
        let region = Region::new(vec![1.0, 2.0], 1);
        assert!(region.with_memory(|_| region.with_memory(|_| ()).is_none() && !region.begin_run()).unwrap());
        assert!(region.begin_run() && !region.begin_run());
        assert!(region.with_memory(|_| ()).is_none());
        region.end_run();
        assert!(region.with_memory(|_| ()).is_some());
    }
}
