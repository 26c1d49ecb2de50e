//! The memory of a network that the page and a training run share, and the words beside it.
//!
//! This is the one module with `unsafe` outside the kernels. A region has one owner at a time. The
//! *page* owns it while nothing trains and then uses it as a plain slice. A *run* that owns it
//! writes the parameters with atomic stores, between two steps of the version word, so that
//! anyone can read them whole without stopping the run; it keeps everything else to itself until it
//! hands its whole memory back. A worker that takes single steps of a network owns the region like a run,
//! and works in it.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::panic::RefUnwindSafe;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering, fence};

use crate::field::{Choice, choice};
use crate::kernels::Real;

choice! {
    /// Each word; its place is its index, also for JavaScript, which reads the words through an `Int32Array` with
    /// `Atomics`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Word {
        /// Grows by two with every update of the parameters; odd while one is being written.
        Version,
        /// Who owns the region, see [`Region`].
        Owner,
        /// Not 0: the run is to stop.
        Abort,
        /// Not 0: the run is to wait.
        Pause,
        /// Not 0: the run is to write itself down.
        Checkpoint,
    }
}

/// Number of words.
pub const WORDS: usize = Word::ALL.len();

/// Bytes of a cache line.
const CACHE_LINE: usize = 64;
/// Numbers that a region may add to its memory.
pub const SPARE: usize = CACHE_LINE / size_of::<f64>() - 1;

const PAGE: i32 = 0;
const PAGE_BUSY: i32 = 1;
const RUN: i32 = 2;
#[cfg(target_arch = "wasm32")]
const RUN_BUSY: i32 = 3;

/// A network's memory and words.
#[derive(Debug)]
pub struct Region {
    words: [AtomicI32; WORDS],
    /// The memory, from `first` on.
    cells: Vec<UnsafeCell<f64>>,
    /// Numbers before the memory, so that it starts with a cache line.
    first: usize,
    parameters: usize,
    /// The parameters that are being published, or were last: whole at every moment at which the cells are
    /// not, should the run's thread die. Empty outside runs.
    draft: UnsafeCell<Vec<f64>>,
}

// SAFETY: `cells` are reached in two ways only: as a slice by the thread that moved `Owner` to PAGE_BUSY or
// RUN_BUSY, and atomically by everyone else. `draft` is reached by the run that owns the region, and by the page
// once that run has ended.
unsafe impl Sync for Region {}

/// A panic leaves numbers, whatever they are: the owner word is given back on the way, the version
/// is made even by [`Region::end_run`].
impl RefUnwindSafe for Region {}

impl Region {
    /// A region with these numbers, of which the first `parameters` are trained.
    ///
    /// A memory with room for [`SPARE`] more numbers is not copied: it moves up to where a cache line starts, so that
    /// the vectors of compiled code, which are aligned within the memory, do not straddle two.
    pub fn new(mut memory: Vec<f64>, parameters: usize) -> Self {
        assert!(parameters <= memory.len(), "parameters lie in the memory");
        let length = memory.len();
        memory.reserve_exact(SPARE);
        let first = (memory.as_ptr() as usize).wrapping_neg() % CACHE_LINE / size_of::<f64>();
        memory.resize(length + first, 0.0);
        memory.copy_within(..length, first);
        Region {
            words: Default::default(),
            cells: memory.into_iter().map(UnsafeCell::new).collect(),
            first,
            parameters,
            draft: UnsafeCell::default(),
        }
    }

    /// Numbers in the memory.
    pub fn len(&self) -> usize {
        self.cells.len() - self.first
    }

