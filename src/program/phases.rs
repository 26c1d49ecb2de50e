//! The phases of a network that reads sequences from both ends or pools their steps: groups that read in
//! one direction, or once, and what they may not read.

use std::ops::Range;

use super::{Group, Phase, Pooling, Program, Retention, Segment, SegmentGain};
use crate::error::{Error, Result};

fn refused(message: &str) -> Error {
    Error::Type(message.into())
}

impl SegmentGain {
    /// The units that gate a segment of `len` connections.
    fn gaters(self, len: usize) -> Range<usize> {
        match self {
            SegmentGain::One => 0..0,
            SegmentGain::Same(gater) => gater..gater + 1,
            SegmentGain::Each(gater) => gater..gater + len,
        }
    }
}

/// All units that a unit reads, or is gated by.
fn read_by(program: &Program, unit: usize) -> impl Iterator<Item = usize> + '_ {
    let read =
        |segment: &Segment| (segment.source..segment.source + segment.len).chain(segment.gain.gaters(segment.len));
    let retained = match program.retention[unit] {
        Retention::Gated(gater) => Some(gater),
        _ => None,
    };
    program.segments[program.rows[unit].clone()].iter().flat_map(read).chain(retained)
}

/// Fills a program's phases: groups that read in the same direction, one after the other, make a phase,
/// and so do those that read a read-out, or what is behind one.
pub(super) fn collect(program: &mut Program, is_reversed: impl Fn(usize) -> bool) -> Result<()> {
    let pools = program.pooling.iter().any(Option::is_some);
    let mut once = vec![false; program.units];
    for (index, group) in program.groups.iter().enumerate() {
        let units = group.first..group.first + group.size;
        let behind = |unit: usize| program.pooling[unit].is_some() || once[unit];
        // Without a read-out, nobody's sources have to be looked through.
        let is_once = pools && units.clone().any(|unit| read_by(program, unit).any(behind));
        once[units.clone()].fill(is_once);
        let reversed = is_reversed(group.first);
        if is_once && reversed {
            return Err(refused("a neuron that reads a read-out can't be reversed: for it there is one step"));
        }
        match program.phases.last_mut() {
            Some(phase) if (phase.reversed, phase.once) == (reversed, is_once) => {
                phase.groups.end = index + 1;
                phase.units.end = units.end;
            }
            _ => program.phases.push(Phase { groups: index..index + 1, units, reversed, once: is_once }),
        }
    }
    Ok(())
}

/// Checks that no phase reads a later one, which is run only after the whole sequence, that the last
/// phase, which has the outputs, runs forward, and what read-outs ask for.
pub(super) fn check(program: &Program) -> Result<()> {
    let phases = &program.phases;
    if phases.last().is_some_and(|phase| phase.reversed) {
        return Err(refused("output neurons can't be reversed"));
    }
    let pools = program.pooling.iter().any(Option::is_some);
    if pools {
        check_readouts(program)?;
    }
    if !program.is_phased() {
        return Ok(());
    }
    let end = program.outputs.end;
    for phase in phases {
        for unit in phase.units.clone() {
            // A gain that is late would be 1 at the first step.
            let later = |gater: usize| (unit + 1..end).contains(&gater);
            let bad = |segment: &Segment| {
                segment.gain.gaters(segment.len).last().is_some_and(later)
                    || (phase.units.end..end).contains(&(segment.source + segment.len - 1))
            };
            let retained = matches!(program.retention[unit], Retention::Gated(gater) if later(gater));
            if retained || program.segments[program.rows[unit].clone()].iter().any(bad) {
                return Err(refused(
                    "in a network with reversed neurons or a read-out, none reads a later phase or has a later gater",
                ));
            }
        }
    }
    Ok(())
}

/// Checks that all that is behind a read-out reads nothing else, has no step before, and ends in the
/// outputs, and that every score is known before it is needed.
fn check_readouts(program: &Program) -> Result<()> {
    let Some((head, before)) = program.phases.split_last() else { return Ok(()) };
    if !head.once || before.iter().any(|phase| phase.once) || !head.units.contains(&program.outputs.start) {
        return Err(refused(
            "in a network with a read-out, the outputs read it, and nothing that they read comes after its readers",
        ));
    }
    let fires = |unit: usize| program.fires(unit) || unit < program.inputs;
    for unit in head.units.clone() {
        let known = |other: usize| {
            !fires(other) || program.pooling[other].is_some() || (head.units.start..unit).contains(&other)
        };
        if program.pooling[unit].is_some() || program.retention[unit] != Retention::None {
            return Err(refused("what reads a read-out can't pool, or keep a state: for it there is one step"));
        }
        if program.segments[program.rows[unit].clone()].iter().any(|segment| segment.delay > 0) {
            return Err(refused("a neuron that reads a read-out has no delays: for it there is one step"));
        }
        if !read_by(program, unit).all(known) {
            return Err(refused("a neuron that reads a read-out reads nothing that changes from step to step"));
        }
    }
    for phase in before {
        for Group { first, size, .. } in &program.groups[phase.groups.clone()] {
            for unit in *first..first + size {
                if read_by(program, unit).any(|other| program.pooling[other].is_some()) {
                    return Err(refused("a read-out is read when the whole sequence was: no earlier neuron reads it"));
                }
                let Some(pooling) = program.pooling[unit] else { continue };
                if program.retention[unit] != Retention::None {
                    return Err(refused("a neuron that pools keeps no state of its own"));
                }
                if let Pooling::Attention { score } = pooling
                    && (score as usize >= *first || program.pooling[score as usize].is_some())
                {
                    return Err(refused(
                        "an attention's score is a neuron of the network that fires before the read-out",
                    ));
                }
            }
        }
    }
    Ok(())
}
