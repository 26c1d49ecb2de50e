//! The program: a network lowered from its graph to blocks over one flat memory.
//!
//! *Units* are the network's neurons in the order of activation: the input layer, the hidden
//! layers, the output layer, then *external* neurons (outside the network, but with a connection
//! or a gate into the network), whose activation stands still.

mod check;
mod hold;
mod layout;
mod lower;
mod pairs;
mod phases;
mod segments;
mod transfer;
mod units;
mod values;

use std::ops::Range;

use crate::error::{Error, Result};

pub use crate::graph::Pooling;
pub use crate::kernels::Squash;
pub use layout::{Layout, Views};
pub use lower::{Lowered, Lowering, NO_CONNECTION, Placed, fits};

/// A named range of units.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name given by the architect, or `input`, `hidden 1`, `output`.
    pub name: String,
    /// First unit.
    pub first: usize,
    /// Number of units.
    pub size: usize,
}

/// How much of its state a neuron retains from step to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// No self-connection: nothing of the state is retained.
    None,
    /// An ungated self-connection: the state is retained whole.
    Whole,
    /// A gated self-connection: the state is retained in proportion to the gain of this unit.
    Gated(usize),
}

/// Which units gate the connections of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gating {
    /// Nothing is gated.
    None,
    /// Unit `gater + row` gates the row.
    Rows {
        /// Gater of the first row.
        gater: usize,
        /// The gaters fire after the target: their gain is that of the step before.
        late: bool,
    },
    /// Unit `gater + column` gates the column.
    Columns {
        /// Gater of the first column.
        gater: usize,
        /// The gaters fire after the target: their gain is that of the step before.
        late: bool,
    },
}

impl Gating {
    /// The first gater; `None` where nothing is gated.
    pub fn gater(self) -> Option<usize> {
        match self {
            Gating::None => None,
            Gating::Rows { gater, .. } | Gating::Columns { gater, .. } => Some(gater),
        }
    }

    /// Gater of the first column, and whether the gaters are late; `None` where no columns are gated.
    pub fn of_columns(self) -> Option<(usize, bool)> {
        match self {
            Gating::Columns { gater, late } => Some((gater, late)),
            _ => None,
        }
    }
}

/// A connection of a sparse block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Target unit.
    pub target: usize,
    /// Source unit.
    pub source: usize,
    /// The source fires after the target: its activation is that of the step before.
    pub late: bool,
    /// Gating unit, and whether it is late.
    pub gater: Option<(usize, bool)>,
    /// Steps, in the phase's direction, that the read activation lies before; 0 for this step, or the one before where
    /// it is late.
    pub delay: usize,
    /// The weight does not learn.
    pub fixed: bool,
}

/// How the weights of a block are arranged.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockKind {
    /// `(rows, taps, columns)`, row = target unit: every target to every source, at each delay of the block.
    Dense {
        /// First source unit.
        source: usize,
        /// Number of sources.
        columns: usize,
    },
    /// One weight per row: target i to source i.
    Diagonal {
        /// First source unit.
        source: usize,
    },
    /// One weight per edge; the gating and the flags of the block stand in the edges.
    Sparse(Vec<Edge>),
}

/// Connections that are computed together. Their weights are contiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Index of the source layer in [`Program::layers`].
    pub from: usize,
    /// Index of the target layer.
    pub to: usize,
    /// First target unit.
    pub target: usize,
    /// Number of target units.
    pub rows: usize,
    /// Offset of the first weight.
    pub weight: usize,
    /// Number of weights.
    pub count: usize,
    /// Arrangement.
    pub kind: BlockKind,
    /// Gates of a dense or diagonal block.
    pub gating: Gating,
    /// The sources fire after the targets: activations are those of the step before.
    pub late: bool,
    /// Taps of a dense block, in order: how many steps before, in the phase's direction, each reads the sources. Empty
    /// for what reads one step alone, as `late` says, and for other blocks.
    pub delays: Vec<usize>,
    /// The weights do not learn.
    pub fixed: bool,
}

impl Block {
    /// How many steps of its sources a block reads.
    pub fn taps(&self) -> usize {
        self.delays.len().max(1)
    }
}

/// Units of one layer that do not depend on each other within a step, activated together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// First unit.
    pub first: usize,
    /// Number of units.
    pub size: usize,
    /// The blocks that enter the group.
    pub blocks: Range<usize>,
}

/// Groups that are run over a whole sequence before the next phase begins. A network without
/// reversed neurons and read-outs is one phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// The groups of the phase.
    pub groups: Range<usize>,
    /// Its units.
    pub units: Range<usize>,
    /// The last step comes first: the phase's step before is the step after.
    pub reversed: bool,
    /// What reads a read-out, and so is computed once for a sequence instead of at every step: always
    /// the last phase.
    pub once: bool,
}

/// The gain applied along a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentGain {
    /// Not gated.
    One,
    /// The gain of this unit, for the whole segment.
    Same(usize),
    /// The gain of unit `first + i` for connection `i`.
    Each(usize),
}

