//! Training runs: the loop over a data set, in steps that its host can interleave with other work.

mod batch;
mod best;
mod crew;
mod event;
mod executor;
pub(crate) mod frame;
mod judge;
#[cfg(test)]
mod list_tests;
mod options;
mod order;
mod phase;
mod resume;
mod rule;
mod run;
mod sequence;
mod sets;
#[cfg(test)]
mod stateful_tests;
#[cfg(test)]
mod tests;
mod tree;
mod verdict;

pub use crew::Crew;
pub use event::{Ask, Event, Stopped};
pub use executor::Executor;
pub use options::{Decay, Entry, Learner, Options, Precision, Rate, Setter, Standard};
pub use run::Run;
pub use sets::Sets;
pub use verdict::Verdict;
