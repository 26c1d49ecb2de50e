//! From graph to program: finds the blocks, assigns the memory, and moves values both ways.

use std::ops::Range;
use std::sync::Arc;

use super::{
    Block, BlockKind, Edge, Gating, Group, Layer, Layout, Pair, Phase, Program, Retention, Segment, SegmentGain,
};
use crate::error::{Error, Result};
use crate::graph::{ConnectionId, Graph, NeuronId, Squash};

/// Which blocks lowering may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lowering {
    /// Dense and diagonal blocks wherever the graph allows.
    #[default]
    Blocks,
    /// Sparse blocks alone: what the others are tested against.
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

const OUTSIDE: usize = usize::MAX;

struct Lowerer<'a> {
    graph: &'a Graph,
    lowering: Lowering,
    layers: Vec<Layer>,
    inputs: usize,
    active_end: usize,
    neurons: Vec<NeuronId>,
    unit_of: Vec<usize>,
    layer_of: Vec<usize>,
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

// What is `inline(never)` here loops over all connections. An engine compiles what has become hot anew, in
// the background and as a whole: a network is made in the time that takes for one large function.

impl Lowered {
    /// Lowers the network whose layers are `layers` (name, neurons): the first is the input, the
    /// last the output.
    pub fn new(graph: &Graph, layers: &[(String, Vec<NeuronId>)], lowering: Lowering) -> Result<Self> {
        Lowerer::new(graph, layers, lowering)?.lower()
    }

    /// A memory with the graph's values.
    pub fn load(&self, graph: &Graph) -> Vec<f64> {
        let program = &self.program;
        let mut memory = vec![0.0; program.layout.size()];
        let views = program.layout.split(&mut memory);
        for (unit, &id) in self.neurons.iter().enumerate() {
            let neuron = &graph.neurons[id as usize];
            views.biases[unit] = if unit < program.inputs { 0.0 } else { neuron.bias };
            views.states[unit] = neuron.state;
            views.olds[unit] = neuron.old;
            views.activations[unit] = neuron.activation;
            views.gains[unit] = neuron.gain;
            views.derivatives[unit] = neuron.derivative;
            views.responsibilities[unit] = neuron.responsibility.total;
        }
        for (weight, &id) in self.connections.iter().enumerate() {
            let connection = &graph.connections[id as usize];
            views.weights[weight] = connection.weight;
            views.eligibilities[weight] = connection.eligibility;
        }
        self.for_each_trace(graph, |trace, neuron, relation, position| {
            views.extended[trace] = graph.neurons[neuron as usize].extended[relation].traces[position];
        });
        memory
    }

    /// Stores a memory's values in the graph.
    pub fn store(&self, memory: &mut [f64], graph: &mut Graph) {
        let views = self.program.layout.split(memory);
        for (unit, &id) in self.neurons.iter().enumerate() {
            let neuron = &mut graph.neurons[id as usize];
            neuron.bias = views.biases[unit];
            neuron.state = views.states[unit];
            neuron.old = views.olds[unit];
            neuron.activation = views.activations[unit];
            neuron.gain = views.gains[unit];
            neuron.derivative = views.derivatives[unit];
            neuron.responsibility.total = views.responsibilities[unit];
        }
        for (weight, &id) in self.connections.iter().enumerate() {
            let connection = &mut graph.connections[id as usize];
            connection.weight = views.weights[weight];
            connection.eligibility = views.eligibilities[weight];
        }
        let mut moves = Vec::new();
        self.for_each_trace(graph, |trace, neuron, relation, position| {
            moves.push((trace, neuron, relation, position));
        });
        for (trace, neuron, relation, position) in moves {
            graph.neurons[neuron as usize].extended[relation].traces[position] = views.extended[trace];
        }
        self.store_stateless_traces(&views, graph);
    }

