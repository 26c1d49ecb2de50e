//! The code of one step of a program: `activate(memory, input)` and
//! `propagate(memory, target, projected, rate)`.

use super::assembler::{Function, Type, module};
use super::emitter::Emitter;
use super::rows::Rows;
use crate::program::Program;

/// Most bytes of code; a program that needs more gains little and is interpreted.
const MAX_CODE: usize = 1 << 18;
/// The module for a program; `None` where its code would be too long, and for read-outs and delays, which this
/// rule only activates.
pub fn compile(program: &Program) -> Option<Vec<u8>> {
    if program.check_online().is_err() {
        return None;
    }
    let groups: Vec<Vec<Rows>> =
        program.groups.iter().map(|group| Rows::of_group(program, group.first, group.size)).collect();
    let mut activate = Emitter::new(program, Function::new(&[Type::I32, Type::I32]));
    activate.feed();
    for rows in groups.iter().flatten() {
        activate.activate(rows);
        if activate.code.size() > MAX_CODE {
            return None;
        }
    }
    let mut propagate = Emitter::new(program, Function::new(&[Type::I32, Type::I32, Type::I32, Type::F64]));
    propagate.clear_projected();
    for rows in groups.iter().flatten() {
        propagate.hand_back_late(rows);
    }
    for rows in groups.iter().rev().flat_map(|group| group.iter().rev()) {
        propagate.propagate(rows);
        if propagate.code.size() > MAX_CODE {
            return None;
        }
    }
    Some(module(&[("activate", &activate.code), ("propagate", &propagate.code)]))
}
