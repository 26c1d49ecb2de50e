// Builds the Python package: a wheel under target/wheels, with what that takes in a virtual environment of its own.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root, run, target } from './toolchain.mjs';

const requirements = join(root, 'python/requirements-test.txt');
const environment = join(target, 'python');
const isWindows = process.platform === 'win32';

/** A program of the virtual environment. */
export const program = (name) => join(environment, isWindows ? 'Scripts' : 'bin', isWindows ? `${name}.exe` : name);

/** Makes the virtual environment, or anew where other versions are asked for than it has. */
function prepare() {
  const wanted = readFileSync(requirements, 'utf8');
  const note = join(environment, 'requirements.txt');
  if (existsSync(note) && readFileSync(note, 'utf8') === wanted) return;
  const python = process.env.PYTHON ?? (isWindows ? 'python' : 'python3');
  try {
    execFileSync(python, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))']);
  } catch {
    throw new Error(`The Python package needs CPython 3.10 or later with venv; '${python}' is none (set PYTHON).`);
  }
  console.log('build: Python environment');
  rmSync(environment, { recursive: true, force: true });
  run(python, ['-m', 'venv', environment]);
  // Old versions of pip trip over the metadata of some packages.
  run(program('python'), ['-m', 'pip', 'install', '--quiet', '--upgrade', 'pip']);
  run(program('python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  writeFileSync(note, wanted);
}

/** Builds the wheel, and installs it in the virtual environment. */
export function buildPython() {
  prepare();
  console.log('build: Python wheel');
  const wheels = join(target, 'wheels');
  rmSync(wheels, { recursive: true, force: true });
  mkdirSync(wheels, { recursive: true });
  const manifest = join(root, 'python/Cargo.toml');
  run(program('maturin'), ['build', '--release', '--quiet', '--manifest-path', manifest, '--out', wheels]);
  const [wheel] = readdirSync(wheels).map((name) => join(wheels, name));
  run(program('python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '--force-reinstall', wheel]);
  return wheel;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(`build: ${buildPython()} is ready`);
