//! The LSTM-g rule, neuron by neuron, as the paper states it.
//!
//! D. Monner & J. A. Reggia, "A generalized LSTM-like training algorithm for second-order
//! recurrent neural networks", Neural Networks 25 (2012). Slow and plain: single neurons and
//! layers run on it, and so do networks with `setOptimize(false)`; the tests hold
//! [`learn::online`](crate::learn::online) against it.

use super::{Connection, ConnectionId, Extended, Graph, NeuronId, Pooled, Pooling, Squash};
use crate::kernels::softmax;

impl Graph {
    fn gain(&self, connection: ConnectionId) -> f64 {
        self.connections[connection as usize].gater.map_or(1.0, |gater| self.neurons[gater as usize].gain)
    }

    /// What a connection brings before its weight and gain: its source's activation, of as many steps before the step
    /// that its target takes next as it has delay. A source that has fired in that step is one step ahead.
    fn arriving(&self, connection: ConnectionId) -> f64 {
        let Connection { from, to, delay, .. } = self.connections[connection as usize];
        let (source, target) = (&self.neurons[from as usize], &self.neurons[to as usize]);
        let behind = u32::from(source.fired == target.fired);
        match delay.unsigned_abs().saturating_sub(behind) {
            0 => source.activation,
            steps => source.past.get(steps as usize - 1).copied().unwrap_or_default(),
        }
    }

    /// How much of its state a neuron retains: gain times weight of its self-connection, 0 without one.
    fn retention(&self, neuron: NeuronId) -> f64 {
        self.neurons[neuron as usize]
            .self_connection
            .map_or(0.0, |id| self.gain(id) * self.connections[id as usize].weight)
    }

    /// What one unit of the gater's activation does to the state of a gated neuron.
    fn influence(&self, gater: NeuronId, relation: &Extended) -> f64 {
        let target = &self.neurons[relation.target as usize];
        let gates_state = target.self_connection.is_some_and(|id| self.connections[id as usize].gater == Some(gater));
        let through_state = if gates_state { target.old } else { 0.0 };
        relation
            .gated
            .iter()
            .fold(through_state, |sum, &id| sum + self.connections[id as usize].weight * self.arriving(id))
    }

    /// Sets the activation of a neuron from outside; its bias becomes 0.
    pub fn feed(&mut self, neuron: NeuronId, input: f64) {
        let neuron = &mut self.neurons[neuron as usize];
        neuron.remember();
        neuron.activation = input;
        neuron.derivative = 0.0;
        neuron.bias = 0.0;
    }

    /// Activates neurons one after the other (eqs. 15 to 18), a softmax layer at its end.
    pub fn activate(&mut self, neurons: &[NeuronId]) {
        for &id in neurons {
            self.activate_neuron(id);
        }
        let normalised: Vec<NeuronId> =
            neurons.iter().copied().filter(|&id| self.neurons[id as usize].squash == Squash::Softmax).collect();
        let mut values: Vec<f64> = normalised.iter().map(|&id| self.neurons[id as usize].state).collect();
        softmax(&mut values);
        for (&id, value) in normalised.iter().zip(values) {
            let neuron = &mut self.neurons[id as usize];
            neuron.activation = value;
            neuron.derivative = neuron.squash.derivative(value);
            neuron.gain = value;
        }
    }

