//! The pairs of a gater and a unit whose incoming connections it gates.

use super::units::Units;
use super::{NO_CONNECTION, Pair, Program, Retention};
use crate::graph::{ConnectionId, Graph};

/// Appends what a gater gates at one target, as runs of weights and sources.
#[inline(never)]
fn collect_gated(
    graph: &Graph,
    units: &Units,
    gated: &[ConnectionId],
    weight_of: &[usize],
    links: &mut Vec<(usize, usize)>,
    runs: &mut Vec<(usize, usize, usize)>,
) {
    links.clear();
    let weights = gated.iter().map(|&id| (weight_of[id as usize], id)).filter(|&(weight, _)| weight != usize::MAX);
    let source = |id: ConnectionId| units.unit_of[graph.connections[id as usize].from as usize];
    links.extend(weights.map(|(weight, id)| (weight, source(id))));
    links.sort_unstable();
    let start = runs.len();
    for &(weight, source) in &*links {
        match runs[start..].last_mut() {
            Some((w, s, len)) if *w + *len == weight && *s + *len == source => *len += 1,
            _ => runs.push((weight, source, 1)),
        }
    }
}

/// Fills a program's pairs, and gives their extended traces room in the memory; `connections` is the
/// connection of each weight.
#[inline(never)]
pub(super) fn collect(program: &mut Program, graph: &Graph, units: &Units, connections: &[ConnectionId]) {
    let mut weight_of = vec![usize::MAX; graph.connections.len()];
    for (weight, &id) in connections.iter().enumerate().filter(|(_, id)| **id != NO_CONNECTION) {
        weight_of[id as usize] = weight;
    }
    let mut links = Vec::new();
    for unit in 0..units.active_end {
        let start = program.pairs.len();
        let inputs: usize = program.segments[program.rows[unit].clone()].iter().map(|segment| segment.len).sum();
        for relation in &graph.neurons[units.neurons[unit] as usize].extended {
            let target = units.unit_of[relation.target as usize];
            if !program.fires(target) || !program.fires(unit) {
                continue;
            }
            let gated_start = program.gated.len();
            collect_gated(graph, units, &relation.gated, &weight_of, &mut links, &mut program.gated);
            let stateful = program.retention[target] != Retention::None;
            program.pairs.push(Pair {
                target,
                gates_state: program.retention[target] == Retention::Gated(unit),
                gated: gated_start..program.gated.len(),
                traces: stateful.then_some(program.layout.extended),
            });
            if stateful {
                program.layout.extended += inputs;
            }
        }
        program.pair_rows[unit] = start..program.pairs.len();
    }
    program.layout.pairs = program.pairs.len();
}
