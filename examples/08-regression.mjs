// A number that goes with a sequence: what a trip costs, from its legs in km and whether each went by taxi.
//
//   node examples/08-regression.mjs

import { Encoder, SequenceRegressor } from 'engram';

let state = 1;
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
/** A trip: every leg costs 0.30 a km, by taxi 2.00. */
function trip() {
  const input = Array.from({ length: 1 + Math.floor(6 * random()) }, () => ({
    km: 20 * random(),
    taxi: random() < 0.3,
  }));
  return { input, output: input.reduce((sum, { km, taxi }) => sum + km * (taxi ? 2 : 0.3), 0) };
}
const [samples, others] = [500, 100].map((count) => Array.from({ length: count }, trip));
const encoder = Encoder.numeric({ channels: ['km', 'taxi'] });
const regressor = new SequenceRegressor({ encoder, hidden: [24], seed: 1 });
const { time } = await regressor.fit(samples, { epochs: 100, decay: { type: 'cosine' } });
console.log(`trained in ${Math.round(time)} ms`);
const { mae, r2, mean } = regressor.evaluate(others);
console.log(`new trips: ${mae.toFixed(2)} off (the mean: ${mean.mae.toFixed(2)}), r2 ${r2.toFixed(3)}`);
console.log(
  regressor
    .predict([
      { km: 10, taxi: true },
      { km: 5, taxi: false },
    ])
    .toFixed(2),
  'for 21.50',
);
