//! The phases of a bidirectional network: groups that read a sequence in one direction, and what they
//! may not read.

use super::{Phase, Program, Retention, Segment, SegmentGain};
use crate::error::{Error, Result};

/// Fills a program's phases: groups of the same direction, one after the other, make a phase.
pub(super) fn collect(program: &mut Program, is_reversed: impl Fn(usize) -> bool) {
    for (index, group) in program.groups.iter().enumerate() {
        let (reversed, end) = (is_reversed(group.first), group.first + group.size);
        match program.phases.last_mut() {
            Some(phase) if phase.reversed == reversed => {
                phase.groups.end = index + 1;
                phase.units.end = end;
            }
            _ => program.phases.push(Phase { groups: index..index + 1, units: group.first..end, reversed }),
        }
    }
}

/// Checks that no phase reads a later one, which is run only after the whole sequence, and that the last
/// phase, which has the outputs, runs forward.
pub(super) fn check(program: &Program) -> Result<()> {
    if !program.is_bidirectional() && !program.phases[0].reversed {
        return Ok(());
    }
    let end = program.outputs.end;
    for phase in &program.phases {
        for unit in phase.units.clone() {
            // A gain that is late would be 1 at the first step.
            let later = |gater: usize| (unit + 1..end).contains(&gater);
            let bad = |segment: &Segment| {
                let gated = match segment.gain {
                    SegmentGain::One => false,
                    SegmentGain::Same(gater) => later(gater),
                    SegmentGain::Each(gater) => later(gater + segment.len - 1),
                };
                gated || (phase.units.end..end).contains(&(segment.source + segment.len - 1))
            };
            let retained = matches!(program.retention[unit], Retention::Gated(gater) if later(gater));
            if retained || program.segments[program.rows[unit].clone()].iter().any(bad) {
                return Err(Error::Type(
                    "in a network with reversed neurons, none reads a later phase or has a later gater".into(),
                ));
            }
        }
    }
    if program.phases.last().is_some_and(|phase| phase.reversed) {
        return Err(Error::Type("output neurons can't be reversed".into()));
    }
    Ok(())
}