    /// The extended trace of a gated unit without state is not kept in the memory; it is the
    /// influence times the eligibility.
    fn store_stateless_traces(&self, views: &super::Views, graph: &mut Graph) {
        for (unit, pairs) in self.program.pair_rows.iter().enumerate() {
            for index in pairs.clone() {
                let pair = &self.program.pairs[index];
                if pair.traces.is_some() {
                    continue;
                }
                let target = self.neurons[pair.target];
                let Graph { neurons, connections, .. } = graph;
                let neuron = &mut neurons[self.neurons[unit] as usize];
                let incoming = &neuron.incoming;
                for relation in neuron.extended.iter_mut().filter(|relation| relation.target == target) {
                    for (trace, &id) in relation.traces.iter_mut().zip(incoming) {
                        *trace = views.influences[index] * connections[id as usize].eligibility;
                    }
                }
            }
        }
    }

    /// Calls `visit(trace offset, neuron, relation, position among incoming)` for every extended
    /// trace in the memory.
    #[inline(never)]
    fn for_each_trace(&self, graph: &Graph, mut visit: impl FnMut(usize, NeuronId, usize, usize)) {
        let program = &self.program;
        let mut position_of = vec![0; graph.connections.len()];
        for (unit, pairs) in program.pair_rows.iter().enumerate() {
            if pairs.is_empty() {
                continue;
            }
            let id = self.neurons[unit];
            let neuron = &graph.neurons[id as usize];
            for (position, &connection) in neuron.incoming.iter().enumerate() {
                position_of[connection as usize] = position;
            }
            for pair in &program.pairs[pairs.clone()] {
                let Some(mut trace) = pair.traces else { continue };
                let target = self.neurons[pair.target];
                let Some(relation) = neuron.extended.iter().position(|relation| relation.target == target) else {
                    continue;
                };
                for segment in &program.segments[program.rows[unit].clone()] {
                    for &connection in &self.connections[segment.weight..segment.weight + segment.len] {
                        visit(trace, id, relation, position_of[connection as usize]);
                        trace += 1;
                    }
                }
            }
        }
    }
}

impl<'a> Lowerer<'a> {
    fn new(graph: &'a Graph, plan: &[(String, Vec<NeuronId>)], lowering: Lowering) -> Result<Self> {
        let mut lowerer = Lowerer {
            graph,
            lowering,
            layers: Vec::new(),
            inputs: plan.first().map_or(0, |(_, neurons)| neurons.len()),
            active_end: 0,
            neurons: Vec::new(),
            unit_of: vec![OUTSIDE; graph.neurons.len()],
            layer_of: Vec::new(),
        };
        for (index, (name, neurons)) in plan.iter().enumerate() {
            lowerer.layers.push(Layer { name: name.clone(), first: lowerer.neurons.len(), size: neurons.len() });
            for &id in neurons {
                if lowerer.unit_of[id as usize] != OUTSIDE {
                    return Err(Error::Range(format!("neuron {id} stands twice in the network's layers")));
                }
                lowerer.add_unit(id, index);
            }
        }
        lowerer.active_end = lowerer.neurons.len();
        lowerer.add_externals();
        Ok(lowerer)
    }

    fn add_unit(&mut self, id: NeuronId, layer: usize) {
        self.unit_of[id as usize] = self.neurons.len();
        self.neurons.push(id);
        self.layer_of.push(layer);
    }

    /// Sources and gaters outside the network become units of a last layer that never fires.
    #[inline(never)]
    fn add_externals(&mut self) {
        let graph = self.graph;
        let external_layer = self.layers.len();
        for unit in self.inputs..self.active_end {
            let neuron = &graph.neurons[self.neurons[unit] as usize];
            for &id in neuron.incoming.iter().chain(&neuron.self_connection) {
                let connection = &graph.connections[id as usize];
                for end in std::iter::once(connection.from).chain(connection.gater) {
                    if self.unit_of[end as usize] == OUTSIDE {
                        self.add_unit(end, external_layer);
                    }
                }
            }
        }
        if self.neurons.len() > self.active_end {
            self.layers.push(Layer {
                name: "external".into(),
                first: self.active_end,
                size: self.neurons.len() - self.active_end,
            });
        }
    }

