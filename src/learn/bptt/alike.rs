//! Units of a step that one call of a kernel computes.

use std::ops::Range;

use super::Bptt;
use crate::kernels::{Real, Squash};
use crate::program::{Group, Program, Retention};

/// Consecutive units of a group that are computed together: they have one squash, biases that all learn
/// or all don't, and keep their state in one way, gated by consecutive units if by any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alike {
    pub first: usize,
    pub count: usize,
    pub squash: Squash,
    pub fixed_bias: bool,
    /// Retention of the first unit.
    pub retention: Retention,
    /// The gaters of the states fire after the units.
    pub late: bool,
}

pub(super) fn alike(program: &Program, group: &Group) -> Vec<Alike> {
    let mut found: Vec<Alike> = Vec::new();
    for unit in group.first..group.first + group.size {
        let (squash, fixed_bias, retention) = (program.squash[unit], program.fixed_bias[unit], program.retention[unit]);
        let late = matches!(retention, Retention::Gated(gater) if gater >= group.first);
        if let Some(last) = found.last_mut()
            && (last.squash, last.fixed_bias, last.late) == (squash, fixed_bias, late)
            && match (last.retention, retention) {
                (Retention::Gated(first), Retention::Gated(gater)) => {
                    gater == first + last.count && program.fires(first) == program.fires(gater)
                }
                (first, retention) => first == retention,
            }
        {
            last.count += 1;
            continue;
        }
        found.push(Alike { first: unit, count: 1, squash, fixed_bias, retention, late });
    }
    found
}

impl<T: Real> Bptt<T> {
    /// Indices in `alike` of the units of a group.
    pub(super) fn alike_in(&self, group: &Group) -> Range<usize> {
        let index = |unit: usize| self.alike.partition_point(|alike| alike.first < unit);
        index(group.first)..index(group.first + group.size)
    }
}
