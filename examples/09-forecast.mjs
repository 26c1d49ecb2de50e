// What a shop will sell in each of the next seven days: a trend, a week, and offers that are known ahead.
//
//   node examples/09-forecast.mjs

import { Encoder, SequencePredictor } from 'engram';

let state = 7;
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
const days = Array.from({ length: 400 }, (_, day) => {
  const offer = random() < 0.2 ? 1 : 0;
  const week = 20 * Math.sin((2 * Math.PI * day) / 7);
  return { weekday: day % 7, offer, sold: 100 + 0.8 * day + week + 40 * offer + 2 * random() };
});
const predictor = new SequencePredictor({
  encoder: Encoder.numeric({ channels: ['weekday', 'offer', 'sold'], difference: { sold: true } }),
  outputs: ['sold'],
  covariates: ['weekday', 'offer'],
  horizon: 7,
  seed: 1,
});
await predictor.fit([days.slice(0, 330)], { epochs: 400, rate: 0.02, decay: { type: 'cosine' } });
const { ahead, advice = 'no advice' } = predictor.evaluate([days], { from: 330, season: 7 });
const { rmse, last, season } = ahead[2];
console.log(
  `day 3 ahead: rmse ${rmse.toFixed(1)} (repeated: ${last.rmse.toFixed(1)}, last week: ${season.rmse.toFixed(1)})`,
);
console.log(advice);
const plan = days.slice(0, 7).map((_, day) => ({ weekday: (400 + day) % 7, offer: day === 2 ? 1 : 0 }));
console.log(
  predictor
    .forecast(days, { covariates: plan })
    .map(([sold]) => Math.round(sold))
    .join(' '),
);