    fn activate_neuron(&mut self, id: NeuronId) {
        let retention = self.retention(id);
        // All that can fail for want of memory comes before the first change.
        let arriving: Vec<f64> = self.neurons[id as usize].incoming.iter().map(|&c| self.arriving(c)).collect();
        let neuron = &mut self.neurons[id as usize];
        if neuron.reach > 0 {
            neuron.past.reserve(1);
        }
        let incoming = std::mem::take(&mut neuron.incoming);
        let mut extended = std::mem::take(&mut neuron.extended);

        // eq. 15
        let weighted = |(&c, value): (&ConnectionId, &f64)| value * self.connections[c as usize].weight * self.gain(c);
        let input: f64 = incoming.iter().zip(&arriving).map(weighted).sum();
        self.neurons[id as usize].remember();
        if let Some(pooling) = self.neurons[id as usize].pooling {
            self.pool(id, pooling, input);
            let neuron = &mut self.neurons[id as usize];
            (neuron.incoming, neuron.extended) = (incoming, extended);
            return;
        }
        let neuron = &mut self.neurons[id as usize];
        neuron.old = neuron.state;
        neuron.state = retention * neuron.state + neuron.bias + input;
        // eq. 16
        neuron.activation = neuron.squash.forward(neuron.state);
        neuron.derivative = neuron.squash.derivative(neuron.activation);
        // The connections that the neuron gates later in this step are multiplied by the new gain, so traces
        // decay by the new gain. (So they do in Synaptic's optimised code; in its plain code they decay by the
        // gain of the step before.)
        neuron.gain = neuron.activation;
        let derivative = neuron.derivative;
        let retention = self.retention(id);

        // eq. 17
        for (&c, value) in incoming.iter().zip(arriving) {
            let arriving = self.gain(c) * value;
            let connection = &mut self.connections[c as usize];
            connection.eligibility = retention * connection.eligibility + arriving;
        }
        // eq. 18
        for relation in &mut extended {
            let influence = self.influence(id, relation);
            let retained = self.retention(relation.target);
            for (trace, &c) in relation.traces.iter_mut().zip(&incoming) {
                let eligibility = self.connections[c as usize].eligibility;
                *trace = retained * *trace + derivative * eligibility * influence;
            }
        }

        let neuron = &mut self.neurons[id as usize];
        neuron.incoming = incoming;
        neuron.extended = extended;
    }

    /// Reads one step into a read-out's neuron; it leaves no traces, as this rule does not learn through it.
    fn pool(&mut self, id: NeuronId, pooling: Pooling, input: f64) {
        let score = match pooling {
            Pooling::Attention { score } => self.neurons[score as usize].activation,
            _ => 0.0,
        };
        let neuron = &mut self.neurons[id as usize];
        let before = Pooled { weight: neuron.state, largest: neuron.old, value: neuron.activation };
        let read = pooling.read(before, neuron.squash.forward(neuron.bias + input), score);
        (neuron.state, neuron.old, neuron.activation) = (read.weight, read.largest, read.value);
    }

    /// Propagates the error of one neuron and adjusts what enters it (eqs. 10, 20 to 24).
    /// `target` is given for output neurons only.
    pub fn propagate(&mut self, id: NeuronId, rate: f64, target: Option<f64>) {
        let neuron = &self.neurons[id as usize];
        let mut responsibility = neuron.responsibility;
        match target {
            // eq. 10
            Some(target) => {
                responsibility.projected = target - neuron.activation;
                responsibility.total = responsibility.projected;
            }
            None => {
                // eq. 21
                let projected: f64 = neuron
                    .projected
                    .iter()
                    .map(|&c| {
                        let connection = &self.connections[c as usize];
                        self.neurons[connection.to as usize].responsibility.total * self.gain(c) * connection.weight
                    })
                    .sum();
                // eq. 22
                let gated: f64 = neuron
                    .extended
                    .iter()
                    .map(|relation| {
                        self.neurons[relation.target as usize].responsibility.total * self.influence(id, relation)
                    })
                    .sum();
                responsibility.projected = neuron.derivative * projected;
                responsibility.gated = neuron.derivative * gated;
                // eq. 23
                responsibility.total = responsibility.projected + responsibility.gated;
            }
        }

        self.neurons[id as usize].responsibility = responsibility;

        // eq. 24
        let neuron = &self.neurons[id as usize];
        let steps: Vec<f64> = (0..neuron.incoming.len())
            .map(|index| {
                let connection = &self.connections[neuron.incoming[index] as usize];
                let through_gates: f64 = neuron
                    .extended
                    .iter()
                    .map(|relation| {
                        self.neurons[relation.target as usize].responsibility.total * relation.traces[index]
                    })
                    .sum();
                let gradient = responsibility.projected * connection.eligibility + through_gates;
                if connection.fixed { 0.0 } else { rate * gradient }
            })
            .collect();
        let neuron = &mut self.neurons[id as usize];
        if !neuron.fixed_bias {
            neuron.bias += rate * responsibility.total;
        }
        for (&c, step) in neuron.incoming.iter().zip(steps) {
            self.connections[c as usize].weight += step;
        }
    }
}