    /// True for a memory without numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn memory(&self) -> &[UnsafeCell<f64>] {
        &self.cells[self.first..]
    }

    /// Address of the first number, for views from JavaScript.
    pub fn memory_address(&self) -> usize {
        self.memory().as_ptr() as usize
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
        self.with_slice(PAGE, PAGE_BUSY, use_memory)
    }

    /// Lets the owner use the memory as a slice, while the owner word says that it is busy.
    fn with_slice<R>(&self, owner: i32, busy: i32, use_memory: impl FnOnce(&mut [f64]) -> R) -> Option<R> {
        let word = &self.words[Word::Owner as usize];
        word.compare_exchange(owner, busy, Ordering::Acquire, Ordering::Relaxed).ok()?;
        struct GiveBack<'a>(&'a AtomicI32, i32);
        impl Drop for GiveBack<'_> {
            fn drop(&mut self) {
                self.0.store(self.1, Ordering::Release);
            }
        }
        let _give_back = GiveBack(word, owner);
        let start = self.memory().as_ptr() as *mut f64;
        // SAFETY: the exchange above made this thread the only one with a slice of the cells. Threads that
        // reach them atomically meanwhile do so during a run only, where WebAssembly defines what they read (see
        // `step`). `UnsafeCell<f64>` has the layout of `f64`.
        let memory = unsafe { std::slice::from_raw_parts_mut(start, self.len()) };
        Some(use_memory(memory))
    }

    /// Lets the worker that owns the region take a step in the memory; `None` while no run owns it, or another
    /// step is taken. Readers wait for the version to be even again. In WebAssembly it is no undefined behaviour
    /// that a reader, which will find by the version that it was too early, meets a plain store.
    #[cfg(target_arch = "wasm32")]
    pub fn step<R>(&self, use_memory: impl FnOnce(&mut [f64]) -> R) -> Option<R> {
        self.with_slice(RUN, RUN_BUSY, |memory| self.between_versions(|| use_memory(memory)))
    }

    /// As above, on a copy that is written back.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn step<R>(&self, use_memory: impl FnOnce(&mut [f64]) -> R) -> Option<R> {
        if self.word(Word::Owner) != RUN {
            return None;
        }
        let mut memory = self.copy();
        let result = use_memory(&mut memory);
        self.hand_back(&memory);
        Some(result)
    }

    /// Writes what readers are to see whole: the version is odd meanwhile.
    fn between_versions<R>(&self, write: impl FnOnce() -> R) -> R {
        let version = self.word(Word::Version);
        self.words[Word::Version as usize].store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        let result = write();
        self.set_word(Word::Version, version.wrapping_add(2));
        result
    }

    /// Hands the region from the page to a run and clears the words; false if a run has it already.
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

    /// Takes the region back for the page, after a run that has ended or whose thread is gone. A run that was
    /// killed in the middle of an update leaves the update as if it had come to its end.
    pub fn end_run(&self) {
        if matches!(self.word(Word::Owner), PAGE | PAGE_BUSY) {
            return;
        }
        // SAFETY: the run that had the draft has ended.
        let draft = unsafe { &mut *self.draft.get() };
        let version = self.word(Word::Version);
        if version & 1 == 1 {
            for (index, &value) in draft.iter().enumerate() {
                self.write(index, value);
            }
            self.set_word(Word::Version, version.wrapping_add(1));
        }
        *draft = Vec::new();
        self.set_word(Word::Owner, PAGE);
    }

    fn cell(&self, index: usize) -> &AtomicU64 {
        // SAFETY: the cell is 8 bytes, aligned to 8, lives as long as the region, and is reached
        // atomically by every thread while no slice of the cells exists (see `with_memory`).
        unsafe { AtomicU64::from_ptr(self.memory()[index].get().cast()) }
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
        unsafe { self.memory()[index].get().write_volatile(value) };
    }

    /// Writes the trained parameters; called by the one run that owns the region.
    pub fn publish<T: Real>(&self, parameters: &[T]) {
        self.write_behind_draft(parameters.iter().map(|value| value.wide()), &[]);
    }

    /// Writes the run's whole memory; called by the one run that owns the region, at its end.
    pub fn hand_back(&self, memory: &[f64]) {
        let (parameters, rest) = memory.split_at(self.parameters);
        self.write_behind_draft(parameters.iter().copied(), rest);
    }

    /// Writes the parameters, and what follows them, when the draft has the parameters.
    fn write_behind_draft(&self, parameters: impl Iterator<Item = f64>, rest: &[f64]) {
        // SAFETY: the caller is the one run that owns the region, and the page looks once that has ended.
        let draft = unsafe { &mut *self.draft.get() };
        draft.clear();
        draft.extend(parameters);
        self.between_versions(|| {
            for (index, &value) in draft.iter().chain(rest).enumerate() {
                self.write(index, value);
            }
        });
    }

    /// Copies a consistent set of parameters, unless `known` still is the version of the last one;
    /// gives the version copied. Tries again while an update is being written.
    pub fn read_parameters(&self, known: i32, into: &mut [f64]) -> i32 {
        if self.word(Word::Version) == known { known } else { self.read(&mut into[..self.parameters]) }
    }

    /// Copies the numbers at the start of the memory, all of one version, which it gives.
    pub fn read(&self, into: &mut [f64]) -> i32 {
        loop {
            let version = self.word(Word::Version);
            if version & 1 == 0 {
                for (index, value) in into.iter_mut().enumerate() {
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
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
    use std::thread::panicking;

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

    /// Memory for the panic that tells of a failed allocation: it allocates itself, and would trap where nothing
    /// at all is left.
    static RESERVE: AtomicPtr<u8> = AtomicPtr::new(null_mut());
    const RESERVED: Layout = Layout::new::<[u128; 256]>();

    /// Takes the reserve, if it can be had.
    #[cold]
    #[inline(never)]
    fn reserve() -> bool {
        // SAFETY: the layout has a size.
        let block = unsafe { System.alloc(RESERVED) };
        if block.is_null() {
            return false;
        }
        if RESERVE.compare_exchange(null_mut(), block, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            // SAFETY: the block is the one from above, and another thread has made the reserve meanwhile.
            unsafe { System.dealloc(block, RESERVED) };
        }
        true
    }

    fn release() {
        let block = RESERVE.swap(null_mut(), Ordering::AcqRel);
        if !block.is_null() {
            // SAFETY: what stands there was allocated by `reserve`, and this thread alone has it now.
            unsafe { System.dealloc(block, RESERVED) };
        }
    }

    /// An allocation of so many bytes, which fails as long as there is no reserve; a panic may use that up.
    #[inline(always)]
    fn checked(size: usize, allocate: impl Fn() -> *mut u8) -> *mut u8 {
        if RESERVE.load(Ordering::Relaxed).is_null() && !panicking() && !reserve() {
            return null_mut();
        }
        let mut start = allocate();
        if start.is_null() && panicking() {
            release();
            start = allocate();
        }
        note(start, size)
    }

    struct Noting;

    #[global_allocator]
    static ALLOCATOR: Noting = Noting;

    // SAFETY: every call is the system's, with the same arguments and the same result, or gives null.
    unsafe impl GlobalAlloc for Noting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            checked(layout.size(), || unsafe { System.alloc(layout) })
        }
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            checked(layout.size(), || unsafe { System.alloc_zeroed(layout) })
        }
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: the caller's promise; where it fails the block stays.
            let realloc = || unsafe { System.realloc(block, layout, size) };
            if size <= layout.size() { realloc() } else { checked(size, realloc) }
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
    fn a_run_that_is_killed_in_an_update_leaves_it_whole() {
        let region = Region::new(vec![0.0; 4], 3);
        assert!(region.begin_run());
        region.publish(&[1.0, 1.0, 1.0]);
        // As a thread leaves it that was stopped after the first number.
        // SAFETY: no other thread is here.
        unsafe { &mut *region.draft.get() }.copy_from_slice(&[2.0; 3]);
        region.words[Word::Version as usize].fetch_add(1, Ordering::Relaxed);
        region.write(0, 2.0);
        region.end_run();
        assert_eq!(region.with_memory(|memory| memory.to_vec()).unwrap(), [2.0, 2.0, 2.0, 0.0]);
        assert_eq!(region.word(Word::Version) & 1, 0);
    }

    #[test]
    fn a_memory_starts_with_a_cache_line() {
        for length in [1, 7, 8, 9, 1000] {
            let region = Region::new((0..length).map(f64::from).collect(), 1);
            assert_eq!(region.memory_address() % CACHE_LINE, 0);
            assert_eq!(region.copy(), (0..length).map(f64::from).collect::<Vec<_>>());
        }
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
