//! The states of a run as a state machine.

use super::event::Stopped;
use crate::field::Choice;

/// What a run does next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// Begins an iteration.
    Begin,
    /// Waits for the host's learning rate.
    AwaitRate,
    /// Trains on the samples from position `next` of the order.
    Train { next: usize },
    /// Tests on the held-out samples from position `next` of the order.
    Test { next: usize },
    /// Waits for the host's cost.
    AwaitCost,
    /// Reports the iteration.
    Report,
    /// Waits for the host's word whether to go on.
    AwaitSchedule,
    /// Ends the iteration and has the run written down.
    Save,
    /// Ends the iteration.
    End,
    /// Nothing more.
    Done(Stopped),
}

impl Phase {
    /// The phase as two numbers; `None` for phases in which a run is not written down.
    pub fn numbers(self) -> Option<[u64; 2]> {
        match self {
            Phase::Begin => Some([0, 0]),
            Phase::Train { next } => Some([1, next as u64]),
            Phase::Test { next } => Some([2, next as u64]),
            Phase::Done(stopped) => Some([3, stopped as u64]),
            _ => None,
        }
    }

    /// The phase that [`Phase::numbers`] gave.
    pub fn from_numbers(phase: u64, next: usize) -> Self {
        match phase {
            0 => Phase::Begin,
            1 => Phase::Train { next },
            2 => Phase::Test { next },
            _ => Phase::Done(*Stopped::ALL.get(next).unwrap_or(&Stopped::Iterations)),
        }
    }
}
