//! From graph to program: units of a layer that can be computed at once make a group, and the
//! connections from one layer into a group a block.

use std::ops::Range;
use std::sync::Arc;

use super::units::{OUTSIDE, Units};
use super::{Block, BlockKind, Edge, Gating, Group, Layer, Layout, Program, Retention, pairs, phases, segments};
use crate::error::{Error, Result};
use crate::graph::{ConnectionId, Graph, NeuronId, Pooling, Squash};

/// Which blocks lowering may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lowering {
    /// Dense and diagonal blocks wherever the graph allows.
    #[default]
    Blocks,
    /// Sparse blocks alone, against which the other blocks are tested.
    Sparse,
}

/// A program and the graph elements that its units and weights stand for.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The program.
    pub program: Arc<Program>,
    /// Neuron of each unit.
    pub neurons: Vec<NeuronId>,
    /// Connection of each weight.
    pub connections: Vec<ConnectionId>,
}

struct Lowerer<'a> {
    graph: &'a Graph,
    lowering: Lowering,
    units: Units,
}

/// One connection with its ends as units.
#[derive(Clone, Copy)]
struct Link {
    id: ConnectionId,
    target: usize,
    source: usize,
    gater: Option<usize>,
    fixed: bool,
}

// What is `inline(never)` in lowering (here, in `units`, `pairs` and `values`) loops over all connections. A
// JavaScript engine compiles a function that has become hot anew, in the background and as a whole: to compile
// one large function takes as long as to make a network.

impl Lowered {
    /// Lowers the network whose layers are `layers` (name, neurons): the first is the input, the
    /// last the output.
    pub fn new(graph: &Graph, layers: &[(String, Vec<NeuronId>)], lowering: Lowering) -> Result<Self> {
        Lowerer { graph, lowering, units: Units::new(graph, layers)? }.lower()
    }
}

