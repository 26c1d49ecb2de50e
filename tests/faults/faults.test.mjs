// The rows of RELIABILITY.md that happen in Node: a promise that settles, an error that says what
// happened, a network that can be used, and a next run that works.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('scenarios.mjs', import.meta.url));
const LIMIT = { timeout: 120_000 };

function happens(name, [command, ...args] = [process.execPath, script, name]) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', timeout: 100_000 });
  assert.equal(status, 0, `${name}: ${stdout}${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** [scenario, what it is, what the error says] */
const ROWS = [
  ['throw', 'an exception in the worker', /^Error: thrown in the worker$/],
  ['trap', 'a trap in the worker', /^RuntimeError: unreachable$/],
  ['engine', 'a trap of the engine in the worker', /^RuntimeError: null function/],
  ['exit', 'a worker that is killed', /^Error: the worker ended with code 3$/],
  ['missing', "a worker's script that is missing", /^Error: .*no-such-worker\.mjs/],
  ['unsendable', 'a value that can not be posted', /^DataCloneError|^TypeError|could not be cloned/],
  [
    'memory',
    'memory that is used up',
    /^RangeError: Trainer\.trainAsync: sequences of .+; RangeError: new Architect\.LSTM: out of memory/,
  ],
  ['twoRuns', 'two runs on one network', /^TypeError: .*is being trained.* \(aborted\)$/],
  ['free', 'free during a run', /^TypeError: Network\.free: .*is being trained/],
  ['clock', 'a clock that jumps', /^same true, sound true$/],
  ['slim', 'a module that is missing, cut or something else', /missing\.wasm.*; .*cut\.wasm.*; .*page\.wasm/],
];

for (const [name, title, expected] of ROWS) {
  test(`${title}`, LIMIT, (t) => {
    const { said, usable, next } = happens(name);
    t.diagnostic(said);
    assert.match(said, expected);
    assert.deepEqual({ usable, next }, { usable: true, next: 'iterations' });
  });
}

test('a trap of the engine on the page, during a run', LIMIT, (t) => {
  const { said, usable, next } = happens('page');
  t.diagnostic(said);
  assert.match(said, /^RuntimeError: .*null function.*; Error: .*the engine has trapped in an earlier call/);
  assert.deepEqual({ usable, next }, { usable: true, next: 'aborted' });
});

test('a disk that is full', { ...LIMIT, skip: process.platform === 'win32' }, (t) => {
  const shell = `trap '' XFSZ; ulimit -f 8; exec "${process.execPath}" "${script}" disk`;
  const { said, kept, usable, next } = happens('disk', ['bash', '-c', shell]);
  t.diagnostic(said);
  assert.match(said, /EFBIG|ENOSPC|file too large/i);
  assert.equal(kept, 0);
  assert.deepEqual({ usable, next }, { usable: true, next: 'iterations' });
});

test(
  'calls of WebAssembly survive that optimised code is given up, for all that functions of the engine return',
  LIMIT,
  () => {
    for (const [kind, result] of Object.entries({ nothing: 'undefined', i32: '7', f64: '7' })) {
      const program = fileURLToPath(new URL('deoptimised.mjs', import.meta.url));
      const { stdout, status } = spawnSync(process.execPath, ['--allow-natives-syntax', program, kind], LIMIT);
      assert.deepEqual([`${stdout}`.trim(), status], [result, 0], kind);
    }
  },
);
