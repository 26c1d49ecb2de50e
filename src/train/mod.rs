//! Training runs: the loop over a data set, in steps that its host can interleave with other work.

mod batch;
pub(crate) mod checkpoint;
mod crew;
mod options;
mod run;

pub use crew::Crew;
pub use options::{Decay, Learner, Options, Precision, Rate};
pub use run::{Ask, Event, Run, Stopped};
