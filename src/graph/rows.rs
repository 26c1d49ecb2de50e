//! A graph as rows of numbers: what hosts read and set of it, and how it is kept outside of the engine.

use super::{Connection, Extended, Graph, Matrix, Neuron, NeuronId, Pooling, Readout, Responsibility, Squash};
use crate::field::Choice;

/// Columns of a neuron's row. The pooling is its kind's place from 1, 0 for none; the score is the neuron that scores,
/// -1 for none.
pub const NEURON_FIELDS: [&str; 15] = [
    "bias",
    "state",
    "old",
    "activation",
    "squash",
    "fixed",
    "reversed",
    "pooling",
    "score",
    "derivative",
    "total",
    "projected",
    "gated",
    "gain",
    "fired",
];

/// Columns of a connection's row; the gater is -1 where there is none, and the gain is the gater's.
pub const CONNECTION_FIELDS: [&str; 8] = ["from", "to", "weight", "gater", "fixed", "gain", "eligibility", "delay"];

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn pooling(kind: f64, score: f64) -> Option<Pooling> {
    let kind = *Readout::ALL.get((kind as usize).checked_sub(1)?)?;
    Pooling::new(kind, (score >= 0.0).then_some(score as NeuronId))
}

/// The neuron of a row, without connections.
fn neuron(row: &[f64]) -> Neuron {
    Neuron {
        bias: row[0],
        state: row[1],
        old: row[2],
        activation: row[3],
        squash: Squash::from_code(row[4] as u8).unwrap_or(Squash::Logistic),
        fixed_bias: row[5] != 0.0,
        reversed: row[6] != 0.0,
        pooling: pooling(row[7], row[8]),
        derivative: row[9],
        responsibility: Responsibility { total: row[10], projected: row[11], gated: row[12] },
        gain: row[13],
        fired: row[14] as u32,
        past: Vec::new(),
        reach: 0,
        incoming: Vec::new(),
        projected: Vec::new(),
        edges: Vec::new(),
        self_connection: None,
        extended: Vec::new(),
    }
}

impl Graph {
    /// A neuron's row.
    pub fn neuron_row(&self, id: NeuronId) -> [f64; NEURON_FIELDS.len()] {
        let neuron = &self.neurons[id as usize];
        let (pooling, score) = match neuron.pooling.map(Pooling::parts) {
            Some((kind, score)) => (kind as usize + 1, score.map_or(-1.0, f64::from)),
            None => (0, -1.0),
        };
        [
            neuron.bias,
            neuron.state,
            neuron.old,
            neuron.activation,
            f64::from(neuron.squash as u8),
            flag(neuron.fixed_bias),
            flag(neuron.reversed),
            pooling as f64,
            score,
            neuron.derivative,
            neuron.responsibility.total,
            neuron.responsibility.projected,
            neuron.responsibility.gated,
            neuron.gain,
            f64::from(neuron.fired),
        ]
    }

    /// Sets a neuron's values to those of a row; its connections stay.
    pub fn set_neuron_row(&mut self, id: NeuronId, row: &[f64]) {
        let old = &mut self.neurons[id as usize];
        let Neuron { incoming, projected, edges, self_connection, extended, past, reach, .. } =
            std::mem::replace(old, neuron(row));
        *old = Neuron { incoming, projected, edges, self_connection, extended, past, reach, ..neuron(row) };
    }

    /// A connection's row.
    pub fn connection_row(&self, connection: &Connection) -> [f64; CONNECTION_FIELDS.len()] {
        [
            f64::from(connection.from),
            f64::from(connection.to),
            connection.weight,
            connection.gater.map_or(-1.0, f64::from),
            flag(connection.fixed),
            connection.gater.map_or(1.0, |gater| self.neurons[gater as usize].gain),
            connection.eligibility,
            f64::from(connection.delay),
        ]
    }

    /// What the gaters know of what they gate, gater by gater: the gater, the target, how many connections are gated,
    /// these, and the traces, as many as the gater has incoming connections.
    pub fn relation_rows(&self) -> Vec<f64> {
        let mut rows = Vec::new();
        for (id, neuron) in self.neurons.iter().enumerate() {
            for Extended { target, gated, traces } in &neuron.extended {
                rows.extend([id as f64, f64::from(*target), gated.len() as f64]);
                rows.extend(gated.iter().map(|&connection| f64::from(connection)));
                rows.extend(traces);
            }
        }
        rows
    }

    /// The neurons of these rows, without connections.
    pub fn of_neurons(rows: &[f64]) -> Graph {
        let neurons = rows.chunks_exact(NEURON_FIELDS.len()).map(neuron).collect();
        Graph { neurons, ..Graph::new() }
    }

