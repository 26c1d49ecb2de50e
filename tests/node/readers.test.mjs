// engram/data: readers of .ts and .arff files.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { SequenceRegressor } from 'engram';
import { openArff, openTs, readArff, readTs } from 'engram/data';

const TS = `\uFEFF# a comment
@problemName Two Shapes
@timeStamps false
@missing true
@univariate true
@equalLength false
@classLabel true up down
@data

1,2.5,-3e2:up
# between
4,?:down
.5,NaN,6.,+7:up`;

const ARFF = `% a comment
@relation 'Two Shapes'
@attribute att0 numeric
@attribute 'att 1' REAL
@attribute target {up,'far down'}
@data
1, 2.5,up
?,-3e2,'far down'
`;

const RELATIONAL = `@relation Pairs
@attribute channels relational
@attribute t0 numeric
@attribute t1 numeric
@end channels
@attribute class {a,b}
@data
"1,2\\n3,4",a
'5,?\\n7,8',b
`;

test('a .ts file: labels, unequal lengths, missing values', async () => {
  const { header, cases } = await readTs(TS);
  assert.deepEqual(header, { name: 'Two Shapes', labels: ['up', 'down'], target: false, channels: 1 });
  assert.deepEqual(cases, [
    { input: [1, 2.5, -300], label: 'up' },
    { input: [4, NaN], label: 'down' },
    { input: [0.5, NaN, 6, 7], label: 'up' },
  ]);
});

test('a .ts file: several channels, and numbers to predict', async () => {
  const labelled = await readTs('@dimensions 2\n@classLabel true 1 2\n@data\n1,2,3:4,5,6:2\n7:8:1\n');
  assert.deepEqual(labelled.cases, [
    {
      input: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
      label: '2',
    },
    { input: [[7, 8]], label: '1' },
  ]);
  assert.equal(labelled.header.channels, 2);
  const predicted = await readTs('@targetLabel true\n@data\n1,2:3.5\n');
  assert.deepEqual(predicted.cases, [{ input: [1, 2], output: 3.5 }]);
  assert.equal(predicted.header.target, true);
  const plain = await readTs('@classLabel false\n@data\n1,2:3,4\n');
  assert.deepEqual(plain.cases, [
    {
      input: [
        [1, 3],
        [2, 4],
      ],
    },
  ]);
  assert.equal(plain.header.labels, null);
});

test('an .arff file: a series per row, and channels as a relational attribute', async () => {
  const { header, cases } = await readArff(ARFF);
  assert.deepEqual(header, { name: 'Two Shapes', labels: ['up', 'far down'], target: false, channels: 1 });
  assert.deepEqual(cases, [
    { input: [1, 2.5], label: 'up' },
    { input: [NaN, -300], label: 'far down' },
  ]);
  const quoted = await readArff(RELATIONAL.replace('Pairs', "'Anna\\'s pairs'"));
  assert.equal(quoted.header.name, "Anna's pairs");
  const relational = await readArff(RELATIONAL);
  assert.equal(relational.header.channels, 2);
  assert.deepEqual(relational.cases, [
    {
      input: [
        [1, 3],
        [2, 4],
      ],
      label: 'a',
    },
    {
      input: [
        [5, 7],
        [NaN, 8],
      ],
      label: 'b',
    },
  ]);
});

test('every kind of source gives the same, wherever it is cut', async () => {
  const expected = await readTs(TS);
  const bytes = new TextEncoder().encode(TS);
  const cut = (size) => {
    const parts = [];
    for (let start = 0; start < bytes.length; start += size) parts.push(bytes.slice(start, start + size));
    return parts;
  };
  async function* each(parts) {
    yield* parts;
  }
  const crlf = TS.replaceAll('\n', '\r\n');
  for (const source of [
    bytes,
    bytes.buffer,
    Buffer.from(bytes),
    crlf,
    new Blob([bytes]).stream(),
    new Response(TS).body,
    Readable.from(cut(3)),
    each(cut(1)),
    each(cut(7)),
    each([...TS]),
  ]) {
    assert.deepEqual(await readTs(source), expected);
  }
});

