// The rules of the house, which ARCHITECTURE.md states: floors, doors, and what may stand where.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');

/** Files of a folder with one of these endings, by their path in the repository. */
function files(folder, ...endings) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
const read = (file) => readFileSync(join(root, file), 'utf8');
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '$1');

/** What a file imports of its own half, by value or by type. */
function imports(file) {
  const found = withoutComments(read(file)).matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g);
  return Array.from(found, ([, target]) => join(dirname(file), target).split(sep).join('/').replace(/\.js$/, ''));
}

/** Fails where the imports of files lead back to where they came from. */
function refuseCircles(graph) {
  const done = new Set();
  const visit = (file, path) => {
    assert.ok(!path.includes(file), `a circle of imports: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
}

const TYPESCRIPT = 'pkg-template/src';
/** From the ground up. */
const FLOORS = [
  'checks',
  'engine',
  'graph',
  'data',
  'worker',
  'training',
  'network',
  'sequences',
  'rocket',
  'readers',
  'compare',
  'exchange',
  'packs',
  'entries',
];

const typescript = files(TYPESCRIPT, '.ts').filter((file) => !file.includes('/generated/') && !file.endsWith('.d.ts'));
const graphOf = (list, ending) => new Map(list.map((file) => [file.slice(0, -ending.length), imports(file)]));

test('no import of the package leads to a higher floor', () => {
  const floor = (file) => FLOORS.indexOf(file.slice(TYPESCRIPT.length + 1).split('/')[0]);
  for (const file of typescript) {
    assert.notEqual(floor(file), -1, `${file} stands in no room`);
    for (const target of imports(file)) {
      assert.ok(target.startsWith(TYPESCRIPT), `${file} imports ${target}`);
      assert.ok(floor(target) <= floor(file), `${file} imports ${target}, from a higher floor`);
    }
  }
});

test('imports go in no circle, in the package and in the page', () => {
  refuseCircles(graphOf(typescript, '.ts'));
  refuseCircles(graphOf(files('www/src', '.js'), '.js'));
});

/** Rust sources without what is compiled for tests only. */
const rust = files('src', '.rs').filter((file) => !/\/tests\.rs$|\/fuzz\.rs$/.test(file));
const core = rust.filter((file) => !file.startsWith('src/bindings/'));

test('the core names no crate of JavaScript, and no border', () => {
  for (const file of core) {
    const text = withoutComments(read(file));
    for (const crate of ['js_sys', 'web_sys', 'wasm_bindgen', 'serde', 'console_error_panic_hook', 'crate::bindings']) {
      assert.ok(!text.includes(crate), `${file} names ${crate}`);
    }
  }
});

test('unsafe code stands in the kernels and in the module of shared memory alone, and says why', () => {
  const allowed = (file) =>
    file === 'src/shared.rs' || file.startsWith('src/shared/') || file.startsWith('src/kernels/');
  for (const file of rust) {
    const text = read(file);
    if (!/\bunsafe\b/.test(withoutComments(text).replaceAll('unsafe_', ''))) continue;
    assert.ok(allowed(file), `${file} has unsafe code`);
    assert.match(text, /SAFETY/, `${file} does not say why its unsafe code is sound`);
  }
});

/** Rust modules from the ground up; those on one line know nothing of each other. */
const RUST_FLOORS = [
  ['error', 'random'],
  ['field'],
  ['kernels', 'data'],
  ['graph', 'rocket'],
  ['shared'],
  ['program'],
  ['compile', 'growth', 'learn'],
  ['network'],
  ['stream', 'train'],
  ['bindings'],
];

test('no module of the engine uses one from a higher floor', () => {
  const floor = (module) => RUST_FLOORS.findIndex((floor) => floor.includes(module));
  for (const file of rust.filter((file) => file !== 'src/lib.rs')) {
    const module = file.split('/')[1].replace(/\.rs$/, '');
    assert.notEqual(floor(module), -1, `${file} stands on no floor`);
    const [text] = withoutComments(read(file)).split('#[cfg(test)]');
    for (const [, other] of text.matchAll(/\bcrate::(\w+)/g)) {
      if (other === module || floor(other) === -1) continue;
      assert.ok(floor(other) < floor(module), `${file} uses crate::${other}, from no lower floor`);
    }
  }
});

test('no source file is longer than 500 lines unless ARCHITECTURE.md says why', () => {
  const architecture = read('ARCHITECTURE.md');
  for (const file of [...rust, ...typescript, ...files('www/src', '.js')]) {
    const [own] = read(file).split('#[cfg(test)]\nmod tests');
    const lines = own.split('\n').length;
    assert.ok(lines <= 500 || architecture.includes(file), `${file} has ${lines} lines`);
  }
});

test('what both sides of the border know alike is what the engine says', () => {
  const executable = join(root, 'target/release', process.platform === 'win32' ? 'tables.exe' : 'tables');
  const said = execFileSync(executable, { encoding: 'utf8' });
  assert.equal(read('pkg-template/src/engine/generated/tables.ts'), said);
  // And stands nowhere else: a constant of the tables is not written down again.
  for (const file of typescript) {
    const text = withoutComments(read(file));
    for (const [, name] of said.matchAll(/export const ([A-Z_]+) =/g)) {
      assert.doesNotMatch(text, new RegExp(`const ${name}\\b`), `${file} has a ${name} of its own`);
    }
    assert.doesNotMatch(text, /0xffff_ffff|4_294_967_295/, `${file} has NO_TARGET as a number`);
  }
});