    /// Adds the connections of these rows, also beside others between the same neurons. With `gate` the gaters gate
    /// them as if new, else [`Graph::relate`] is to follow.
    pub fn connect_rows(&mut self, rows: &[f64], gate: bool) {
        let rows = rows.chunks_exact(CONNECTION_FIELDS.len());
        // Room for all at once: a list that grows is copied, and ends with room to spare.
        self.connections.reserve_exact(rows.len());
        let mut more = vec![(0, 0); self.neurons.len()];
        for row in rows.clone() {
            more[row[0] as usize].0 += 1;
            more[row[1] as usize].1 += 1;
        }
        for (neuron, (projected, incoming)) in self.neurons.iter_mut().zip(more) {
            neuron.projected.reserve_exact(projected);
            neuron.edges.reserve_exact(projected);
            neuron.incoming.reserve_exact(incoming);
        }
        for row in rows {
            let id = self.connect(row[0] as NeuronId, row[1] as NeuronId, row[2], row[7] as i32);
            let gater = (row[3] >= 0.0).then_some(row[3] as NeuronId);
            let connection = &mut self.connections[id as usize];
            connection.fixed = row[4] != 0.0;
            connection.eligibility = row[6];
            match gater {
                Some(gater) if gate => self.gate(gater, id),
                _ => connection.gater = gater,
            }
        }
    }

    /// Lets gaters know what they gate, by the rows of [`Graph::relation_rows`].
    pub fn relate(&mut self, mut rows: &[f64]) {
        while let [gater, target, count, rest @ ..] = rows {
            let neuron = &mut self.neurons[*gater as usize];
            let (gated, rest) = rest.split_at(*count as usize);
            let (traces, rest) = rest.split_at(neuron.incoming.len());
            neuron.extended.push(Extended {
                target: *target as NeuronId,
                gated: gated.iter().map(|&connection| connection as u32).collect(),
                traces: traces.to_vec(),
            });
            rows = rest;
        }
    }

    /// The matrices, one after the other: numbers of sources, targets, weights and traces, the first connection (-1
    /// unless spread), then sources, targets, weights and traces.
    pub fn matrix_rows(&self) -> Vec<f64> {
        let mut rows = Vec::new();
        for Matrix { from, to, weights, eligibilities, spread } in &self.matrices {
            rows.reserve_exact(5 + from.len() + to.len() + weights.len() + eligibilities.len());
            rows.extend([from.len(), to.len(), weights.len(), eligibilities.len()].map(|count| count as f64));
            rows.push(spread.map_or(-1.0, f64::from));
            rows.extend(from.iter().chain(to).map(|&id| f64::from(id)));
            rows.extend(weights.iter().chain(eligibilities));
        }
        rows
    }

    /// Takes the matrices of [`Graph::matrix_rows`]; connections of those that are spread are there already.
    pub fn take_matrices(&mut self, mut rows: &[f64]) {
        while let [from, to, weights, eligibilities, spread, rest @ ..] = rows {
            let mut rest = rest;
            let mut some = |count: f64| {
                let (some, others) = rest.split_at(count as usize);
                rest = others;
                some
            };
            let ids = |numbers: &[f64]| numbers.iter().map(|&id| id as NeuronId).collect();
            self.matrices.push(Matrix {
                from: ids(some(*from)),
                to: ids(some(*to)),
                weights: some(*weights).to_vec(),
                eligibilities: some(*eligibilities).to_vec(),
                spread: (*spread >= 0.0).then_some(*spread as u32),
            });
            rows = rest;
        }
    }

    /// Activations of steps before, of each neuron that has some: the neuron, how many they are, and these.
    pub fn past_rows(&self) -> Vec<f64> {
        let mut rows = Vec::new();
        for (id, Neuron { past, .. }) in self.neurons.iter().enumerate().filter(|(_, neuron)| !neuron.past.is_empty()) {
            rows.extend([id as f64, past.len() as f64]);
            rows.extend(past);
        }
        rows
    }

    /// Takes the activations of [`Graph::past_rows`].
    pub fn take_pasts(&mut self, mut rows: &[f64]) {
        while let [id, count, rest @ ..] = rows {
            let (past, rest) = rest.split_at(*count as usize);
            self.neurons[*id as usize].past = past.to_vec();
            rows = rest;
        }
    }

