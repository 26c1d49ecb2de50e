// engram/exchange in a page: what it writes is opened there by onnxruntime-web.

import { after, before, test } from 'node:test';

import { serve } from '../../scripts/serve.mjs';
import { openChromium } from '../browser/drivers.mjs';
import { assertClose, vectors } from './support.mjs';

let [server, browser] = [];
before(async () => {
  server = await serve({ port: 0 });
  browser = await openChromium();
  await browser.go(`http://localhost:${server.address().port}/tests/exchange/page.html`);
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

const LIMIT = { timeout: 120_000 };
const made = [
  ['LSTM', { variant: 'standard', output: 'softmax', bidirectional: true, readout: 'attention', seed: 1 }],
  ['GRU', { output: 'linear', embedding: 2, seed: 2 }],
  ['LSTM', { seed: 3 }],
];
for (const [architect, options] of made) {
  test(`${architect} ${JSON.stringify(options)} answers alike in onnxruntime-web, in Chromium`, LIMIT, async () => {
    const { engram, onnx } = await browser.call('compareMade', architect, options);
    assertClose(onnx, engram, 1e-5);
  });
}

const pytorch = vectors('pytorch').cases.find(({ shape }) => shape.bidirectional);
const keras = vectors('keras').cases.find(({ shape }) => shape.gates === 'hard_sigmoid' && shape.dense.length > 0);
const tfjs = vectors('tfjs').cases.find(({ shape }) => shape.gates === 'default' && shape.dense.length > 0);
const { brain, neataptic } = vectors('peers');
const read = {
  fromPyTorch: [null, pytorch.file],
  fromKeras: [null, keras.files['model.keras']],
  fromTfjs: [tfjs.model, tfjs.weights],
  fromBrain: [brain[1]],
  fromNeataptic: [neataptic[1]],
};
for (const [reader, given] of Object.entries(read)) {
  test(`what ${reader} gives answers alike in onnxruntime-web, in Chromium`, LIMIT, async () => {
    const { engram, onnx } = await browser.call('compareRead', reader, ...given);
    assertClose(onnx, engram, 1e-5);
  });
}
