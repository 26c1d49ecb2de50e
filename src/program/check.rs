//! Whether words from outside are a program: every index lies within the list it points into, so that
//! neither the interpreter nor compiled code reads or writes outside a network's memory.

use std::ops::Range;

use super::{Block, BlockKind, Gating, Group, Pooling, Program, Retention};
use crate::graph::MAX_DELAY;

/// Most numbers in the memory of a program from outside: 4 GiB of them.
const MOST_NUMBERS: usize = 1 << 29;

fn within(range: &Range<usize>, end: usize) -> bool {
    range.start <= range.end && range.end <= end
}

/// Whether `count` things from `first` end by `end`.
fn fits(first: usize, count: usize, end: usize) -> bool {
    first.checked_add(count).is_some_and(|last| last <= end)
}

impl Program {
    /// True where all indices are sound. Whether the program means a network, only lowering can tell.
    pub(super) fn is_sound(&self) -> bool {
        let units = self.units;
        let layout = &self.layout;
        let sizes = [layout.weights, layout.units, layout.extended, layout.pairs];
        sizes.iter().all(|&size| size <= MOST_NUMBERS / 16)
            && layout.units == units
            && layout.pairs == self.pairs.len()
            && [self.squash.len(), self.retention.len(), self.pooling.len(), self.fixed_bias.len()] == [units; 4]
            && self.pair_rows.len() == units
            && 0 < self.inputs
            && self.inputs <= self.outputs.start
            && self.outputs.start < self.outputs.end
            && self.outputs.end <= units
            && self.layers.iter().all(|layer| fits(layer.first, layer.size, units))
            && self.retention.iter().all(|retention| match retention {
                Retention::Gated(gater) => *gater < units,
                _ => true,
            })
            && self.pooling.iter().all(|pooling| match pooling {
                Some(Pooling::Attention { score }) => (*score as usize) < units,
                _ => true,
            })
            && self.groups_are_sound()
            && self.phases_are_sound()
            && self.pairs_are_sound()
    }

    /// Groups follow each other over the active units, and the blocks over the groups.
    fn groups_are_sound(&self) -> bool {
        let (mut unit, mut block) = (self.inputs, 0);
        for group in &self.groups {
            let Range { start, end } = group.blocks;
            let follows = group.first == unit && start == block && start <= end && end <= self.blocks.len();
            if !follows || group.size == 0 || !fits(unit, group.size, self.outputs.end) {
                return false;
            }
            if !self.blocks[start..end].iter().all(|block| self.block_is_sound(group, block)) {
                return false;
            }
            (unit, block) = (unit + group.size, end);
        }
        unit == self.outputs.end && block == self.blocks.len()
    }

    fn block_is_sound(&self, group: &Group, block: &Block) -> bool {
        let units = self.units;
        let layers = self.layers.len();
        if block.target != group.first || block.rows != group.size {
            return false;
        }
        let arranged = match &block.kind {
            BlockKind::Dense { source, columns } => {
                let row = columns.checked_mul(block.taps());
                *columns > 0
                    && row.and_then(|row| row.checked_mul(block.rows)) == Some(block.count)
                    && fits(*source, *columns, units)
            }
            BlockKind::Diagonal { source } => block.rows == block.count && fits(*source, block.rows, units),
            BlockKind::Sparse(edges) => {
                let rows = group.first..group.first + group.size;
                edges.len() == block.count
                    && edges.is_sorted_by_key(|edge| edge.target)
                    && edges.iter().all(|edge| {
                        rows.contains(&edge.target)
                            && edge.source < units
                            && edge.delay <= MAX_DELAY as usize
                            && (!edge.late || edge.delay == 0)
                            && edge.gater.is_none_or(|(gater, _)| gater < units)
                    })
            }
        };
        let delayed = match (&block.kind, block.delays.last()) {
            (_, None) => true,
            (BlockKind::Dense { .. }, Some(&longest)) => {
                (1..=MAX_DELAY as usize).contains(&longest)
                    && block.delays.is_sorted_by(|a, b| a < b)
                    && !block.late
                    && block.gating.of_columns().is_none()
            }
            _ => false,
        };
        let gated = match (&block.gating, &block.kind) {
            (Gating::None, _) => true,
            (Gating::Rows { gater, .. }, _) => fits(*gater, block.rows, units),
            (Gating::Columns { gater, .. }, BlockKind::Dense { columns, .. }) => fits(*gater, *columns, units),
            (Gating::Columns { gater, .. }, _) => fits(*gater, block.rows, units),
        };
        block.from < layers
            && block.to < layers
            && fits(block.weight, block.count, self.layout.weights)
            && arranged
            && delayed
            && gated
    }

    /// Phases follow each other over the groups; the last one runs forward, and it alone may run once, for all
    /// outputs.
    fn phases_are_sound(&self) -> bool {
        let mut group = 0;
        for phase in &self.phases {
            let Range { start, end } = phase.groups;
            if start != group || start >= end || end > self.groups.len() || !within(&phase.units, self.units) {
                return false;
            }
            let last = &self.groups[end - 1];
            if phase.units != (self.groups[start].first..last.first + last.size) {
                return false;
            }
            group = end;
        }
        let Some((last, others)) = self.phases.split_last() else { return false };
        let has_delays = |group: &Group| {
            self.blocks[group.blocks.clone()].iter().any(|block| match &block.kind {
                BlockKind::Sparse(edges) => edges.iter().any(|edge| edge.delay > 0),
                _ => !block.delays.is_empty(),
            })
        };
        group == self.groups.len()
            && !last.reversed
            && (!last.once || !self.groups[last.groups.clone()].iter().any(has_delays))
            && !others.iter().any(|phase| phase.once)
            && (!last.once || !others.is_empty() && last.units.start <= self.outputs.start)
    }

    fn pairs_are_sound(&self) -> bool {
        self.pair_rows.iter().all(|row| within(row, self.pairs.len()))
            && self
                .gated
                .iter()
                .all(|&(weight, source, len)| fits(weight, len, self.layout.weights) && fits(source, len, self.units))
            && self.pairs.iter().all(|pair| pair.target < self.units && within(&pair.gated, self.gated.len()))
    }

    /// True where every pair has room for a trace of each input of its gater; wants segments.
    pub(super) fn traces_fit(&self) -> bool {
        self.rows.iter().zip(&self.pair_rows).all(|(row, pairs)| {
            let inputs: usize = self.segments[row.clone()].iter().map(|segment| segment.len).sum();
            let fits = |start: usize| fits(start, inputs, self.layout.extended);
            self.pairs[pairs.clone()].iter().all(|pair| pair.traces.is_none_or(fits))
        })
    }
}
