// The page knows Synaptic's global only.
const made = new synaptic.Architect.Perceptron(2, 3, 1).activate([0, 1]);
if (made.length !== 1 || synaptic.Network !== engram.Network) throw new Error('not one library');
import('../task.js').then(({ learn, show }) => show(learn(engram)));
