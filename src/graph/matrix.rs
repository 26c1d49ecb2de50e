//! Connections that are kept as a matrix of weights: an embedding has too many to keep each on its own.
//!
//! To whoever looks at connections one by one, a matrix is nothing but these: it is [spread](Graph::spread) before it
//! is looked at. Networks that were lowered before go on with the connections.

use super::{ConnectionId, Graph, NeuronId, edge};
use crate::error::{Error, Result};
use crate::random::Random;

/// Most numbers of a matrix: as many as a network and its training hold in a memory of 1 GiB.
pub const MAX_MATRIX: usize = 1 << 24;
/// Most connections of a graph that are kept one by one, for the same reason.
pub const MAX_CONNECTIONS: usize = 1 << 22;

/// Connections from every neuron of one list to every neuron of another, ungated, with weights that learn. The targets
/// gate nothing.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The sources, in order.
    pub from: Vec<NeuronId>,
    /// The targets, in order.
    pub to: Vec<NeuronId>,
    /// (targets, sources); empty once the matrix is spread.
    pub weights: Vec<f64>,
    /// Eligibility trace per weight, or empty where all are 0.
    pub eligibilities: Vec<f64>,
    /// The first connection, once the matrix is spread: they are source by source.
    pub spread: Option<ConnectionId>,
}

impl Matrix {
    /// The connection of a weight, once the matrix is spread.
    pub fn connection(&self, first: ConnectionId, target: usize, source: usize) -> usize {
        first as usize + source * self.to.len() + target
    }

    pub(super) fn shift(&mut self, neurons: u32, connections: u32) {
        self.from.iter_mut().chain(&mut self.to).for_each(|id| *id += neurons);
        if let Some(first) = &mut self.spread {
            *first += connections;
        }
    }
}

impl Graph {
    /// Connects every neuron of one list to every neuron of another, with weights (targets, sources). They are kept as
    /// a matrix, unless a target gates something: what it knows of its connections is a list.
    ///
    /// # Errors
    /// RangeError for lists that are not in order or not [apart](Graph::are_apart), or for other numbers of weights.
    pub fn connect_matrix(&mut self, from: Vec<NeuronId>, to: Vec<NeuronId>, weights: Vec<f64>) -> Result<()> {
        self.check_join(&from, &to, &weights)?;
        let gates = to.iter().any(|&id| !self.neurons[id as usize].extended.is_empty());
        self.matrices.push(Matrix { from, to, weights, eligibilities: Vec::new(), spread: None });
        let last = self.matrices.len() - 1;
        if gates { self.spread_at(last) } else { Ok(()) }
    }

    /// Connects every neuron of one list to every neuron of another, in order, with weights (targets, delays, sources),
    /// without `delays` (targets, sources): these as a matrix where that can be. `gater` is the first of consecutive
    /// gaters, one per target or, by `by_source`, per source.
    ///
    /// # Errors
    /// RangeError as for [`Graph::connect_matrix`], and for gaters that are none of the graph's neurons.
    #[expect(clippy::too_many_arguments, reason = "each is a field of a file's block")]
    pub fn connect_block(
        &mut self,
        from: Vec<NeuronId>,
        to: Vec<NeuronId>,
        weights: Vec<f64>,
        delays: &[i32],
        fixed: bool,
        gater: Option<NeuronId>,
        by_source: bool,
    ) -> Result<()> {
        let gaters = if by_source { from.len() } else { to.len() };
        if gater.is_some_and(|first| first as usize + gaters > self.neurons.len()) {
            return Err(Error::Range(format!("{gaters} gaters are not among {} neurons", self.neurons.len())));
        }
        if !fixed && gater.is_none() && delays.is_empty() {
            return self.connect_matrix(from, to, weights);
        }
        let made = if delays.is_empty() {
            self.check_join(&from, &to, &weights)?;
            self.join_weighted(&from, &to, &weights)
        } else {
            self.join_delayed(&from, &to, &weights, delays)?
        };
        for &id in &made {
            self.connections[id as usize].fixed = fixed;
        }
        let Some(first) = gater else { return Ok(()) };
        for gater in first..first + gaters as NeuronId {
            self.spread_into(gater)?;
        }
        for (index, &id) in made.iter().enumerate() {
            let (source, target) = (index / to.len() % from.len(), index % to.len());
            self.gate(first + if by_source { source } else { target } as NeuronId, id);
        }
        Ok(())
    }

    /// Checks that weights are as many as join two layers, and that these are [apart](Graph::are_apart).
    fn check_join(&self, from: &[NeuronId], to: &[NeuronId], weights: &[f64]) -> Result<()> {
        if from.len().checked_mul(to.len()) == Some(weights.len()) && self.are_apart(from, to, 0) {
            return Ok(());
        }
        Err(Error::Range(format!(
            "{} weights do not join {} neurons to {} others, in order and not joined before",
            weights.len(),
            from.len(),
            to.len()
        )))
    }

    /// [Joins](Graph::join) two layers that are apart, with weights (targets, sources).
    fn join_weighted(&mut self, from: &[NeuronId], to: &[NeuronId], weights: &[f64]) -> Vec<ConnectionId> {
        let made = self.join(from, to, Some(0.0), 0, &mut Random::new(0));
        for (index, &id) in made.iter().enumerate() {
            let (source, target) = (index / to.len(), index % to.len());
            self.connections[id as usize].weight = weights[target * from.len() + source];
        }
        made
    }

