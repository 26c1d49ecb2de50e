// Making a network takes memory in proportion to its connections.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Architect, Neuron } from 'engram';
import { engineSize } from '../support/engine-size.mjs';

test('the memory of the engine grows with the connections', (t) => {
  for (const sizes of [
    [50, 100, 25],
    [100, 200, 50],
    [100, 150, 150, 50],
  ]) {
    const [size, { connections }] = [engineSize(Architect), Neuron.quantity()];
    const network = new Architect.LSTM(...sizes);
    network.activate(new Array(sizes[0]).fill(0.5));
    const each = (engineSize(Architect) - size) / (Neuron.quantity().connections - connections);
    t.diagnostic(`LSTM(${sizes}): ${Math.round(each)} bytes per connection`);
    // A weight alone is 8 bytes: less would mean that the engine's memory was not what grew.
    assert.ok(each > 8 && each < 400, `${each} bytes per connection`);
  }
});