test('cases are read as they are asked for, and a stream that is left is given up', async () => {
  let [given, cancelled] = [0, false];
  const stream = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(given++ === 0 ? '@problemName long\n@data\n' : '1,2,3\n');
      },
      cancel() {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const { header, cases } = await openTs(stream);
  assert.equal(header.name, 'long');
  let seen = 0;
  for await (const { input } of cases) {
    assert.deepEqual(input, [1, 2, 3]);
    if (++seen === 5) break;
  }
  assert.equal(given, 6);
  assert.ok(cancelled);
});

test('what is none of such a file is refused with its line', async () => {
  const wrongTs = [
    ['', /readTs: the source ends before a line @data/],
    ['@nonsense\n', /line 1 is "@nonsense"/],
    ['@timeStamps true\n@data\n', /line 1 says that values have time stamps/],
    ['@data\n1,x\n', /line 2, channel 1, value 2 is "x"/],
    ['@data\n1,,2\n', /line 2, channel 1, value 2 is ""/],
    ['@data\n1,0x10\n', /value 2 is "0x10"/],
    ['@data\n1e999\n', /value 1 is "1e999"/],
    ['@data\n1:2\n1\n', /line 3, channels is 1, expected 2/],
    ['@data\n1,2:3\n', /line 2 has 2 in channel 1 and 1 in channel 2 values/],
    ['@classLabel true a a\n@data\n', /line 1 .* labels that differ/],
    ['@classLabel true\n@data\n', /at least one label/],
    ['@classLabel true a b\n@data\n1,2:c\n', /line 3, label is "c", expected one of .* "a", "b"/],
    ['@classLabel true a b\n@data\na\n', /line 3, label is "a"/],
    ['@dimensions 0\n@data\n', /line 1 is 0, expected an integer from 1/],
  ];
  for (const [text, message] of wrongTs) await assert.rejects(readTs(text), { name: 'RangeError', message });
  const wrongArff = [
    ['@attribute a numeric\n', /readArff: the source ends before a line @data/],
    ['@data\n', /line 1 is 0, expected numeric attributes/],
    ['@attribute a string\n@data\n', /line 1 is "a string"/],
    ['@attribute a numeric\n@data\n{0 1}\n', /sparse rows are not read/],
    ['@attribute a numeric\n@data\n1,2\n', /line 3, values is 2, expected 1/],
    ["@attribute a numeric\n@data\n'1\n", /line 3 is "'1", expected a text that ends with '/],
    ["@attribute a numeric\n@attribute b numeric\n@data\n'1' 2,3\n", /expected a comma after a quote/],
    ['@attribute a numeric\n@attribute c {x,y}\n@data\n1,z\n', /line 4, label is "z"/],
    ['@attribute c {x,y}\n@attribute d {x,y}\n@data\n', /line 2 .* one attribute of labels/],
    [`${RELATIONAL}"1,2",a\n`, /line 10, channels is 1, expected 2/],
  ];
  for (const [text, message] of wrongArff) await assert.rejects(readArff(text), { name: 'RangeError', message });
  for (const source of [undefined, 7, {}, [TS]]) await assert.rejects(openArff(source), TypeError);
  await assert.rejects(readTs(Readable.from([1, 2])), { name: 'TypeError', message: /source gives 1, expected texts/ });
});

test('a line that never ends is refused before it fills the memory', async () => {
  async function* endless() {
    const piece = '1,'.repeat(2 ** 22);
    for (;;) yield piece;
  }
  await assert.rejects(readTs(endless()), { name: 'RangeError', message: /line 1 has more than 67108864 characters/ });
});

test('require gives what import gives', () => {
  const required = createRequire(import.meta.url)('engram/data');
  assert.deepEqual(Object.keys(required).sort(), ['openArff', 'openTs', 'readArff', 'readTs']);
});

test('an .arff file: labels right behind a name, and a relational attribute that does not end', async () => {
  const { cases, header } = await readArff('@relation r\n@attribute x numeric\n@attribute class{a,b}\n@data\n1,b\n');
  assert.deepEqual([cases, header.labels], [[{ input: [1], label: 'b' }], ['a', 'b']]);
  const open = '@relation r\n@attribute rel relational\n@attribute t0 numeric\n@data\n"1",a\n';
  await assert.rejects(readArff(open), { name: 'RangeError', message: /line 4 is "@data", expected @end rel before/ });
});

test('a .ts file that contradicts its header is refused with its line', async () => {
  const file =
    (...head) =>
    (...rows) =>
      [...head, '@classLabel true a b', '@data', ...rows].join('\n');
  const equal = file('@univariate true', '@equalLength true', '@seriesLength 3');
  assert.equal((await readTs(equal('1,2,3:a', '3,4,5:b'))).cases.length, 2);
  for (const [text, message] of [
    [equal('1,2,3:a', '3,4:b'), /line 7, values is 2, expected 3, as series are of equal length/],
    [equal('1,2:a'), /line 6, values is 2, expected 3/],
    [file('@equalLength true')('1,2:a', '1,2,3:b'), /line 5, values is 3, expected 2/],
    [file('@univariate true', '@dimensions 2')('1:2:a'), /line 2, channels is 2, expected 1, as said before/],
    [equal('1,2,3'), /line 6, label is "1,2,3", expected one, behind values and a colon/],
  ]) {
    await assert.rejects(readTs(text), { name: 'RangeError', message });
  }
});

test('an .arff file that names a number as what is to be predicted has it beside the series', async () => {
  const file = (...attributes) =>
    ['@relation r', ...attributes.map((each) => `@attribute ${each}`), '@data'].join('\n');
  const rows = '\n1,2,99\n3,4,98';
  for (const name of ['target', 'Class', "'target'"]) {
    const { header, cases } = await readArff(file('a numeric', 'b numeric', `${name} numeric`) + rows);
    assert.equal(header.target, true);
    assert.deepEqual(cases, [
      { input: [1, 2], output: 99 },
      { input: [3, 4], output: 98 },
    ]);
  }
  const { header, cases } = await readArff(file('a numeric', 'target numeric', 'b numeric') + rows);
  assert.equal(header.target, false);
  assert.deepEqual(cases[0], { input: [1, 2, 99] });
  const both = file('id numeric', 'r relational', 'x numeric').replace('x numeric', 'x numeric\n@end r');
  const labelled = both.replace('@data', '@attribute class {a,b}\n@data');
  await assert.rejects(readArff(labelled), {
    name: 'RangeError',
    message: /line \d+ is "both", expected one attribute/,
  });
  await assert.rejects(readArff(file('target numeric')), {
    name: 'RangeError',
    message: /expected steps beside the number/,
  });
});

test('what is neither true nor false, no UTF-8, or a stream that is taken, is refused', async () => {
  for (const line of [
    '@classLabel a b',
    '@univariate maybe',
    '@targetLabel',
    '@equalLength 1',
    '@timestamps no',
    '@missing 3',
  ]) {
    const [tag] = line.split(' ');
    await assert.rejects(readTs(`${line}\n@data\n1,2:a`), {
      name: 'RangeError',
      message: new RegExp(`^readTs: line 1, ${tag} is .*, expected true or false`, 'i'),
    });
  }
  await assert.rejects(readTs('@targetLabel true\n@classLabel true a b\n@data\n1,2:a'), {
    name: 'RangeError',
    message: /^readTs: line 3 is "both", expected @classLabel or @targetLabel/,
  });
  const latin = Uint8Array.from('@classLabel true \xe9 b\n@data\n1:\xe9', (letter) => letter.charCodeAt(0));
  await assert.rejects(readTs(latin), { name: 'RangeError', message: /^readTs: source has bytes that are not UTF-8/ });
  const stream = new ReadableStream();
  stream.getReader();
  await assert.rejects(readTs(stream), { name: 'TypeError', message: /^readTs: source is a stream that has a reader/ });
});

test('cases with a number to predict are samples of a regressor', async () => {
  const { cases } = await readTs('@targetLabel true\n@data\n1,2,3:10\n2,3,4:20\n3,4,5:30');
  const regressor = new SequenceRegressor({ hidden: [2], seed: 1 });
  assert.equal((await regressor.fit(cases, { epochs: 2 })).iterations, 2);
});
