//! From graph to program: units of a layer that can be computed at once make a group, and the
//! connections from one layer into a group a block.

use std::ops::Range;
use std::sync::Arc;

use super::units::{OUTSIDE, Units};
use super::{
    Block, BlockKind, Edge, Gating, Group, Layer, Layout, MAX_PAST, Past, Program, Retention, pairs, phases, segments,
};
use crate::error::{Error, Result};
use crate::graph::{Connection, ConnectionId, Graph, NeuronId, Pooling, Squash};

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
    /// Connection of each weight; [`NO_CONNECTION`] for those of matrices.
    pub connections: Vec<ConnectionId>,
    /// Where the weights of matrices are.
    pub matrices: Vec<Placed>,
}

/// Stands for the connection of a weight of a matrix.
pub const NO_CONNECTION: ConnectionId = ConnectionId::MAX;

/// Rows of a matrix as a block of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Index in [`Graph::matrices`].
    pub matrix: usize,
    /// The first of its targets.
    pub target: usize,
    /// Number of targets.
    pub rows: usize,
    /// Offset of the first weight.
    pub weight: usize,
}

/// A matrix into a layer.
#[derive(Clone, Copy)]
struct Dense {
    matrix: usize,
    /// Source layer, its first source unit, and their number.
    from: usize,
    source: usize,
    columns: usize,
    /// First target unit, and their number.
    target: usize,
    rows: usize,
}

struct Lowerer<'a> {
    graph: &'a Graph,
    lowering: Lowering,
    units: Units,
    dense: Vec<Dense>,
    /// Some connection has a delay.
    delays: bool,
}

/// One connection with its ends as units.
#[derive(Clone, Copy)]
struct Link {
    id: ConnectionId,
    target: usize,
    source: usize,
    gater: Option<usize>,
    /// In the direction that the target reads.
    delay: usize,
    fixed: bool,
}

// What is `inline(never)` in lowering (here, in `units`, `pairs` and `values`) loops over all connections. A
// JavaScript engine compiles a function that has become hot anew, in the background and as a whole: to compile
// one large function takes as long as to make a network.

impl Lowered {
    /// Lowers the network whose layers are `layers` (name, neurons): the first is the input, the
    /// last the output.
    ///
    /// # Errors
    /// TypeError for a matrix that is not from one whole layer to another, see [`fits`].
    pub fn new(graph: &Graph, layers: &[(String, Vec<NeuronId>)], lowering: Lowering) -> Result<Self> {
        let units = Units::new(graph, layers)?;
        let dense = dense(graph, &units)
            .ok_or_else(|| Error::Type("a matrix joins neurons that are not whole layers; spread it first".into()))?;
        let delays = graph.neurons.iter().any(|neuron| neuron.reach > 0);
        let lowerer = Lowerer { graph, lowering, units, dense, delays };
        if delays {
            lowerer.check_delays()?;
        }
        lowerer.lower()
    }
}

/// Whether all matrices of a graph that enter a network are from one whole layer to another: then it can be lowered
/// without spreading them.
pub fn fits(graph: &Graph, layers: &[(String, Vec<NeuronId>)]) -> bool {
    !graph.has_matrices() || Units::new(graph, layers).is_ok_and(|units| dense(graph, &units).is_some())
}