    /// Connects two layers by as many connections for each pair as there are delays, with weights (targets, delays,
    /// sources); gives the connections delay by delay, source by source.
    fn join_delayed(
        &mut self,
        from: &[NeuronId],
        to: &[NeuronId],
        weights: &[f64],
        delays: &[i32],
    ) -> Result<Vec<ConnectionId>> {
        let row = from.len() * delays.len();
        let count = weights.len();
        if row * to.len() != count || self.connections.len() + count > MAX_CONNECTIONS {
            return Err(Error::Range(format!(
                "{count} weights do not join {} neurons to {} others by {} delays, at most {MAX_CONNECTIONS} connections",
                from.len(),
                to.len(),
                delays.len()
            )));
        }
        if from.iter().any(|&a| to.iter().any(|&b| delays.iter().any(|&delay| self.find(a, b, delay).is_some()))) {
            return Err(Error::Range("two blocks have connections of the same delay between two neurons".into()));
        }
        let mut made = Vec::with_capacity(count);
        for (tap, &delay) in delays.iter().enumerate() {
            for (source, &a) in from.iter().enumerate() {
                for (target, &b) in to.iter().enumerate() {
                    made.push(self.connect(a, b, weights[target * row + tap * from.len() + source], delay));
                }
            }
        }
        Ok(made)
    }

    /// Turns all matrices into connections.
    ///
    /// # Errors
    /// RangeError for more connections than a graph may have.
    pub fn spread(&mut self) -> Result<()> {
        self.spread_where(|_| true)
    }

    /// Whether connections are kept as matrices.
    pub fn has_matrices(&self) -> bool {
        self.matrices.iter().any(|matrix| matrix.spread.is_none())
    }

    /// Turns matrices into connections before one of their targets gates.
    pub(super) fn spread_into(&mut self, gater: NeuronId) -> Result<()> {
        self.spread_where(|matrix| matrix.to.contains(&gater))
    }

    fn spread_where(&mut self, is_meant: impl Fn(&Matrix) -> bool) -> Result<()> {
        for index in 0..self.matrices.len() {
            if self.matrices[index].spread.is_none() && is_meant(&self.matrices[index]) {
                self.spread_at(index)?;
            }
        }
        Ok(())
    }

    fn spread_at(&mut self, index: usize) -> Result<()> {
        let matrix = &mut self.matrices[index];
        let count = matrix.weights.len();
        if self.connections.len() + count > MAX_CONNECTIONS {
            return Err(Error::Range(format!(
                "{count} connections of a matrix are too many to look at one by one, at most {MAX_CONNECTIONS} are allowed"
            )));
        }
        matrix.spread = Some(self.connections.len() as ConnectionId);
        let (from, to) = (matrix.from.clone(), matrix.to.clone());
        let weights = std::mem::take(&mut matrix.weights);
        let eligibilities = std::mem::take(&mut matrix.eligibilities);
        let made = self.join_weighted(&from, &to, &weights);
        // There may be no traces; what is joined has none.
        for (at, &eligibility) in eligibilities.iter().enumerate() {
            let (target, source) = (at / from.len(), at % from.len());
            self.connections[made[source * to.len() + target] as usize].eligibility = eligibility;
        }
        Ok(())
    }

    /// Forgets the eligibility traces of matrices into these neurons.
    pub(super) fn clear_matrices(&mut self, neurons: &[NeuronId]) {
        for matrix in self.matrices.iter_mut().filter(|matrix| !matrix.eligibilities.is_empty()) {
            for (id, row) in matrix.to.iter().zip(matrix.eligibilities.chunks_exact_mut(matrix.from.len())) {
                if neurons.contains(id) {
                    row.fill(0.0);
                }
            }
        }
    }

    /// Whether two layers, in order, have no neuron in common, and the first no connection of this delay to the second,
    /// be it in a matrix.
    pub(super) fn are_apart(&self, from: &[NeuronId], to: &[NeuronId], delay: i32) -> bool {
        let in_order = |layer: &[NeuronId]| layer.is_sorted_by(|a, b| a < b);
        let (Some(&first), Some(&last)) = (to.first(), to.last()) else { return false };
        let between = edge(first, 0)..=edge(last, ConnectionId::MAX);
        let joined = |matrix: &Matrix| {
            let overlap = |own: &[NeuronId], ids: &[NeuronId]| own.iter().any(|id| ids.binary_search(id).is_ok());
            matrix.spread.is_none() && overlap(&matrix.from, from) && overlap(&matrix.to, to)
        };
        in_order(from)
            && in_order(to)
            && !(delay == 0 && self.matrices.iter().any(joined))
            && from.iter().all(|&a| {
                let edges = &self.neurons[a as usize].edges;
                let next = edges.partition_point(|own| own < between.start());
                let mut found = edges[next..].iter().take_while(|own| between.contains(own));
                !(first..=last).contains(&a)
                    && found.all(|&own| self.connections[own as ConnectionId as usize].delay != delay)
            })
    }
}
