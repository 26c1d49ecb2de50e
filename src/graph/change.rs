//! Changes that come to nothing where a panic ends them half-way: memory that is used up is one.

use std::ops::{Deref, DerefMut};

use super::Graph;

/// A graph to which connections are being added. Unless that gets [done](Change::done), they go again.
pub(super) struct Change<'a> {
    graph: &'a mut Graph,
    first: usize,
    is_done: bool,
}

impl<'a> Change<'a> {
    pub fn of(graph: &'a mut Graph) -> Self {
        let first = graph.connections.len();
        Change { graph, first, is_done: false }
    }

    /// Keeps what was added.
    pub fn done(mut self) {
        self.is_done = true;
    }
}

impl Deref for Change<'_> {
    type Target = Graph;

    fn deref(&self) -> &Graph {
        self.graph
    }
}

impl DerefMut for Change<'_> {
    fn deref_mut(&mut self) -> &mut Graph {
        self.graph
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.graph.take_back(self.first);
        }
    }
}

impl Graph {
    /// Takes back all connections but the first so many, also those that are in some lists and not yet in others.
    /// None of them is gated. Allocates nothing.
    fn take_back(&mut self, connections: usize) {
        let stays = |&id: &u32| (id as usize) < connections;
        for neuron in &mut self.neurons {
            neuron.incoming.retain(stays);
            neuron.projected.retain(stays);
            neuron.edges.retain(|&edge| stays(&(edge as u32)));
            neuron.self_connection = neuron.self_connection.filter(stays);
            for extended in &mut neuron.extended {
                extended.traces.truncate(neuron.incoming.len());
            }
        }
        self.connections.truncate(connections);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use super::*;
    use crate::graph::{ConnectionType, random_gated};
    use crate::random::Random;

    #[test]
    fn a_panic_takes_back_what_was_added() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let (mut graph, layers) = random_gated(&mut random);
            let before = format!("{graph:?}");
            let all: Vec<u32> = layers.iter().flat_map(|(_, ids)| ids.clone()).collect();
            let ended = catch_unwind(AssertUnwindSafe(|| {
                let mut change = Change::of(&mut graph);
                change.project_layer(&all, &all, ConnectionType::AllToAll, None, 0, &mut random).unwrap();
                // As a panic leaves it that came between two lists.
                let last = change.connections.last().unwrap().to;
                change.neurons[last as usize].incoming.pop();
                resume_unwind(Box::new(()));
            }));
            assert!(ended.is_err());
            assert_eq!(format!("{graph:?}"), before, "seed {seed}");
        }
    }
}
