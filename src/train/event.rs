//! What a run tells its host, and what it asks the host.

use crate::field::choice;

choice! {
    /// Why a run ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Stopped {
        /// All iterations were done.
        Iterations,
        /// The error goal was reached.
        Error,
        /// The error goal on the held-out samples was reached.
        CrossValidation,
        /// The error has not become less for as long as the run had patience.
        Patience,
        /// The schedule said so.
        Schedule,
        /// The abort word was set.
        Aborted,
        /// The error or a weight became infinite or not a number; the weights are those of the last
        /// iteration that was finite.
        Diverged,
    }
}

/// What a run asks its host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask {
    /// The learning rate of this iteration, see [`Run::answer_rate`](super::Run::answer_rate).
    Rate {
        /// Iteration that begins, from 1.
        iteration: u32,
        /// Error of the one before; 0 at first.
        last_error: f64,
    },
    /// The mean cost of [`Run::outputs`](super::Run::outputs), see
    /// [`Run::answer_cost`](super::Run::answer_cost).
    Cost,
    /// Whether to go on, see [`Run::answer_schedule`](super::Run::answer_schedule).
    Schedule,
}

/// Why [`Run::step`](super::Run::step) returned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The time that the host gives to a step is over.
    Slice,
    /// The pause word is set.
    Paused,
    /// A checkpoint was asked for, or is due; [`Run::checkpoint`](super::Run::checkpoint) makes it.
    Checkpoint,
    /// The host has to answer.
    Ask(Ask),
    /// Executors have to compute [`Run::batch`](super::Run::batch), for a run that
    /// [hands out](super::Run::hand_out) its batches.
    Batch,
    /// An iteration ended; [`Run::iteration`](super::Run::iteration) and
    /// [`Run::error`](super::Run::error) tell.
    Iteration,
    /// The run ended.
    Done(Stopped),
}
