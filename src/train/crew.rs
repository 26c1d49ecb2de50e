//! Threads that share the work of one run.
//!
//! The run's own thread puts up a task, works on it like the helpers, and goes on when the task is
//! done. A task consists of parts that any thread may take; the result does not depend on which thread
//! took which part. A helper may vanish at any moment (a killed worker): its part is then done again.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::shared::pages;

/// Looks at the board before a thread sleeps; sleeping and waking take longer than a small batch.
const LOOKS: u32 = 20_000;
/// No thread sleeps longer than this without a look at the board: the page, which must not wait for a
/// lock, calls without one, and its call may come between a thread's look and its sleep.
const NAP: Duration = Duration::from_millis(20);

/// Work in parts that any thread may do.
pub trait Task: Send + Sync {
    /// Does parts until none is left to take.
    fn work(&self);
    /// Whether all parts are done.
    fn is_done(&self) -> bool;
    /// Does the parts that were taken and are not done, because the thread that took them is gone.
    fn recover(&self);
}

/// The threads of one run and the board where its task is put up.
#[derive(Default)]
pub struct Crew {
    board: Mutex<Option<Arc<dyn Task>>>,
    /// Grows with every task.
    posted: AtomicU32,
    call: Condvar,
    dismissed: AtomicBool,
    /// A helper is gone without having been dismissed.
    lost: AtomicBool,
}

impl std::fmt::Debug for Crew {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Crew").finish_non_exhaustive()
    }
}

impl Crew {
    /// Does a task together with the helpers; returns when the task is done.
    pub fn run(&self, task: Arc<dyn Task>) {
        *self.board.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&task));
        self.posted.fetch_add(1, Ordering::Release);
        self.call.notify_all();
        task.work();
        // The thread spins instead of sleeping: no more than a part's time is left, and two threads in
        // timed waits at once were seen to hang in Node 20.
        while !task.is_done() {
            if self.lost.load(Ordering::Acquire) {
                task.recover();
            }
            std::hint::spin_loop();
        }
        *self.board.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Helps until the crew is dismissed. Blocks its thread.
    pub fn help(&self) {
        let mut seen = 0;
        while let Some(task) = self.next(&mut seen) {
            task.work();
        }
    }

    fn next(&self, seen: &mut u32) -> Option<Arc<dyn Task>> {
        let mut looks = 0;
        loop {
            if self.dismissed.load(Ordering::Acquire) {
                return None;
            }
            let posted = self.posted.load(Ordering::Acquire);
            if posted != *seen {
                *seen = posted;
                let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(task) = board.as_ref() {
                    pages::catch_up();
                    return Some(Arc::clone(task));
                }
            }
            looks += 1;
            if looks > LOOKS {
                let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
                if self.posted.load(Ordering::Acquire) == *seen {
                    drop(self.call.wait_timeout(board, NAP));
                }
            }
            std::hint::spin_loop();
        }
    }

    /// Lets the helpers go. Takes no lock, so that a page may call this.
    pub fn dismiss(&self) {
        self.dismissed.store(true, Ordering::Release);
        self.call.notify_all();
    }

    /// Tells that a helper is gone for good; the run goes on without the helper. Takes no lock.
    pub fn lose(&self) {
        self.lost.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    struct Parts {
        next: AtomicUsize,
        done: Vec<AtomicBool>,
        /// The part whose thread vanishes.
        cursed: usize,
    }

    impl Task for Parts {
        fn work(&self) {
            loop {
                let part = self.next.fetch_add(1, Ordering::Relaxed);
                if part >= self.done.len() {
                    return;
                }
                self.done[part].store(part != self.cursed, Ordering::Release);
            }
        }
        fn is_done(&self) -> bool {
            self.done.iter().all(|done| done.load(Ordering::Acquire))
        }
        fn recover(&self) {
            self.done.iter().for_each(|done| done.store(true, Ordering::Release));
        }
    }

    #[test]
    fn every_part_is_done_by_any_number_of_threads() {
        for helpers in 0..4 {
            let crew = Arc::new(Crew::default());
            let threads: Vec<_> = (0..helpers)
                .map(|_| {
                    let crew = Arc::clone(&crew);
                    std::thread::spawn(move || crew.help())
                })
                .collect();
            for round in 0..200 {
                let parts = Arc::new(Parts {
                    next: AtomicUsize::new(0),
                    done: (0..round % 9).map(|_| AtomicBool::new(false)).collect(),
                    cursed: usize::MAX,
                });
                crew.run(parts.clone());
                assert!(parts.is_done());
            }
            crew.dismiss();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
    }

    #[test]
    fn what_a_lost_helper_left_is_done_again() {
        let crew = Crew::default();
        crew.lose();
        let parts = Arc::new(Parts {
            next: AtomicUsize::new(0),
            done: vec![AtomicBool::new(false), AtomicBool::new(false)],
            cursed: 1,
        });
        crew.run(parts.clone());
        assert!(parts.is_done());
    }
}
