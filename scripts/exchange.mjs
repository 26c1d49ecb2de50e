// npm run test:exchange: the real libraries judge what engram/exchange writes, and make anew what it is tested with. They
// are installed outside of the repository, once: in a folder of the system's for temporary files, or in ENGRAM_EXCHANGE.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build } from './build.mjs';
import { npmPackages, root, run } from './toolchain.mjs';

const tests = join(root, 'tests/exchange');
const libraries = process.env.ENGRAM_EXCHANGE ?? join(tmpdir(), 'engram-exchange');
const environment = join(libraries, 'venv');
const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

await build();
npmPackages('tests/exchange');
const ready = join(libraries, 'ready');
if (!existsSync(ready)) {
  mkdirSync(libraries, { recursive: true });
  run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefix',
    libraries,
    '@tensorflow/tfjs@4.22.0',
  ]);
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--upgrade', 'pip']);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(tests, 'requirements.txt')]);
  writeFileSync(ready, '');
}
const folder = mkdtempSync(join(tmpdir(), 'engram-exchange-'));
try {
  run(process.execPath, [join(tests, 'real.mjs'), folder]);
  run(python, [join(tests, 'real.py'), folder]);
  // Vectors of this day's versions, against which the same tests hold.
  run(python, [join(tests, 'make_pytorch.py'), folder]);
  run(python, [join(tests, 'make_keras.py'), folder], { env: { ...process.env, KERAS_BACKEND: 'torch' } });
  run(process.execPath, [join(tests, 'make_tfjs.mjs'), libraries, folder]);
  const env = { ...process.env, ENGRAM_EXCHANGE_VECTORS: folder };
  run(process.execPath, ['--test', '--test-reporter=dot', '--test-concurrency=1', `${tests}/`], { env });
} finally {
  rmSync(folder, { recursive: true });
}
