// npm run bench [-- --rounds 5] [-- --only TEXT]: every peer and every case in one run, each in a
// process of its own, interleaved; prints a table of medians and writes target/bench.json.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from '../scripts/build.mjs';
import { root, run, target } from '../scripts/toolchain.mjs';
import { cases, growth } from './cases.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
});
const rounds = Number(values.rounds);
const here = join(root, 'benches');

function prepare() {
  if (existsSync(join(here, 'node_modules/.package-lock.json'))) return;
  console.log('set-up: peers');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here });
}

/** engram again, in the Node that is supported longest: a peer like any other. */
const NODE_24 = 'engram, Node 24';

/** The engine without JavaScript, in whatever registers the machine has. */
const NATIVE = 'engram native';
const nativeArguments = ({ kind, shape: { T, I, H, C, B }, threads = 1 }) => [kind, threads, T, I, H, C, B].map(String);

function measure(peer, task) {
  const inNode = (node, name) => [node, ['--expose-gc', 'measure.mjs', name, JSON.stringify(task)]];
  const [command, args] =
    peer === 'torch'
      ? ['python3', ['peers/pytorch.py', JSON.stringify(task)]]
      : peer === NATIVE
        ? [join(target, 'release/native'), nativeArguments(task)]
        : peer === NODE_24
          ? inNode(join(here, 'node_modules/node-24/bin/node'), 'engram')
          : inNode(process.execPath, peer);
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: here, encoding: 'utf8', timeout: 300_000 });
  const line = stdout?.trim().split('\n').at(-1);
  try {
    return JSON.parse(line);
  } catch {
    return { failed: `exit ${status}: ${(stderr || 'no output').trim().split('\n').at(-1)}` };
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function summarise(results) {
  const failed = results.find((result) => result.failed !== undefined);
  if (failed !== undefined) return { failed: failed.failed };
  const seconds = results.map((result) => result.seconds);
  const bytes = results.map((result) => result.bytes ?? result.memory).filter((value) => value !== undefined);
  return {
    seconds: median(seconds),
    min: Math.min(...seconds),
    max: Math.max(...seconds),
    ...(bytes.length > 0 ? { bytes: median(bytes) } : {}),
    ...Object.fromEntries(
      ['blocked', 'gap']
        .filter((key) => results[0]?.[key] !== undefined)
        .map((key) => [key, median(results.map((result) => result[key]))]),
    ),
  };
}

/** Measures tasks round by round, so that whatever else the machine does meets every peer alike. */
function interleave(tasks) {
  const results = tasks.map(() => []);
  for (let round = 0; round < rounds; round++) {
    tasks.forEach(({ peer, task }, index) => {
      // What failed once is not tried again.
      if (results[index].some((result) => result.failed !== undefined)) return;
      process.stderr.write(`\rround ${round + 1} of ${rounds}: ${peer}, ${task.name}`.padEnd(100));
      results[index].push(measure(peer, task));
    });
  }
  process.stderr.write(`\r${''.padEnd(100)}\r`);
  return results.map(summarise);
}

function time(seconds) {
  if (seconds < 1e-6) return `${(seconds * 1e9).toPrecision(3)} ns`;
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  return `${seconds.toPrecision(3)} s`;
}

/** The page's longest stretch of work: its own time, and in brackets what passed meanwhile. */
const blocking = ({ blocked, gap }) =>
  blocked === undefined ? '' : `, page blocked ${time(blocked)} (${time(gap)}) at most`;
const megabytes = (bytes) => (bytes === undefined ? '' : `, ${(bytes / 1e6).toPrecision(3)} MB`);

prepare();
await build();
run('cargo', ['build', '--release', '--quiet', '-p', 'native']);
const chosen = cases
  .filter(({ name }) => name.includes(values.only))
  .map((task) => ({ ...task, peers: [...task.peers, NODE_24] }));
const rows = chosen.flatMap((task) => task.peers.map((peer) => ({ peer, task })));
const summaries = interleave(rows);
const table = chosen.map(({ name, unit, peers }) => {
  const found = Object.fromEntries(
    peers.map((peer) => [peer, summaries[rows.findIndex((row) => row.peer === peer && row.task.name === name)]]),
  );
  return { name, unit, peers: found };
});

const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`;
console.log(`\n${machine}, ${new Date().toISOString().slice(0, 10)}, medians of ${rounds}\n`);
console.log('| case | engram | peer | time per unit | engram is faster |');
console.log('| --- | --- | --- | --- | --- |');
for (const { name, unit, peers } of table) {
  const own = peers.engram;
  const ours = own.failed ?? `${time(own.seconds)} per ${unit}${megabytes(own.bytes)}${blocking(own)}`;
  const others = Object.entries(peers).filter(([peer]) => peer !== 'engram');
  if (others.length === 0) console.log(`| ${name} | ${ours} | | | |`);
  for (const [peer, other] of others) {
    const theirs = other.failed ?? `${time(other.seconds)}${megabytes(other.bytes)}${blocking(other)}`;
    const ratio = other.failed || own.failed ? '' : `${(other.seconds / own.seconds).toPrecision(3)}x`;
    console.log(`| ${name} | ${ours} | ${peer} | ${theirs} | ${ratio} |`);
  }
}

const curves = {};
if (values.only === '' || values.only === 'growth') {
  console.log('\n| grows | shape | time per sequence | memory |\n| --- | --- | --- | --- |');
  for (const [key, shapes] of Object.entries(growth)) {
    const tasks = shapes.map((shape) => ({
      peer: 'engram',
      task: { kind: 'train', name: `${key} ${shape[key]}`, shape, threads: shape.threads },
    }));
    const measured = interleave(tasks);
    curves[key] = measured.map((summary, index) => ({ shape: shapes[index], ...summary }));
    for (const { shape, seconds, bytes, failed } of curves[key]) {
      console.log(
        `| ${key} | ${shape[key]} | ${failed ?? time(seconds)} | ${bytes ? megabytes(bytes).slice(2) : ''} |`,
      );
    }
  }
}
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'bench.json'), `${JSON.stringify({ machine, rounds, table, curves }, null, 2)}\n`);
