// engram/exchange in a page: what it writes is opened there by onnxruntime-web.

import { after, before, test } from 'node:test';

import { serve } from '../../scripts/serve.mjs';
import { openChromium } from '../browser/drivers.mjs';
import { assertClose } from './support.mjs';

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

const cases = [
  ['LSTM', { variant: 'standard', output: 'softmax', bidirectional: true, readout: 'attention', seed: 1 }],
  ['GRU', { output: 'linear', seed: 2 }],
  ['LSTM', { seed: 3 }],
];
for (const [architect, options] of cases) {
  test(`${architect} ${JSON.stringify(options)} answers alike in onnxruntime-web, in Chromium`, {
    timeout: 120_000,
  }, async () => {
    const { engram, onnx } = await browser.call('compare', architect, options);
    assertClose(onnx, engram, 1e-5);
  });
}