    /// Bytes that the graph takes, about.
    pub fn bytes(&self) -> usize {
        let of_neuron = |neuron: &Neuron| {
            let lists = 4 * (neuron.incoming.capacity() + neuron.projected.capacity())
                + 8 * (neuron.edges.capacity() + neuron.past.capacity());
            let of_relation = |relation: &Extended| {
                size_of::<Extended>() + 4 * relation.gated.capacity() + 8 * relation.traces.capacity()
            };
            size_of::<Neuron>() + lists + neuron.extended.iter().map(of_relation).sum::<usize>()
        };
        let of_matrix = |matrix: &Matrix| {
            let numbers = matrix.weights.capacity() + matrix.eligibilities.capacity();
            4 * (matrix.from.capacity() + matrix.to.capacity()) + 8 * numbers
        };
        self.neurons.iter().map(of_neuron).sum::<usize>()
            + size_of::<Connection>() * self.connections.capacity()
            + self.matrices.iter().map(of_matrix).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::random_gated;
    use crate::program::{Lowered, Lowering};
    use crate::random::Random;

    fn again(neurons: &[f64], connections: &[f64], relations: Option<&[f64]>) -> Graph {
        let mut graph = Graph::of_neurons(neurons);
        for some in connections.chunks(3 * CONNECTION_FIELDS.len()) {
            graph.connect_rows(some, relations.is_none());
        }
        graph.relate(relations.unwrap_or_default());
        graph
    }

    fn rows(graph: &Graph) -> [Vec<f64>; 3] {
        let neurons = (0..graph.neurons.len() as NeuronId).flat_map(|id| graph.neuron_row(id)).collect();
        let connections = graph.connections.iter().flat_map(|connection| graph.connection_row(connection)).collect();
        [neurons, connections, graph.relation_rows()]
    }

    #[test]
    fn a_graph_comes_back_from_its_rows() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let (mut graph, layers) = random_gated(&mut random);
            let ids: Vec<NeuronId> = layers.iter().flat_map(|(_, ids)| ids.clone()).collect();
            for _ in 0..3 {
                graph.activate(&ids);
            }
            for &id in ids.iter().rev() {
                graph.propagate(id, 0.3, layers.last().unwrap().1.contains(&id).then_some(0.5));
            }
            let [neurons, connections, relations] = rows(&graph);
            let again = again(&neurons, &connections, Some(&relations));
            assert_eq!(format!("{again:?}"), format!("{graph:?}"), "seed {seed}");
        }
    }

    #[test]
    fn matrices_come_back_from_their_rows() {
        for spread in [false, true] {
            let mut random = Random::new(5);
            let mut graph = Graph::new();
            let layers = [3, 2, 4].map(|count| graph.add_layer(count, &mut random));
            for pair in layers.windows(2) {
                let weights = (0..pair[0].len() * pair[1].len()).map(|_| random.weight()).collect();
                graph.connect_matrix(pair[0].clone(), pair[1].clone(), weights).unwrap();
            }
            graph.matrices[1].eligibilities = vec![0.5; 8];
            if spread {
                graph.spread().unwrap();
            }
            let [neurons, connections, relations] = rows(&graph);
            let mut again = again(&neurons, &connections, Some(&relations));
            again.take_matrices(&graph.matrix_rows());
            assert_eq!(format!("{again:?}"), format!("{graph:?}"), "spread: {spread}");
        }
    }

    #[test]
    fn without_relations_gaters_gate_in_the_order_of_the_connections() {
        for seed in 0..100 {
            let (graph, layers) = random_gated(&mut Random::new(seed));
            let [neurons, connections, _] = rows(&graph);
            let mut expected = graph.clone();
            for neuron in &mut expected.neurons {
                neuron.extended.clear();
            }
            for (id, gater) in graph.connections.iter().map(|connection| connection.gater).enumerate() {
                expected.connections[id].gater = None;
                if let Some(gater) = gater {
                    expected.gate(gater, id as u32);
                }
            }
            let again = again(&neurons, &connections, None);
            assert_eq!(format!("{again:?}"), format!("{expected:?}"), "seed {seed}");
            Lowered::new(&again, &layers, Lowering::Blocks).unwrap();
        }
    }

    #[test]
    fn setting_a_row_leaves_connections_alone() {
        let (mut graph, _) = random_gated(&mut Random::new(7));
        let before = graph.clone();
        let mut row = graph.neuron_row(3);
        row[0] = 0.25;
        graph.set_neuron_row(3, &row);
        assert_eq!(graph.neurons[3].bias, 0.25);
        graph.neurons[3].bias = before.neurons[3].bias;
        assert_eq!(format!("{graph:?}"), format!("{before:?}"));
    }
}
