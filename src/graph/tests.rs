//! Graphs that are joined, gated and absorbed.

use super::{ConnectionType, Graph, NeuronId, Squash};
use crate::random::Random;

/// A graph of 2 inputs, one or two hidden layers and 2 outputs with random connections, loops
/// and gates anywhere among them.
pub(crate) fn random_gated(random: &mut Random) -> (Graph, Vec<(String, Vec<NeuronId>)>) {
    let mut graph = Graph::new();
    let mut layers = vec![("input".into(), graph.add_layer(2, random))];
    for _ in 0..1 + random.below(2) {
        let size = 1 + random.below(4);
        layers.push(("hidden".into(), graph.add_layer(size, random)));
    }
    layers.push(("output".into(), graph.add_layer(2, random)));
    let all: Vec<NeuronId> = layers.iter().flat_map(|(_, ids)| ids.clone()).collect();
    for window in 0..layers.len() - 1 {
        let (from, to) = (layers[window].1.clone(), layers[window + 1].1.clone());
        graph.project_layer(&from, &to, ConnectionType::AllToAll, None, 0, random).unwrap();
    }
    for &id in &all[2..] {
        graph.neurons[id as usize].squash = [Squash::Logistic, Squash::Tanh, Squash::Identity][random.below(3)];
    }
    for _ in 0..random.below(12) {
        let (from, to) = (all[random.below(all.len())], all[2 + random.below(all.len() - 2)]);
        graph.project(from, to, None, 0, random);
    }
    for _ in 0..random.below(10) {
        let gater = all[2 + random.below(all.len() - 2)];
        let connection = random.below(graph.connections.len()) as u32;
        graph.gate(gater, connection);
    }
    (graph, layers)
}

#[test]
fn a_second_projection_keeps_the_connection_and_takes_the_weight() {
    let mut random = Random::new(1);
    let mut graph = Graph::new();
    let layer = graph.add_layer(2, &mut random);
    let forth = graph.project(layer[0], layer[1], None, 0, &mut random);
    graph.project(layer[1], layer[0], None, 0, &mut random);
    assert_eq!(graph.project(layer[0], layer[1], Some(0.5), 0, &mut random), forth);
    assert_eq!(graph.connections[forth as usize].weight, 0.5);
    assert_eq!(graph.connections.len(), 2);
}

#[test]
fn layers_are_joined_as_their_neurons_would_be() {
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let (mut graph, layers) = random_gated(&mut random);
        let new = graph.add_layer(1 + random.below(4), &mut random);
        let mut one_by_one = graph.clone();
        let old = &layers[random.below(layers.len())].1;
        let (from, to) = if random.below(2) == 0 { (old, &new) } else { (&new, old) };
        let mut other = random.clone();
        for delay in [0, 3, 1] {
            let made = graph.project_layer(from, to, ConnectionType::AllToAll, None, delay, &mut random).unwrap();
            let pairs = from.iter().flat_map(|&a| to.iter().map(move |&b| (a, b)));
            let expected: Vec<_> = pairs.map(|(a, b)| one_by_one.project(a, b, None, delay, &mut other)).collect();
            assert_eq!(made, expected, "seed {seed}");
            assert!(graph.neurons.iter().all(|neuron| neuron.edges.is_sorted()));
        }
        assert_eq!(format!("{graph:?}"), format!("{one_by_one:?}"), "seed {seed}");
    }
}

#[test]
fn a_self_connection_weighs_one_whatever_is_asked() {
    let mut random = Random::new(1);
    let mut graph = Graph::new();
    let neuron = graph.add_neuron(&mut random);
    let own = graph.project(neuron, neuron, Some(0.3), 0, &mut random);
    assert_eq!(graph.connections[own as usize].weight, 1.0);
    assert!(graph.neurons[0].incoming.is_empty());
}

#[test]
fn absorbing_keeps_every_relation() {
    let mut random = Random::new(2);
    let build = |random: &mut Random| {
        let mut graph = Graph::new();
        let layer = graph.add_layer(3, random);
        let connection = graph.project(layer[0], layer[1], None, 0, random);
        graph.gate(layer[2], connection);
        graph
    };
    let mut whole = build(&mut random);
    let (neurons, connections) = whole.absorb(&mut build(&mut random));
    assert_eq!((neurons, connections), (3, 1));
    assert_eq!(whole.connections[1].gater, Some(5));
    assert_eq!(whole.neurons[5].extended[0].gated, vec![1]);
    assert_eq!(whole.find(3, 4, 0), Some(1));
}