/// Connections into one unit with consecutive weights and consecutive sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Offset of the first weight.
    pub weight: usize,
    /// First source unit.
    pub source: usize,
    /// Number of connections.
    pub len: usize,
    /// Gain along it.
    pub gain: SegmentGain,
    /// The sources fire after the target.
    pub late: bool,
    /// Steps that the read activations lie before; 0 for this step, or the one before where they are late.
    pub delay: usize,
    /// The weights do not learn.
    pub fixed: bool,
}

/// A gater and one unit whose incoming connections it gates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The gated unit.
    pub target: usize,
    /// The gater gates the target's self-connection too.
    pub gates_state: bool,
    /// The gated connections, as ranges in [`Program::gated`].
    pub gated: Range<usize>,
    /// Where the extended traces start; `None` where the target retains no state, so that the trace
    /// is a multiple of the eligibility and need not be stored.
    pub traces: Option<usize>,
}

/// The activations of the steps before that single steps keep: a shift register of `depth` rows, the last step
/// first, of `span` units from `first`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The first unit that a delay reads.
    pub first: usize,
    /// Number of units from there to the last one.
    pub span: usize,
    /// The longest delay; 0 without delays.
    pub depth: usize,
}

/// Most activations of steps before that a network keeps.
pub const MAX_PAST: usize = 1 << 24;

impl Past {
    /// Where activations of a unit so many steps before stand.
    pub fn place(self, unit: usize, delay: usize) -> usize {
        (delay - 1) * self.span + unit - self.first
    }
}

/// The refusal of the online rule, whose eligibility traces know no delays.
pub fn delayed() -> Error {
    Error::Type("a network with delays learns from whole sequences, not step by step".into())
}

/// A lowered network: everything but its numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Number of units, external ones included.
    pub units: usize,
    /// Number of input units: the first ones.
    pub inputs: usize,
    /// The output units.
    pub outputs: Range<usize>,
    /// Layers in the order of activation.
    pub layers: Vec<Layer>,
    /// Squash per unit.
    pub squash: Vec<Squash>,
    /// How much of its state each unit retains.
    pub retention: Vec<Retention>,
    /// How each unit pools the steps of a sequence, if it is a read-out's.
    pub pooling: Vec<Option<Pooling>>,
    /// Units whose bias does not learn.
    pub fixed_bias: Vec<bool>,
    /// Units in the order of activation, inputs left out.
    pub groups: Vec<Group>,
    /// The groups in the order of the sequence rule.
    pub phases: Vec<Phase>,
    /// All blocks, by group.
    pub blocks: Vec<Block>,
    /// The segments that enter each unit.
    pub rows: Vec<Range<usize>>,
    /// All segments, by unit.
    pub segments: Vec<Segment>,
    /// The pairs of each unit as gater.
    pub pair_rows: Vec<Range<usize>>,
    /// All pairs, by gater.
    pub pairs: Vec<Pair>,
    /// What single steps keep for delays.
    pub past: Past,
    /// Gated connections of the pairs, as (weight, source, length).
    pub gated: Vec<(usize, usize, usize)>,
    /// Where everything lies in the memory.
    pub layout: Layout,
}

impl Program {
    /// Number of output units.
    pub fn output_count(&self) -> usize {
        self.outputs.len()
    }

    /// True where the output layer is normalised as a whole.
    #[inline(always)]
    pub fn has_softmax(&self) -> bool {
        self.squash[self.outputs.start] == Squash::Softmax
    }

    /// True where some units read sequences from their end: then there is no single step to take.
    pub fn is_bidirectional(&self) -> bool {
        self.phases.iter().any(|phase| phase.reversed)
    }

    /// True for a unit that reads sequences from their end.
    pub fn reads_ahead(&self, unit: usize) -> bool {
        self.phases.iter().any(|phase| phase.reversed && phase.units.contains(&unit))
    }

    /// A delay of what enters a unit as graphs and files have it: negative where the unit reads ahead.
    pub fn signed(&self, unit: usize, delay: usize) -> i32 {
        if self.reads_ahead(unit) { -(delay as i32) } else { delay as i32 }
    }

    /// True where steps are pooled, so that a sequence has one output: at its last step.
    pub fn has_readout(&self) -> bool {
        self.phases.last().is_some_and(|phase| phase.once)
    }

    /// Refuses what the online rule can't learn: its eligibility traces do not go through a pool of steps, or a delay.
    ///
    /// # Errors
    /// TypeError for a program with a read-out or with delays.
    pub fn check_online(&self) -> Result<()> {
        if self.has_readout() {
            return Err(Error::Type("a network with a read-out learns from whole sequences, not step by step".into()));
        }
        if self.past.depth > 0 {
            return Err(delayed());
        }
        Ok(())
    }

    /// True where the sequence rule can only run whole sequences: phases follow one another.
    pub fn is_phased(&self) -> bool {
        self.phases.len() > 1
    }

    /// Units that are activated: all but inputs and external ones.
    pub fn active(&self) -> Range<usize> {
        self.inputs..self.outputs.end
    }

    /// True for units whose gain changes while the network runs.
    pub fn fires(&self, unit: usize) -> bool {
        self.active().contains(&unit)
    }
}
