// What comes next in a series: a wave on a slope is continued by thirty steps.
//
//   node examples/05-prediction.mjs

import { SequencePredictor } from 'engram';

const value = (step) => 10 * Math.sin(step / 4) + 4 * Math.sin(step / 9);
const series = Array.from({ length: 200 }, (_, step) => value(step));
const predictor = new SequencePredictor({ hidden: [32], seed: 1 });
const { time } = await predictor.fit([series], { epochs: 500, decay: { type: 'cosine' } });
const made = predictor.generate(series, 30).map(([number]) => number);
const errors = made.map((number, index) => Math.abs(number - value(200 + index)));
console.log(`trained in ${Math.round(time)} ms`);
console.log(`next: ${made[0].toFixed(2)}, is ${value(200).toFixed(2)}`);
console.log(`mean distance over 30 steps: ${(errors.reduce((a, b) => a + b) / errors.length).toFixed(2)}`);