impl Lowerer<'_> {
    /// The connections into a unit, ordered by source.
    #[inline(never)]
    fn links(&self, unit: usize) -> Vec<Link> {
        let mut links: Vec<Link> = self.graph.neurons[self.units.neurons[unit] as usize]
            .incoming
            .iter()
            .map(|&id| {
                let connection = &self.graph.connections[id as usize];
                Link {
                    id,
                    target: unit,
                    source: self.units.unit_of[connection.from as usize],
                    gater: connection.gater.map(|gater| self.units.unit_of[gater as usize]),
                    fixed: connection.fixed,
                }
            })
            .collect();
        links.sort_by_key(|link| link.source);
        links
    }

    fn lower(self) -> Result<Lowered> {
        let units = self.units.neurons.len();
        let output_layer = self.units.layers.iter().position(|layer| layer.first + layer.size == self.units.active_end);
        let outputs = output_layer.map_or(0..0, |index| self.units.layers[index].first..self.units.active_end);
        if self.units.inputs == 0 || outputs.is_empty() {
            return Err(Error::Range("a network has input and output neurons".into()));
        }
        let neuron_at = |unit: usize| &self.graph.neurons[self.units.neurons[unit] as usize];
        let mut program = Program {
            units,
            inputs: self.units.inputs,
            outputs: outputs.clone(),
            layers: self.units.layers.clone(),
            squash: (0..units).map(|unit| neuron_at(unit).squash).collect(),
            retention: (0..units).map(|unit| self.retention(unit)).collect(),
            pooling: (0..units).map(|unit| self.pooling(unit)).collect(),
            fixed_bias: (0..units)
                .map(|unit| neuron_at(unit).fixed_bias || !(self.units.inputs..self.units.active_end).contains(&unit))
                .collect(),
            groups: Vec::new(),
            phases: Vec::new(),
            blocks: Vec::new(),
            rows: vec![0..0; units],
            segments: Vec::new(),
            pair_rows: vec![0..0; units],
            pairs: Vec::new(),
            gated: Vec::new(),
            layout: Layout { weights: 0, units, extended: 0, pairs: 0 },
        };
        let mut connections = Vec::new();
        for layer in 1..self.units.layers.len() {
            if self.units.layers[layer].first < self.units.active_end {
                self.lower_layer(layer, &mut program, &mut connections);
            }
        }
        self.check_softmax(&program, &outputs)?;
        program.layout.weights = connections.len();
        segments::collect(&mut program);
        phases::collect(&mut program, |unit| self.is_reversed(unit))?;
        phases::check(&program)?;
        pairs::collect(&mut program, self.graph, &self.units, &connections);
        Ok(Lowered { program: Arc::new(program), neurons: self.units.neurons, connections })
    }

    fn retention(&self, unit: usize) -> Retention {
        match self.graph.neurons[self.units.neurons[unit] as usize].self_connection {
            None => Retention::None,
            Some(id) => match self.graph.connections[id as usize].gater {
                Some(gater) if self.units.unit_of[gater as usize] != OUTSIDE => {
                    Retention::Gated(self.units.unit_of[gater as usize])
                }
                _ => Retention::Whole,
            },
        }
    }

    /// The pooling of a unit that is active, with the unit that scores.
    fn pooling(&self, unit: usize) -> Option<Pooling> {
        let active = self.units.inputs..self.units.active_end;
        let pooling =
            self.graph.neurons[self.units.neurons[unit] as usize].pooling.filter(|_| active.contains(&unit))?;
        Some(match pooling {
            // A neuron outside the network becomes a unit that there is not, which is refused.
            Pooling::Attention { score } => {
                Pooling::Attention { score: self.units.unit_of[score as usize] as NeuronId }
            }
            other => other,
        })
    }

    /// Softmax needs all of the output layer at once, and only the output layer.
    fn check_softmax(&self, program: &Program, outputs: &Range<usize>) -> Result<()> {
        let normalised = (0..self.units.active_end).filter(|&unit| program.squash[unit] == Squash::Softmax);
        let whole = program.groups.last().is_some_and(|group| (group.first..group.first + group.size) == *outputs);
        let mut count = 0;
        for unit in normalised {
            if !outputs.contains(&unit) || !whole {
                return Err(Error::Type(
                    "SOFTMAX is the squash of a whole output layer without connections inside it".into(),
                ));
            }
            count += 1;
        }
        if count != 0 && count != outputs.len() {
            return Err(Error::Type(format!(
                "SOFTMAX is the squash of a whole output layer, {count} of {} outputs have it",
                outputs.len()
            )));
        }
        Ok(())
    }

    /// Cuts a layer into groups and lowers each. A unit that reads or is gated by an earlier unit
    /// of the group sees its new value, so it starts the next group; reading a later unit is
    /// reading the step before, and needs no cut.
    #[inline(never)]
    fn lower_layer(&self, layer: usize, program: &mut Program, connections: &mut Vec<ConnectionId>) {
        let Layer { first, size, .. } = self.units.layers[layer];
        let mut start = first;
        let mut links = Vec::new();
        for unit in first..first + size {
            let incoming = self.links(unit);
            let depends = |other: usize| (start..unit).contains(&other);
            let turns = self.is_reversed(unit) != self.is_reversed(start);
            let retained_by_group = matches!(program.retention[unit], Retention::Gated(gater) if depends(gater));
            if turns
                || retained_by_group
                || incoming.iter().any(|link| depends(link.source) || link.gater.is_some_and(depends))
            {
                self.lower_group(layer, start..unit, std::mem::take(&mut links), program, connections);
                start = unit;
            }
            links.extend(incoming);
        }
        self.lower_group(layer, start..first + size, links, program, connections);
    }

    fn is_reversed(&self, unit: usize) -> bool {
        self.graph.neurons[self.units.neurons[unit] as usize].reversed
    }

    fn lower_group(
        &self,
        layer: usize,
        group: Range<usize>,
        links: Vec<Link>,
        program: &mut Program,
        connections: &mut Vec<ConnectionId>,
    ) {
        let first_block = program.blocks.len();
        // Links by source layer and whether the sources are late; few enough for a sorted list.
        let mut by_source: Vec<((usize, bool), Vec<Link>)> = Vec::new();
        let source_of = |link: &Link| (self.units.layer_of[link.source], link.source >= group.start);
        // Ordered by source within a unit, links of one source layer follow one another.
        for run in links.chunk_by(|a, b| source_of(a) == source_of(b)) {
            let source = source_of(&run[0]);
            let position = by_source.partition_point(|(other, _)| *other < source);
            match by_source.get_mut(position) {
                Some((other, links)) if *other == source => links.extend_from_slice(run),
                _ => {
                    // Room for as many links into every unit of the group.
                    let mut found = Vec::with_capacity(links.len().min(run.len() * group.len()));
                    found.extend_from_slice(run);
                    by_source.insert(position, (source, found));
                }
            }
        }
        for ((from, late), links) in by_source {
            let (kind, gating) = self.classify(&group, &links);
            let fixed = links[0].fixed;
            program.blocks.push(Block {
                from,
                to: layer,
                target: group.start,
                rows: group.len(),
                weight: connections.len(),
                count: links.len(),
                kind,
                gating,
                late,
                fixed,
            });
            connections.extend(links.iter().map(|link| link.id));
        }
        program.groups.push(Group { first: group.start, size: group.len(), blocks: first_block..program.blocks.len() });
    }

    /// The densest arrangement that holds these links, which are ordered by target, then source.
    #[inline(never)]
    fn classify(&self, group: &Range<usize>, links: &[Link]) -> (BlockKind, Gating) {
        let late = |unit: usize| unit >= group.start;
        let fires = |unit: usize| (self.units.inputs..self.units.active_end).contains(&unit);
        let sparse = || {
            let edges = links.iter().map(|link| Edge {
                target: link.target,
                source: link.source,
                late: late(link.source),
                gater: link.gater.map(|gater| (gater, late(gater))),
                fixed: link.fixed,
            });
            (BlockKind::Sparse(edges.collect()), Gating::None)
        };
        let rows = group.len();
        let source = links.iter().map(|link| link.source).min().expect("a block has links");
        let columns = links.len() / rows;
        let dense = links.len() == rows * columns
            && links
                .iter()
                .enumerate()
                .all(|(i, link)| link.target == group.start + i / columns && link.source == source + i % columns);
        let diagonal = links.len() == rows
            && links.iter().enumerate().all(|(i, link)| link.target == group.start + i && link.source == source + i);
        if self.lowering == Lowering::Sparse
            || !(dense || diagonal)
            || links.iter().any(|link| link.fixed != links[0].fixed)
        {
            return sparse();
        }
        let gating = match links[0].gater {
            None if links.iter().all(|link| link.gater.is_none()) => Gating::None,
            None => return sparse(),
            Some(gater) => {
                let all_at = |unit: fn(&Link) -> usize, origin: usize| {
                    links.iter().all(|link| link.gater == Some(gater + unit(link) - origin))
                        && links.iter().all(|link| link.gater.map(late) == Some(late(gater)))
                        && links.iter().all(|link| link.gater.map(fires) == Some(fires(gater)))
                };
                if all_at(|link| link.target, group.start) {
                    Gating::Rows { gater, late: late(gater) }
                } else if dense && all_at(|link| link.source, source) {
                    Gating::Columns { gater, late: late(gater) }
                } else {
                    return sparse();
                }
            }
        };
        let kind = if dense { BlockKind::Dense { source, columns } } else { BlockKind::Diagonal { source } };
        (kind, gating)
    }
}
