//! Threads that share the work of a process.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use engram::train::Crew;

/// Threads that help whoever has joined their crew, until they are dropped.
pub struct Helpers {
    pub crew: Arc<Crew>,
    threads: Vec<JoinHandle<()>>,
}

impl Helpers {
    /// As many threads as help the one that has the work.
    pub fn new(count: usize) -> std::io::Result<Self> {
        let mut helpers = Helpers { crew: Arc::default(), threads: Vec::new() };
        for _ in 0..count {
            let crew = Arc::clone(&helpers.crew);
            helpers.threads.push(Builder::new().spawn(move || crew.help())?);
        }
        Ok(helpers)
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        self.crew.dismiss();
        for thread in self.threads.drain(..) {
            // One that has panicked has printed why; whoever had the work has done its part.
            let _ = thread.join();
        }
    }
}