    /// The connections into a unit, ordered by source.
    #[inline(never)]
    fn links(&self, unit: usize) -> Vec<Link> {
        let mut links: Vec<Link> = self.graph.neurons[self.neurons[unit] as usize]
            .incoming
            .iter()
            .map(|&id| {
                let connection = &self.graph.connections[id as usize];
                Link {
                    id,
                    target: unit,
                    source: self.unit_of[connection.from as usize],
                    gater: connection.gater.map(|gater| self.unit_of[gater as usize]),
                    fixed: connection.fixed,
                }
            })
            .collect();
        links.sort_by_key(|link| link.source);
        links
    }

    fn lower(self) -> Result<Lowered> {
        let units = self.neurons.len();
        let output_layer = self.layers.iter().position(|layer| layer.first + layer.size == self.active_end);
        let outputs = output_layer.map_or(0..0, |index| self.layers[index].first..self.active_end);
        if self.inputs == 0 || outputs.is_empty() {
            return Err(Error::Range("a network has input and output neurons".into()));
        }
        let neuron_at = |unit: usize| &self.graph.neurons[self.neurons[unit] as usize];
        let mut program = Program {
            units,
            inputs: self.inputs,
            outputs: outputs.clone(),
            layers: self.layers.clone(),
            squash: (0..units).map(|unit| neuron_at(unit).squash).collect(),
            retention: (0..units).map(|unit| self.retention(unit)).collect(),
            fixed_bias: (0..units)
                .map(|unit| neuron_at(unit).fixed_bias || !(self.inputs..self.active_end).contains(&unit))
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
        for layer in 1..self.layers.len() {
            if self.layers[layer].first < self.active_end {
                self.lower_layer(layer, &mut program, &mut connections);
            }
        }
        self.check_softmax(&program, &outputs)?;
        program.layout.weights = connections.len();
        collect_segments(&mut program);
        self.collect_phases(&mut program);
        check_phases(&program)?;
        self.collect_pairs(&mut program, &connections);
        Ok(Lowered { program: Arc::new(program), neurons: self.neurons, connections })
    }

    fn retention(&self, unit: usize) -> Retention {
        match self.graph.neurons[self.neurons[unit] as usize].self_connection {
            None => Retention::None,
            Some(id) => match self.graph.connections[id as usize].gater {
                Some(gater) if self.unit_of[gater as usize] != OUTSIDE => {
                    Retention::Gated(self.unit_of[gater as usize])
                }
                _ => Retention::Whole,
            },
        }
    }

    /// Softmax needs all of the output layer at once, and only the output layer.
    fn check_softmax(&self, program: &Program, outputs: &Range<usize>) -> Result<()> {
        let normalised = (0..self.active_end).filter(|&unit| program.squash[unit] == Squash::Softmax);
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
        let Layer { first, size, .. } = self.layers[layer];
        let mut start = first;
        let mut links = Vec::new();
        for unit in first..first + size {
            let incoming = self.links(unit);
            let depends = |other: usize| (start..unit).contains(&other);
            let turns = self.is_reversed(unit) != self.is_reversed(start);
            let kept_by_group = matches!(program.retention[unit], Retention::Gated(gater) if depends(gater));
            if turns
                || kept_by_group
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
        self.graph.neurons[self.neurons[unit] as usize].reversed
    }

    /// Groups of the same direction make a phase.
    fn collect_phases(&self, program: &mut Program) {
        for (index, group) in program.groups.iter().enumerate() {
            let (reversed, end) = (self.is_reversed(group.first), group.first + group.size);
            match program.phases.last_mut() {
                Some(phase) if phase.reversed == reversed => {
                    phase.groups.end = index + 1;
                    phase.units.end = end;
                }
                _ => program.phases.push(Phase { groups: index..index + 1, units: group.first..end, reversed }),
            }
        }
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
        // By source layer, and whether that is late: few enough to be kept in a sorted list.
        let mut by_source: Vec<((usize, bool), Vec<Link>)> = Vec::new();
        let source_of = |link: &Link| (self.layer_of[link.source], link.source >= group.start);
        // Ordered by source within a unit, links of one source layer follow one another.
        for run in links.chunk_by(|a, b| source_of(a) == source_of(b)) {
            let source = source_of(&run[0]);
            let place = by_source.partition_point(|(other, _)| *other < source);
            match by_source.get_mut(place) {
                Some((other, links)) if *other == source => links.extend_from_slice(run),
                _ => {
                    // As much for every unit; where all have this source alone, the run is of all of them.
                    let mut found = Vec::with_capacity(links.len().min(run.len() * group.len()));
                    found.extend_from_slice(run);
                    by_source.insert(place, (source, found));
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
        let fires = |unit: usize| (self.inputs..self.active_end).contains(&unit);
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

    /// Appends what a gater gates at one target, as runs of weights and sources.
    #[inline(never)]
    fn collect_gated(
        &self,
        gated: &[ConnectionId],
        weight_of: &[usize],
        links: &mut Vec<(usize, usize)>,
        runs: &mut Vec<(usize, usize, usize)>,
    ) {
        links.clear();
        let weights = gated.iter().map(|&id| (weight_of[id as usize], id)).filter(|&(weight, _)| weight != usize::MAX);
        let source = |id: ConnectionId| self.unit_of[self.graph.connections[id as usize].from as usize];
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

    #[inline(never)]
    fn collect_pairs(&self, program: &mut Program, connections: &[ConnectionId]) {
        let mut weight_of = vec![usize::MAX; self.graph.connections.len()];
        for (weight, &id) in connections.iter().enumerate() {
            weight_of[id as usize] = weight;
        }
        let mut links = Vec::new();
        for unit in 0..self.active_end {
            let start = program.pairs.len();
            let inputs: usize = program.segments[program.rows[unit].clone()].iter().map(|segment| segment.len).sum();
            for relation in &self.graph.neurons[self.neurons[unit] as usize].extended {
                let target = self.unit_of[relation.target as usize];
                if !program.fires(target) || !program.fires(unit) {
                    continue;
                }
                let gated_start = program.gated.len();
                self.collect_gated(&relation.gated, &weight_of, &mut links, &mut program.gated);
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
}

/// A phase is run over the whole sequence before the next: it can read no later one. The outputs
/// are of the last phase, which runs forward.
fn check_phases(program: &Program) -> Result<()> {
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
            let kept = matches!(program.retention[unit], Retention::Gated(gater) if later(gater));
            if kept || program.segments[program.rows[unit].clone()].iter().any(bad) {
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

/// Cuts the blocks into the rows that the online rule walks.
pub(super) fn collect_segments(program: &mut Program) {
    for group in &program.groups {
        for row in 0..group.size {
            let unit = group.first + row;
            let start = program.segments.len();
            for block in &program.blocks[group.blocks.clone()] {
                let gain = |index: usize| match block.gating {
                    Gating::None => SegmentGain::One,
                    Gating::Rows { gater, .. } => SegmentGain::Same(gater + row),
                    Gating::Columns { gater, .. } => SegmentGain::Each(gater + index),
                };
                let segment = |weight, source, len, index| Segment {
                    weight,
                    source,
                    len,
                    gain: gain(index),
                    late: block.late,
                    fixed: block.fixed,
                };
                match &block.kind {
                    &BlockKind::Dense { source, columns } => {
                        program.segments.push(segment(block.weight + row * columns, source, columns, 0));
                    }
                    &BlockKind::Diagonal { source } => {
                        program.segments.push(segment(block.weight + row, source + row, 1, row));
                    }
                    BlockKind::Sparse(edges) => {
                        let first = edges.partition_point(|edge| edge.target < unit);
                        let own = edges[first..].iter().take_while(|edge| edge.target == unit);
                        program.segments.extend(own.enumerate().map(|(index, edge)| Segment {
                            weight: block.weight + first + index,
                            source: edge.source,
                            len: 1,
                            gain: edge.gater.map_or(SegmentGain::One, |(gater, _)| SegmentGain::Same(gater)),
                            late: edge.late,
                            fixed: edge.fixed,
                        }));
                    }
                }
            }
            program.rows[unit] = start..program.segments.len();
        }
    }
}
