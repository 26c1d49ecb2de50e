// npm run test:exchange: the real libraries, in a virtual environment of their own, judge what engram/exchange writes and
// make anew what it is tested with.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build } from './build.mjs';
import { npmPackages, root, run, target } from './toolchain.mjs';

const tests = join(root, 'tests/exchange');
const environment = process.env.ENGRAM_EXCHANGE_VENV ?? join(target, 'exchange-venv');
const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

await build();
npmPackages('tests/exchange');
if (!existsSync(python)) {
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--upgrade', 'pip']);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(tests, 'requirements.txt')]);
}
const folder = mkdtempSync(join(tmpdir(), 'engram-exchange-'));
try {
  run(process.execPath, [join(tests, 'real.mjs'), folder]);
  run(python, [join(tests, 'real.py'), folder]);
  // Vectors of this day's versions, against which the same tests hold.
  run(python, [join(tests, 'make_pytorch.py'), folder]);
  run(python, [join(tests, 'make_keras.py'), folder], { env: { ...process.env, KERAS_BACKEND: 'torch' } });
  const env = { ...process.env, ENGRAM_EXCHANGE_VECTORS: folder };
  run(process.execPath, ['--test', '--test-reporter=dot', `${tests}/`], { env });
} finally {
  rmSync(folder, { recursive: true });
}
