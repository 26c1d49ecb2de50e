//! A network that has learnt, as one of the same layers with more inputs and outputs.

use std::mem::discriminant;

use crate::error::{Error, Result};
use crate::program::{Block, Program, Segment};

/// Where inputs and outputs are new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// Inputs that were slots of symbols, the last of them for unknown ones. Behind them come inputs of other kinds.
    pub slots: usize,
    /// Slots that are new, before the last: their symbols were unknown, and are read so until they are learnt.
    pub more: usize,
    /// Whether outputs are new before the last one, and not behind it. New outputs keep the weights that were drawn for
    /// them.
    pub end: bool,
}

/// A grown network beside the one that it takes after.
struct Descent<'a> {
    old: &'a Program,
    new: &'a Program,
    growth: Growth,
}

/// Whether the layers that a program joins are joined in another, too.
fn joins(program: &Program, other: &Program) -> bool {
    let joined = |block: &Block| other.blocks.iter().any(|own| (own.from, own.to) == (block.from, block.to));
    program.blocks.iter().all(joined)
}

impl Descent<'_> {
    /// Whether the layers between inputs and outputs are the same, and layers are joined to the same.
    fn is_of_one_kind(&self) -> bool {
        let last = self.old.layers.len() - 1;
        self.new.layers.len() == self.old.layers.len()
            && joins(self.new, self.old)
            && joins(self.old, self.new)
            && self.new.layers.iter().zip(&self.old.layers).enumerate().all(|(index, (new, old))| {
                new.name == old.name && (index == 0 || index == last || new.size == old.size)
            })
            && (0..self.new.outputs.end).all(|unit| self.before(unit).is_none_or(|before| self.alike(unit, before)))
    }

    /// Whether a unit computes what the old one does of the same state.
    fn alike(&self, unit: usize, before: usize) -> bool {
        let Descent { old, new, .. } = self;
        (new.squash[unit], new.fixed_bias[unit]) == (old.squash[before], old.fixed_bias[before])
            && new.pooling[unit].as_ref().map(discriminant) == old.pooling[before].as_ref().map(discriminant)
            && discriminant(&new.retention[unit]) == discriminant(&old.retention[before])
    }

    /// The old unit that a unit takes after; `None` for an output that is new.
    fn before(&self, unit: usize) -> Option<usize> {
        let Descent { old, new, growth: Growth { slots, more, end } } = *self;
        if unit < new.inputs {
            return Some(if unit >= slots + more { unit - more } else { unit.min(slots.saturating_sub(1)) });
        }
        if unit < new.outputs.start {
            return Some(unit - new.inputs + old.inputs);
        }
        if end && unit + 1 == new.outputs.end {
            return Some(old.outputs.end - 1);
        }
        let output = unit - new.outputs.start + old.outputs.start;
        (output < old.outputs.end - usize::from(end)).then_some(output)
    }
}

/// Gives a new network the weights and biases of another, which has the same layers between inputs and outputs. Weights
/// from inputs and to outputs that are new stay as they were drawn, those of new slots apart.
///
/// # Errors
/// TypeError for networks of other layers.
pub fn inherit(old: &Program, numbers: &[f64], new: &Program, parameters: &mut [f64], growth: Growth) -> Result<()> {
    let descent = Descent { old, new, growth };
    if !descent.is_of_one_kind() {
        return Err(Error::Type(
            "the network is of another kind than the model makes, expected one of its own making".into(),
        ));
    }
    for unit in 0..new.outputs.end {
        let Some(before) = descent.before(unit) else { continue };
        parameters[new.layout.weights + unit] = numbers[old.layout.weights + before];
        let known = &old.segments[old.rows[before].clone()];
        for segment in &new.segments[new.rows[unit].clone()] {
            for (offset, parameter) in parameters[segment.weight..][..segment.len].iter_mut().enumerate() {
                let Some(source) = descent.before(segment.source + offset) else { continue };
                let has = |other: &&Segment| {
                    other.delay == segment.delay && (other.source..other.source + other.len).contains(&source)
                };
                if let Some(other) = known.iter().find(has) {
                    *parameter = numbers[other.weight + source - other.source];
                }
            }
        }
    }
    Ok(())
}
