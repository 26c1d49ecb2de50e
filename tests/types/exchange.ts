// engram/exchange as TypeScript sees it.

import { Architect, Encoder, type Network, SequenceClassifier, SequencePredictor } from 'engram';
import {
  fromBrain,
  fromKeras,
  fromNeataptic,
  fromPyTorch,
  fromTfjs,
  type NeatapticJSON,
  toC,
  toNeataptic,
  toOnnx,
  toPyTorch,
} from 'engram/exchange';

const network: Network = new Architect.GRU(2, 3, 2, { reset: 'before', readout: 'mean', output: 'softmax' });
const file: Uint8Array = toPyTorch(network);
const read: Network[] = [
  fromPyTorch(file, { output: 'softmax', map: { rnn: ['a', 'b'] } }),
  fromKeras(new ArrayBuffer(8), { config: {} }),
  fromTfjs({}, [file]),
  fromBrain({}),
];
const json: NeatapticJSON = toNeataptic(network);
const texts: [string, Uint8Array, Network] = [toC(network, 'net'), toOnnx(network), fromNeataptic(json)];

const classifier: SequenceClassifier<'a' | 'b', string> = SequenceClassifier.fromNetwork(network, {
  labels: ['a', 'b'],
  encoder: Encoder.bits(),
});
classifier.fit([{ input: 'x', label: 'a' }], { freeze: ['layer 0'] });
SequencePredictor.fromNetwork(network).predict([1, 2]);

// @ts-expect-error: the network says what it is
SequenceClassifier.fromNetwork(network, { labels: ['a', 'b'], encoder: Encoder.bits(), hidden: [3] });
// @ts-expect-error: no such output
fromPyTorch(file, { output: 'relu' });
// @ts-expect-error: a name
toC(network, 3);

export { read, texts };
