//! What a graph consists of: neurons, connections, and what gaters know of the neurons they gate.

use super::{ConnectionId, NeuronId, Pooling, Squash};

/// Error responsibilities of a neuron (Monner & Reggia 2012, eqs. 20 to 23).
#[derive(Clone, Copy, Debug, Default)]
pub struct Responsibility {
    /// The sum of the two below; for an output neuron, target minus activation.
    pub total: f64,
    /// What flows back through projected connections.
    pub projected: f64,
    /// What flows back through gated connections.
    pub gated: f64,
}

/// What a gater remembers about one neuron whose incoming connections it gates.
#[derive(Clone, Debug)]
pub struct Extended {
    /// The gated neuron.
    pub target: NeuronId,
    /// The connections into `target` that are gated.
    pub gated: Vec<ConnectionId>,
    /// Extended eligibility trace per incoming connection of the gater, in the order of
    /// [`Neuron::incoming`] (eq. 18).
    pub traces: Vec<f64>,
}

/// One unit of the network.
#[derive(Clone, Debug)]
pub struct Neuron {
    /// Turns state into activation.
    pub squash: Squash,
    /// Added to the state at every step; 0 for neurons that take input.
    pub bias: f64,
    /// A neuron with a fixed bias keeps it in training.
    pub fixed_bias: bool,
    /// A reversed neuron reads its sequence from the end: its step before is the step after (a bidirectional
    /// network's backward layers, Schuster & Paliwal 1997).
    pub reversed: bool,
    /// A read-out's neuron pools the steps: those that read it see one activation of a whole sequence.
    pub pooling: Option<Pooling>,
    /// State of this step (eq. 15).
    pub state: f64,
    /// State of the step before.
    pub old: f64,
    /// Squashed state (eq. 16).
    pub activation: f64,
    /// Activations of the steps before, the last one first, as far as `reach` asks; what is missing is 0.
    pub past: Vec<f64>,
    /// Longest delay of the connections that start here.
    pub reach: u32,
    /// How often the neuron has fired, modulo 2^32: a delayed connection counts from it which steps lie between.
    pub fired: u32,
    /// Derivative of the squash at the state.
    pub derivative: f64,
    /// The factor this neuron applies to what it gates: 1 until it first fires, then its
    /// activation.
    pub gain: f64,
    /// Error responsibilities of the last propagation.
    pub responsibility: Responsibility,
    /// Connections that end here, the self-connection not among them.
    pub incoming: Vec<ConnectionId>,
    /// Connections that start here, the self-connection not among them.
    pub projected: Vec<ConnectionId>,
    /// Target (high half) and id of all connections that start here, in order, to look up projections in. A
    /// new connection mostly comes last.
    pub(super) edges: Vec<u64>,
    /// The connection of the neuron onto itself, of weight 1.
    pub self_connection: Option<ConnectionId>,
    /// The neurons gated by this one, in the order of the first gate.
    pub extended: Vec<Extended>,
}

/// A weighted edge.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Source.
    pub from: NeuronId,
    /// Target.
    pub to: NeuronId,
    /// The weight; 1 for self-connections.
    pub weight: f64,
    /// The neuron whose gain multiplies this connection.
    pub gater: Option<NeuronId>,
    /// Steps between what the source was and what the target reads of it: d > 0 reads d steps before, d < 0 reads
    /// -d steps after, which a reversed target knows by then. 0 for this step, or for the step before where the source
    /// fires after the target.
    pub delay: i32,
    /// A fixed connection keeps its weight in training.
    pub fixed: bool,
    /// Eligibility trace (eq. 17).
    pub eligibility: f64,
}

impl Connection {
    pub(super) fn new(from: NeuronId, to: NeuronId, weight: f64, delay: i32) -> Self {
        Connection { from, to, weight, gater: None, delay, fixed: false, eligibility: 0.0 }
    }
}

impl Neuron {
    /// Keeps the activation among those of the steps before, ahead of a new one.
    pub(super) fn remember(&mut self) {
        self.fired = self.fired.wrapping_add(1);
        if self.reach > 0 {
            self.past.insert(0, self.activation);
            self.past.truncate(self.reach as usize);
        }
    }
}