/// The matrices that enter a network; `None` where one is not from a whole layer to another.
fn dense(graph: &Graph, units: &Units) -> Option<Vec<Dense>> {
    let whole = |neurons: &[NeuronId]| {
        let first = units.unit_of[*neurons.first()? as usize];
        let layer = *units.layer_of.get(first)?;
        let Layer { first: start, size, .. } = units.layers[layer];
        let in_order = neurons.iter().enumerate().all(|(index, &id)| units.unit_of[id as usize] == start + index);
        (first == start && size == neurons.len() && in_order).then_some((layer, start, size))
    };
    let enters = |neurons: &[NeuronId]| neurons.iter().any(|&id| units.active().contains(&units.unit_of[id as usize]));
    let mut found = Vec::new();
    for (index, matrix) in graph.matrices.iter().enumerate() {
        if matrix.spread.is_some() || !enters(&matrix.to) {
            continue;
        }
        let (from, source, columns) = whole(&matrix.from)?;
        let (to, target, rows) = whole(&matrix.to)?;
        if from == to {
            return None;
        }
        found.push(Dense { matrix: index, from, source, columns, target, rows });
    }
    Some(found)
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
                    delay: connection.delay.unsigned_abs() as usize,
                    fixed: connection.fixed,
                }
            })
            .collect();
        links.sort_by_key(|link| link.source);
        links
    }

    /// Checks that delays start in the network, and read what is known by then.
    fn check_delays(&self) -> Result<()> {
        for unit in self.units.active() {
            for &id in &self.graph.neurons[self.units.neurons[unit] as usize].incoming {
                let Connection { from, delay, .. } = self.graph.connections[id as usize];
                if delay == 0 {
                    continue;
                }
                if self.units.unit_of[from as usize] >= self.units.active_end {
                    return Err(Error::Type("a connection with a delay starts at a neuron of the network".into()));
                }
                if (delay < 0) != self.is_reversed(unit) {
                    return Err(Error::Type(
                        "a delay is positive, into reversed neurons negative: no other step is known by then".into(),
                    ));
                }
            }
        }
        Ok(())
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
                .map(|unit| neuron_at(unit).fixed_bias || !self.units.active().contains(&unit))
                .collect(),
            groups: Vec::new(),
            phases: Vec::new(),
            blocks: Vec::new(),
            rows: vec![0..0; units],
            segments: Vec::new(),
            pair_rows: vec![0..0; units],
            pairs: Vec::new(),
            gated: Vec::new(),
            past: Past::default(),
            layout: Layout { units, ..Layout::default() },
        };
        let mut connections = Vec::new();
        let mut placed = Vec::new();
        for layer in 1..self.units.layers.len() {
            if self.units.layers[layer].first < self.units.active_end {
                self.lower_layer(layer, &mut program, &mut connections, &mut placed);
            }
        }
        self.check_softmax(&program, &outputs)?;
        program.layout.weights = connections.len();
        segments::collect(&mut program);
        if program.layout.past > MAX_PAST {
            return Err(Error::Range(format!(
                "delays keep {} activations of steps before, at most {MAX_PAST} are allowed",
                program.layout.past
            )));
        }
        phases::collect(&mut program, |unit| self.is_reversed(unit))?;
        phases::check(&program)?;
        pairs::collect(&mut program, self.graph, &self.units, &connections);
        Ok(Lowered { program: Arc::new(program), neurons: self.units.neurons, connections, matrices: placed })
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
        let neuron = &self.graph.neurons[self.units.neurons[unit] as usize];
        let pooling = neuron.pooling.filter(|_| self.units.active().contains(&unit))?;
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
    fn lower_layer(
        &self,
        layer: usize,
        program: &mut Program,
        connections: &mut Vec<ConnectionId>,
        placed: &mut Vec<Placed>,
    ) {
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
                || incoming
                    .iter()
                    .any(|link| link.delay == 0 && depends(link.source) || link.gater.is_some_and(depends))
            {
                self.lower_group(layer, start..unit, std::mem::take(&mut links), program, connections, placed);
                start = unit;
            }
            links.extend(incoming);
        }
        self.lower_group(layer, start..first + size, links, program, connections, placed);
    }

    fn is_reversed(&self, unit: usize) -> bool {
        self.graph.neurons[self.units.neurons[unit] as usize].reversed
    }

    fn lower_group(
        &self,
        layer: usize,
        group: Range<usize>,
        mut links: Vec<Link>,
        program: &mut Program,
        connections: &mut Vec<ConnectionId>,
        placed: &mut Vec<Placed>,
    ) {
        let mut dense: Vec<Dense> = self
            .dense
            .iter()
            .copied()
            .filter(|dense| dense.target <= group.start && group.start < dense.target + dense.rows)
            .collect();
        // In the order of blocks of connections, which is by source.
        dense.sort_by_key(|dense| (dense.from, dense.source >= group.start));
        let mut dense = dense.into_iter().peekable();
        let first_block = program.blocks.len();
        // Links by source layer and whether the sources are late; few enough for a sorted list.
        let mut by_source: Vec<((usize, bool), Vec<Link>)> = Vec::new();
        let is_late = |link: &Link| link.delay == 0 && link.source >= group.start;
        let source_of = |link: &Link| (self.units.layer_of[link.source], is_late(link));
        if self.delays {
            // Tap by tap.
            links.sort_by_key(|link| (link.target, source_of(link), link.delay));
        }
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
        let mut place = |matrix: Dense, program: &mut Program, connections: &mut Vec<ConnectionId>| {
            let (rows, weight) = (group.len(), connections.len());
            let target = group.start - matrix.target;
            placed.push(Placed { matrix: matrix.matrix, target, rows, weight });
            let block = self.matrix_block(matrix, layer, &group, weight);
            connections.resize(weight + block.count, NO_CONNECTION);
            program.blocks.push(block);
        };
        for ((from, late), links) in by_source {
            while let Some(matrix) = dense.next_if(|dense| (dense.from, dense.source >= group.start) <= (from, late)) {
                place(matrix, program, connections);
            }
            for links in self.pieces(&group, links) {
                let (kind, gating, delays) = self.classify(&group, &links);
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
                    delays,
                    fixed: links[0].fixed,
                });
                connections.extend(links.iter().map(|link| link.id));
            }
        }
        for matrix in dense {
            place(matrix, program, connections);
        }
        program.groups.push(Group { first: group.start, size: group.len(), blocks: first_block..program.blocks.len() });
    }

    /// Links from a layer into a group as blocks have them: all taps in one where that is dense, else those of this
    /// step apart from those of steps before.
    fn pieces(&self, group: &Range<usize>, links: Vec<Link>) -> Vec<Vec<Link>> {
        if !self.delays || !matches!(self.classify(group, &links).0, BlockKind::Sparse(_)) {
            return vec![links];
        }
        let (now, before): (Vec<Link>, Vec<Link>) = links.into_iter().partition(|link| link.delay == 0);
        [now, before].into_iter().filter(|links| !links.is_empty()).collect()
    }

    /// The block of a matrix into a group.
    fn matrix_block(&self, matrix: Dense, to: usize, group: &Range<usize>, weight: usize) -> Block {
        let Dense { from, source, columns, .. } = matrix;
        let late = source >= group.start;
        let kind = match self.lowering {
            Lowering::Blocks => BlockKind::Dense { source, columns },
            Lowering::Sparse => {
                let edge = |target, source| Edge { target, source, late, gater: None, delay: 0, fixed: false };
                let row = |target| (source..source + columns).map(move |source| edge(target, source));
                BlockKind::Sparse(group.clone().flat_map(row).collect())
            }
        };
        Block {
            from,
            to,
            target: group.start,
            rows: group.len(),
            weight,
            count: group.len() * columns,
            kind,
            gating: Gating::None,
            late,
            delays: Vec::new(),
            fixed: false,
        }
    }

    /// The densest arrangement that holds these links, which are ordered by target, then delay, then source.
    #[inline(never)]
    fn classify(&self, group: &Range<usize>, links: &[Link]) -> (BlockKind, Gating, Vec<usize>) {
        let late = |unit: usize| unit >= group.start;
        let fires = |unit: usize| self.units.active().contains(&unit);
        let sparse = || {
            let edges = links.iter().map(|link| Edge {
                target: link.target,
                source: link.source,
                late: link.delay == 0 && late(link.source),
                gater: link.gater.map(|gater| (gater, late(gater))),
                delay: link.delay,
                fixed: link.fixed,
            });
            (BlockKind::Sparse(edges.collect()), Gating::None, Vec::new())
        };
        let rows = group.len();
        let source = links.iter().map(|link| link.source).min().expect("a block has links");
        let row = links.len() / rows;
        let mut delays: Vec<usize> =
            if self.delays { links[..row].iter().map(|link| link.delay).collect() } else { Vec::new() };
        delays.dedup();
        if delays == [0] {
            delays.clear();
        }
        let columns = row / delays.len().max(1);
        let dense = links.len() == rows * row
            && row == columns * delays.len().max(1)
            && links
                .iter()
                .enumerate()
                .all(|(i, link)| link.target == group.start + i / row && link.source == source + i % row % columns)
            && (delays.is_empty() || links.iter().enumerate().all(|(i, link)| link.delay == delays[i % row / columns]));
        let diagonal = links.len() == rows
            && delays.is_empty()
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
                } else if dense && delays.is_empty() && all_at(|link| link.source, source) {
                    Gating::Columns { gater, late: late(gater) }
                } else {
                    return sparse();
                }
            }
        };
        let kind = if dense { BlockKind::Dense { source, columns } } else { BlockKind::Diagonal { source } };
        (kind, gating, delays)
    }
}
