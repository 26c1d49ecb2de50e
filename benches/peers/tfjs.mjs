// TensorFlow.js in Node with its plain and its WebAssembly backend.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

async function prepare({ T, I, H, C, B }, peer) {
  if (peer === 'tfjs-wasm') {
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await tf.setBackend('wasm');
  } else {
    await tf.setBackend('cpu');
  }
  await tf.ready();
  const model = tf.sequential();
  model.add(tf.layers.lstm({ units: H, inputShape: [T, I], recurrentActivation: 'sigmoid' }));
  model.add(tf.layers.dense({ units: C, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy' });
  const input = tf.randomUniform([B, T, I], 0, 1, 'float32', 1);
  const labels = Array.from({ length: B }, (_, index) => index % C);
  return { model, input, target: tf.oneHot(tf.tensor1d(labels, 'int32'), C) };
}

export const train = async ({ shape }, peer) => {
  const { model, input, target } = await prepare(shape, peer);
  return {
    batch: shape.B,
    async work(count) {
      for (let done = 0; done < count; done += shape.B) await model.trainOnBatch(input, target);
    },
  };
};

export const infer = async ({ shape }, peer) => {
  const { model, input } = await prepare(shape, peer);
  return {
    batch: shape.B,
    work(count) {
      for (let done = 0; done < count; done += shape.B) {
        tf.tidy(() => model.predict(input, { batchSize: shape.B }).dataSync());
      }
    },
  };
};
