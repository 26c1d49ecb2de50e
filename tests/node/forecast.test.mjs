// What a predictor predicts, and from what: changes, outputs, covariates, a horizon; and how well.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoder, SequencePredictor, unpack } from 'engram';
import { randomFrom, SEED } from '../support/random.mjs';

const changes = (options) => Encoder.numeric({ difference: true, ...options });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const make = (options) => new SequencePredictor({ hidden: [6], seed: 1, ...options });

test('after 0 to 5, 1000 to 1004 and others, 200, 201 goes on with 202, 203, 204', async () => {
  const predictor = make({ encoder: changes() });
  await predictor.fit([range(0, 5), range(1000, 1004), range(-50, -40)], { epochs: 20 });
  assert.deepEqual(predictor.generate([200, 201], 3), [[202], [203], [204]]);
  assert.deepEqual(predictor.predict([7]), [8]);
});

test(`rising prices are forecast better than by repeating the last value, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  // Prices that rise by 1 % a day and more on every fifth, with noise, so that the end lies far beyond the begin.
  const prices = [100];
  for (let day = 1; day < 260; day++)
    prices.push(prices.at(-1) * (1.005 + (day % 5 === 0 ? 0.03 : 0) + 0.004 * (random() - 0.5)));
  for (const difference of [true, 'relative']) {
    const predictor = make({ encoder: Encoder.numeric({ difference }), hidden: [12], seed: SEED });
    await predictor.fit([prices.slice(0, 200)], { epochs: 150, rate: 0.02, decay: { type: 'cosine' } });
    const { rmse, last, advice, ahead } = predictor.evaluate([prices], { from: 200, steps: 5 });
    if (difference === 'relative') assert.ok(rmse < last.rmse / 3, `${rmse}, repeated ${last.rmse}`);
    else assert.ok(rmse < last.rmse, `${rmse}, repeated ${last.rmse}`);
    assert.equal(advice, undefined);
    assert.equal(ahead.length, 5);
    assert.equal(ahead[0].count, 60);
    assert.equal(ahead[4].count, 56);
  }
});

test('evaluate says where nothing is gained, and what may help', async () => {
  const predictor = make();
  const series = range(0, 40);
  await predictor.fit([series.slice(0, 20)], { epochs: 2 });
  const { advice } = predictor.evaluate([series], { from: 20, season: 2 });
  assert.match(advice, /^the forecasts \(rmse .*\) are no better than repeating the last value \(rmse 1\.00\)/);
  assert.match(advice, /repeating the last season \(rmse 2\.00\).*difference: true/);
});

test('evaluate compares with what predict, forecast and generate say', async () => {
  const series = Array.from({ length: 24 }, (_, step) => 3 * step + 10 * Math.sin(step));
  const predictor = make({ encoder: changes(), horizon: 2 });
  await predictor.fit([series], { epochs: 30 });
  for (const [steps, made] of [
    [2, (begin) => predictor.forecast(begin)],
    [4, (begin) => predictor.generate(begin, 4)],
  ]) {
    const evaluation = predictor.evaluate([series], { steps, season: 3, from: 5 });
    for (let ahead = 0; ahead < steps; ahead++) {
      const errors = { forecast: [], last: [], season: [] };
      for (let end = 5; end + ahead < series.length; end++) {
        const begin = series.slice(0, end);
        const target = series[end + ahead];
        errors.forecast.push(target - made(begin)[ahead][0]);
        errors.last.push(target - begin.at(-1));
        errors.season.push(target - series[end + ahead - (ahead < 3 ? 3 : 6)]);
      }
      const rmse = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      const mae = (values) => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
      const scores = evaluation.ahead[ahead];
      const all = [scores, scores.last, scores.season];
      Object.values(errors).forEach((values, index) => {
        assert.ok(Math.abs(all[index].rmse - rmse(values)) < 1e-9, `${steps}, ${ahead}: ${all[index].rmse}`);
        assert.ok(Math.abs(all[index].mae - mae(values)) < 1e-9);
      });
      assert.equal(scores.count, errors.last.length);
    }
    const mean = evaluation.ahead.reduce((sum, { rmse }) => sum + rmse / steps, 0);
    assert.ok(Math.abs(evaluation.rmse - mean) < 1e-12);
  }
});

test('a horizon is predicted at once, its first row being predict; generate makes row by row', async () => {
  const wave = Array.from({ length: 120 }, (_, step) => Math.sin(step / 3));
  const predictor = make({ horizon: 6, hidden: [12] });
  assert.equal(predictor.horizon, 6);
  await predictor.fit([wave], { epochs: 150, rate: 0.02 });
  const rows = predictor.forecast(wave);
  assert.equal(rows.length, 6);
  assert.deepEqual(predictor.predict(wave), rows[0]);
  rows.forEach(([value], ahead) => {
    assert.ok(Math.abs(value - Math.sin((120 + ahead) / 3)) < 0.15, `${ahead}: ${value}`);
  });
  const made = predictor.generate(wave, 3);
  assert.deepEqual(made[0], rows[0]);
  assert.deepEqual(
    made[1],
    predictor.predict([...wave, made[0][0]]).map((value) => value),
  );
});

test('fewer channels come out than go in', async () => {
  const rows = Array.from({ length: 80 }, (_, step) => {
    const lead = Math.sin(step * step);
    return { volume: lead, close: 50 + 10 * Math.sin((step - 1) ** 2), open: step % 3 };
  });
  const encoder = Encoder.numeric({ channels: ['volume', 'close', 'open'] });
  const predictor = make({ encoder, outputs: ['close'], hidden: [12] });
  assert.deepEqual(predictor.outputChannels, ['close']);
  await predictor.fit([rows], { epochs: 150, rate: 0.02 });
  const answer = predictor.predict(rows);
  assert.equal(answer.length, 1);
  const { rmse, last } = predictor.evaluate([rows]);
  assert.ok(rmse < last.rmse / 4, `${rmse}, repeated ${last.rmse}`);
  assert.throws(() => predictor.generate(rows, 2), {
    name: 'RangeError',
    message:
      /^SequencePredictor\.generate: count is 2, expected at most 1 \(the next rows' "volume", "open" would not be/,
  });
  assert.deepEqual(predictor.generate(rows, 1), [answer]);
  const reordered = make({ encoder, outputs: ['open', 'volume', 'close'] });
  await reordered.fit([rows], { epochs: 1 });
  const plain = make({ encoder });
  await plain.fit([rows], { epochs: 1 });
  assert.equal(reordered.toJSON().outputs.length, 3);
  assert.equal(plain.toJSON().outputs, undefined);
});

test('covariates are known ahead, of every row that is predicted', async () => {
  const random = randomFrom(SEED);
  // Sales that follow the offer of the same day, which no day before tells.
  const days = Array.from({ length: 150 }, () => ({ offer: Number(random() < 0.4), sales: 0 }));
  for (const day of days) day.sales = 100 + 60 * day.offer + random();
  const encoder = Encoder.numeric({ channels: ['offer', 'sales'] });
  for (const horizon of [1, 3]) {
    const predictor = make({ encoder, covariates: ['offer'], horizon, hidden: [8], seed: SEED });
    await predictor.fit([days.slice(0, 120)], { epochs: 120, rate: 0.02, decay: { type: 'cosine' } });
    const { rmse, last } = predictor.evaluate([days], { from: 120 });
    assert.ok(rmse < last.rmse / 5, `horizon ${horizon}: ${rmse}, repeated ${last.rmse}`);
    const plan = [1, 0, 1, 0, 0].slice(0, horizon + 2);
    const made = predictor.generate(days, 3, { covariates: plan });
    made.forEach(([sales], ahead) => assert.ok(Math.abs(sales - (100 + 60 * plan[ahead])) < 15, `${ahead}: ${sales}`));
    const first = plan.slice(0, horizon);
    const forms = [first, first.map((offer) => [offer]), first.map((offer) => ({ offer }))];
    const answers = forms.map((covariates) => predictor.forecast(days, { covariates }));
    assert.deepEqual(answers, [answers[0], answers[0], answers[0]]);
    assert.deepEqual(answers[0][0], made[0]);
    assert.ok(Number.isFinite(predictor.evaluate([days], { from: 120, steps: horizon + 2 }).rmse));
    assert.throws(() => predictor.predict(days), { name: 'TypeError', message: /options\.covariates is undefined/ });
    assert.throws(() => predictor.predict(days, { covariates: new Array(9).fill(1) }), {
      name: 'RangeError',
      message: `SequencePredictor.predict: options.covariates has 9 rows, expected ${horizon}`,
    });
    const wrong = [{ offer: 'yes' }, ...first].slice(0, horizon);
    assert.throws(() => predictor.predict(days, { covariates: wrong }), /options\.covariates\[0\]\.offer is "yes"/);
  }
});

test('gaps: changes go on from the last value that is there', async () => {
  const encoder = changes({ missing: 'mask', normalize: false });
  encoder.fit([[5, null, 9]]);
  assert.deepEqual(encoder.encode([5, null, 9, 9.5]), [
    [0, 1],
    [0, 0],
    [4, 1],
    [0.5, 1],
  ]);
  const predictor = make({
    encoder: changes({ missing: 'mask', channels: ['a', 'b'] }),
    covariates: ['b'],
    horizon: 2,
  });
  const series = range(0, 30).map((step) => ({
    a: step % 7 === 3 ? null : 10 * step,
    b: step % 5 === 2 ? null : step % 2,
  }));
  await predictor.fit([series], { epochs: 60 });
  const rows = predictor.forecast(series, { covariates: [null, 1] });
  assert.ok(Math.abs(rows[0][0] - 310) < 8 && Math.abs(rows[1][0] - 320) < 12, `${rows}`);
  assert.ok(predictor.evaluate([series]).count < 2 * 30);
  assert.throws(() => predictor.predict([{ a: null, b: 1 }], { covariates: [1, 1] }), {
    name: 'RangeError',
    message: /series has no value of channel "a", expected one that changes can start from/,
  });
});

test('each channel may have its difference', () => {
  const encoder = Encoder.numeric({
    channels: ['price', 'heat', 'flag'],
    normalize: false,
    difference: { price: 'relative', heat: true },
  });
  const rows = [
    { price: 10, heat: -3, flag: 1 },
    { price: 15, heat: 4, flag: 0 },
  ];
  encoder.fit([rows]);
  assert.deepEqual(encoder.encode(rows), [
    [0, 0, 1],
    [0.5, 7, 0],
  ]);
  const json = JSON.parse(JSON.stringify(encoder));
  assert.deepEqual(json.difference, { price: 'relative', heat: true });
  assert.deepEqual(Encoder.fromJSON(json).encode(rows), encoder.encode(rows));
  assert.equal(Encoder.numeric({ difference: false }).toJSON().difference, undefined);
  const byPlace = Encoder.numeric({ channels: 2, normalize: false, difference: { 1: true } });
  byPlace.fit([
    [
      [1, 2],
      [3, 5],
    ],
  ]);
  assert.deepEqual(
    byPlace.encode([
      [1, 2],
      [3, 5],
    ]),
    [
      [1, 0],
      [3, 3],
    ],
  );
  const windows = changes({ window: 2, normalize: false });
  windows.fit([[1, 3, 6]]);
  assert.deepEqual(windows.encode([1, 3, 6, 10]), [
    [0, 2],
    [3, 4],
  ]);
  const refuse = (make, message) => assert.throws(make, { message });
  refuse(() => changes({ difference: 'ratio' }), /^Encoder\.numeric: options\.difference is "ratio", expected/);
  refuse(() => changes({ difference: { 3: true } }), /options\.difference\.3 is not known/);
  refuse(() => changes({ channels: ['toString'], difference: { toString: 2 } }), /options\.difference\.toString is 2/);
  assert.deepEqual(changes({ channels: ['toString', 'b'], difference: { b: true } }).toJSON().difference, { b: true });
  refuse(() => encoder.encode([{ price: 0, heat: 1, flag: 1 }]), /input\[0\]\[0\] is 0, expected a number above 0/);
  refuse(
    () =>
      encoder.encode([
        { price: 1, heat: 1, flag: 1 },
        { price: -1, heat: 1, flag: 1 },
      ]),
    /input\[1\]\[0\] is -1/,
  );
  refuse(() => changes().fit([[1], [2]]), /channel 0 has no change from one value to another in any step/);
});

test('the end of each of several series is held out, if asked for', async () => {
  const all = range(0, 3).map((phase) => Array.from({ length: 40 + phase }, (_, step) => Math.sin(step / 3 + phase)));
  const [split, alone] = [make(), make()];
  const { validation } = await split.fit(all, { epochs: 5, validation: 0.25, holdOut: 'end' });
  assert.ok(validation.error > 0);
  await alone.fit(
    all.map((series) => series.slice(0, series.length - Math.round(series.length / 4))),
    { epochs: 5 },
  );
  assert.deepEqual(split.encoder.toJSON(), alone.encoder.toJSON());
  assert.deepEqual([...split.network.weights], [...alone.network.weights]);
  const whole = make();
  await assert.rejects(whole.fit([all[0]], { validation: 0.2, holdOut: 'series' }), /options\.validation is 0\.2/);
  await assert.rejects(
    whole.fit(all, { validation: all, holdOut: 'end' }),
    /options\.holdOut is "end", expected left out/,
  );
  await assert.rejects(whole.fit(all, { validation: 0.2, holdOut: 'begin' }), /options\.holdOut is "begin"/);
  await assert.rejects(make({ horizon: 5 }).fit(all, { validation: 0.1, holdOut: 'end' }), {
    name: 'RangeError',
    message: /holds out at least 5 steps of 40 and leaves at least 6/,
  });
});

test('files, packs and checkpoints hold what a predictor predicts', async () => {
  const rows = range(0, 40).map((step) => [step % 7, 100 + 3 * step, step % 2]);
  const encoder = Encoder.numeric({ channels: ['a', 'b', 'c'], difference: { b: 'relative' } });
  const options = { encoder, outputs: ['b'], covariates: ['c'], horizon: 2 };
  const model = make(options);
  const saved = [];
  await model.fit([rows], { epochs: 6, checkpointEvery: 3, onCheckpoint: (bytes) => saved.push(bytes.slice()) });
  const resumed = make(options);
  await resumed.fit([rows], { epochs: 6, resume: saved[0] });
  assert.deepEqual(resumed.toJSON(), model.toJSON());
  const loaded = SequencePredictor.fromJSON(JSON.parse(JSON.stringify(model)));
  assert.deepEqual(loaded.toJSON(), model.toJSON());
  const known = { covariates: [1, 0] };
  assert.deepEqual(loaded.forecast(rows, known), model.forecast(rows, known));
  const pack = unpack(await make(options).pack([rows], { epochs: 6 }));
  await pack.train();
  assert.deepEqual(pack.model.toJSON(), model.toJSON());
});

test('what is wrong is refused by name', async () => {
  const encoder = Encoder.numeric({ channels: ['a', 'b'] });
  const refuse = (options, name, message) => assert.throws(() => make({ encoder, ...options }), { name, message });
  refuse({ horizon: 0 }, 'RangeError', /options\.horizon is 0/);
  refuse({ horizon: 1001 }, 'RangeError', /options\.horizon is 1001/);
  refuse({ outputs: ['c'] }, 'RangeError', /options\.outputs\[0\] is "c", expected one of the channels a, b/);
  refuse({ outputs: [2] }, 'RangeError', /options\.outputs\[0\] is 2/);
  refuse(
    { outputs: ['a', 0] },
    'RangeError',
    /options\.outputs\[1\] is 0, expected a channel that has not come before/,
  );
  refuse({ outputs: [] }, 'RangeError', /options\.outputs is an array of 0/);
  refuse({ outputs: 'a' }, 'TypeError', /options\.outputs is "a", expected an array/);
  refuse({ covariates: ['a', 'b'] }, 'RangeError', /options\.covariates .* fewer channels than all/);
  refuse({ outputs: ['a'], covariates: ['a'] }, 'RangeError', /options\.outputs .* that are no covariates, as "a" is/);
  const model = make({ encoder, horizon: 3 });
  await assert.rejects(
    model.fit([
      [
        [1, 2],
        [1, 2],
        [3, 4],
      ],
    ]),
    /series\[0\] is .*, expected at least 4 steps/,
  );
  const rows = range(0, 20).map((step) => [step, -step]);
  await model.fit([rows], { epochs: 1 });
  assert.throws(() => model.predict(rows, { covariates: [1] }), /options\.covariates is .*, expected left out/);
  assert.throws(() => model.evaluate([], {}), /series is an array of 0/);
  assert.throws(() => model.evaluate([[[1, 2]]]), /SequencePredictor\.evaluate: series is .* from row 1 on/);
  assert.throws(() => model.evaluate([rows], { from: 30 }), /from row 30 on/);
  assert.throws(() => model.evaluate([rows], { steps: 0 }), /options\.steps is 0/);
  assert.throws(() => model.evaluate([rows], { season: 1.5 }), /options\.season is 1\.5/);
  const json = JSON.parse(JSON.stringify(model));
  assert.throws(() => SequencePredictor.fromJSON({ ...json, horizon: 2 }), /has 2 inputs and 6 outputs/);
  assert.throws(() => SequencePredictor.fromJSON({ ...json, covariates: ['a'] }), /2 inputs and 6 outputs/);
});

test('steps ahead that no series has are no perfect forecasts', async () => {
  const predictor = new SequencePredictor({ seed: 1, hidden: [3] });
  const series = Array.from({ length: 12 }, (_, index) => index);
  await predictor.fit([series], { epochs: 2, threads: 1 });
  const { ahead, mae, count } = predictor.evaluate([series], { steps: 30, season: 3 });
  const nothing = { mae: Number.NaN, rmse: Number.NaN };
  assert.deepEqual(ahead[29], { ...nothing, last: nothing, season: nothing, count: 0 });
  assert.ok(mae > 0 && count > 0);
});
