// Builds pkg/: the engine to wasm, its glue, and the TypeScript around it; with --www also the page.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { npmPackages, root, run, target, wasmToolchain } from './toolchain.mjs';

const template = join(root, 'pkg-template');
const generated = join(template, 'src/engine/generated');
const pkg = join(root, 'pkg');

/** First memory of an instance: the engine's data and the page's stack lie in it. */
const LINKED_MEMORY = 4 * 2 ** 20;
/** wasm-bindgen adds pages of its own for threads, so instances start with a little more. */
const INITIAL_MEMORY = LINKED_MEMORY + 2 ** 20;
const features = ['+atomics', '+bulk-memory', '+mutable-globals', '+simd128', '-multivalue'];
/** What the engine's module uses, and what wasm-opt may use: all of it runs in every supported runtime. */
const wasmFeatures = [
  'threads',
  'simd',
  'bulk-memory',
  'bulk-memory-opt',
  'exception-handling',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
];
const linkArguments = [
  '--shared-memory',
  '--import-memory',
  `--initial-memory=${LINKED_MEMORY}`,
  `--max-memory=${2 ** 32}`,
  // Functions of compiled programs are put into the table (src/bindings/compiled.rs).
  '--growable-table',
  ...['__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base'].map((name) => `--export=${name}`),
];

/** A line of the bundle for require, in whose place the script made of it opens. */
const FIRST_LINE = '"use strict";';

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const upToDate = (product, ...sources) =>
  existsSync(product) && statSync(product).mtimeMs >= Math.max(...sources.map((source) => newest(join(root, source))));

/** Flags of every module, with which the standard library is built once for all. */
const flags = [
  `-C target-feature=${features.join(',')}`,
  // A panic becomes an exception in JavaScript and the instance lives on; the older encoding is
  // the one that every supported runtime has.
  '-C panic=unwind -C llvm-args=-wasm-use-legacy-eh=true',
  // What must be inlined says so, and what must be unrolled has fixed bounds. A fifth of the usual threshold,
  // and no unrolling of other loops, make the module smaller, not slower.
  '-C llvm-args=--inline-threshold=25 -C llvm-args=-unroll-runtime=false',
  // The kernels are written in vectors; what the compiler would turn into some is elsewhere and not hot.
  '-C no-vectorize-loops -C no-vectorize-slp',
  // What only Debug would print, and the line of a panic, are a tenth of the module. So no message
  // of the engine may use {:?}.
  '-Z fmt-debug=none -Z location-detail=none',
];

/** Compiles a crate to an optimised module and its glue, as files of its name. */
function compile({ crate, name, linking }) {
  const { name: compiler, cargo, args, env, linker } = wasmToolchain();
  console.log(`build: ${name}.wasm, with ${compiler}`);
  run(
    cargo,
    [
      ...args,
      'rustc',
      '--release',
      '--lib',
      '-p',
      crate,
      '--target',
      'wasm32-unknown-unknown',
      '-Zbuild-std=std,panic_unwind',
      '-Zbuild-std-features=optimize_for_size',
      '--',
      ...linking.map((argument) => `-Clink-arg=${argument}`),
    ],
    {
      env: {
        ...process.env,
        ...env,
        CARGO_TARGET_DIR: join(target, 'wasm'),
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
        RUSTFLAGS: flags.join(' '),
      },
    },
  );
  console.log('build: glue');
  const out = join(target, 'bindgen');
  run('cargo', ['build', '--release', '--quiet', '-p', 'bindgen']);
  run(join(target, 'release/bindgen'), [join(target, `wasm/wasm32-unknown-unknown/release/${name}.wasm`), out]);
  run(process.execPath, [
    join(root, 'node_modules/binaryen/bin/wasm-opt'),
    join(out, `${name}_bg.wasm`),
    '-O2',
    // The compiler has inlined what is worth it; what is left compresses better in pieces.
    '--one-caller-inline-max-function-size=0',
    '--converge',
    // Twins for both precisions come near each other, where a compressor sees that they are alike.
    '--reorder-functions-by-name',
    '--strip-debug',
    '--strip-producers',
    ...wasmFeatures.map((feature) => `--enable-${feature}`),
    '-o',
    join(out, `${name}.wasm`),
  ]);
  // The glue last, by whose time the next build sees whether it is up to date.
  for (const ending of ['wasm', 'd.ts', 'js'])
    cpSync(join(out, `${name}.${ending}`), join(generated, `${name}.${ending}`));
}

function buildWasm() {
  mkdirSync(generated, { recursive: true });
  const sources = ['src', 'Cargo.toml', 'Cargo.lock', 'tools', 'scripts/build.mjs'];
  if (!upToDate(join(generated, 'engram.js'), ...sources)) {
    writeFileSync(join(generated, 'memory.ts'), `export const INITIAL_MEMORY = ${INITIAL_MEMORY};\n`);
    const tables = execFileSync('cargo', ['run', '--release', '--quiet', '-p', 'tables'], { cwd: root });
    writeFileSync(join(generated, 'tables.ts'), tables);
    compile({ crate: 'engram', name: 'engram', linking: linkArguments });
  }
  if (!upToDate(join(generated, 'engram_rocket.js'), 'rocket', ...sources)) {
    compile({ crate: 'engram-rocket', name: 'engram_rocket', linking: [] });
  }
}

/** Bundles the TypeScript side: one file per entry, and the worker's script, each with a map that has its sources. */
async function bundle() {
  const out = join(pkg, 'dist');
  if (upToDate(join(out, 'engram.js'), 'pkg-template', 'README.md', 'scripts/build.mjs')) return;
  console.log('build: package');
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
  const bundled = (entries, options = {}) =>
    build({
      bundle: true,
      target: 'es2022',
      platform: 'neutral',
      format: 'esm',
      legalComments: 'inline',
      sourcemap: 'linked',
      loader: { '.wasm': 'base64', '.txt': 'text' },
      // package.json says of dist/, not of the sources, what has side effects.
      ignoreAnnotations: true,
      // Files by their names; without the extension, as esbuild adds it.
      entryPoints: Object.entries(entries).map(([name, source]) => ({
        in: join(template, `src/${source}.ts`),
        out: name,
      })),
      outdir: out,
      external: ['./inlined.js', './whole.js', './worker-text.js', './engram.cjs'],
      // What the glue would do to classes as it is loaded keeps in a bundle what it does not use.
      define: { VERSION: JSON.stringify(version), 'Symbol.dispose': 'undefined' },
      ...options,
    });
  rmSync(pkg, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // Code has its names, and no more space than it needs; lines that stacks can show. Short lines compress worse.
  const lean = { minifyWhitespace: true, minifySyntax: true, lineLimit: 1000 };
  await bundled({ worker: 'worker/worker' }, lean);
  // Every library carries the worker's script, for where its file is lost on the way; the map is lost with it.
  const worker = readFileSync(join(out, 'worker.js'), 'utf8').replace(/\/\/# sourceMappingURL=.*\n$/, '');
  writeFileSync(join(generated, 'worker.txt'), worker);
  await bundled(
    { 'rocket-worker': 'rocket/worker' },
    { ...lean, format: 'iife', sourcemap: false, outdir: join(target, 'rocket') },
  );
  cpSync(join(target, 'rocket/rocket-worker.js'), join(generated, 'rocket-worker.txt'));
  declarations(out);
  await bundled({ inlined: 'entries/inlined', 'worker-text': 'entries/worker-text' });
  // What both have is a file of its own, so that Node reads the rest when it is used.
  const core = { splitting: true, chunkNames: 'core' };
  await bundled({ library: 'entries/library', whole: 'entries/whole' }, { ...lean, ...core });
  await bundled({ engram: 'entries/module', slim: 'entries/slim' }, lean);
  const inflate = join(template, 'src/exchange/inflate.ts');
  const exchange = {
    ...lean,
    banner: { js: 'import"./whole.js";' },
    // Its libraries say what of them has no effect, and most of that is not used.
    ignoreAnnotations: false,
    // jsfive prints what it does not know.
    drop: ['console'],
    // jsfive's bundle brings a library for compressed data; its modules can do with the one that is there.
    alias: { jsfive: join(root, 'node_modules/jsfive') },
    plugins: [{ name: 'inflate', setup: ({ onResolve }) => onResolve({ filter: /pako/ }, () => ({ path: inflate })) }],
  };
  await bundled({ exchange: 'entries/exchange' }, exchange);
  forRequire(out, 'exchange', 'import"./whole.js";', 'require("./engram.cjs");');
  await bundled({ rocket: 'entries/rocket', data: 'entries/data' }, { ...lean, banner: { js: FIRST_LINE } });
  for (const name of ['rocket', 'data']) forRequire(out, name, FIRST_LINE, '');
  const realm = 'import"./whole.js";import*as engramRocket from"./rocket.js";';
  await bundled({ compare: 'entries/compare' }, { ...lean, banner: { js: realm } });
  forRequire(out, 'compare', realm, 'require("./engram.cjs");const engramRocket=require("./rocket.cjs");');
  const inject = [join(template, 'src/entries/text-coders.ts')];
  await bundled(
    { engram: 'entries/commonjs' },
    {
      ...lean,
      format: 'cjs',
      inject,
      outExtension: { '.js': '.cjs' },
      banner: { js: FIRST_LINE },
    },
  );
  await script(out, (options) => bundled({ inlined: 'entries/inlined' }, { ...lean, external: [], ...options }));
  // Synaptic's paths, for programs that have engram under Synaptic's name.
  const oldPaths = { synaptic: 'entries/old-path', 'synaptic.min': 'entries/old-path' };
  // They are CommonJS for who takes them so.
  const logOverride = { 'commonjs-variable-in-esm': 'silent' };
  await bundled(oldPaths, { format: 'iife', external: ['./engram.cjs'], ...lean, logOverride });
  keepOwnSources(out);
  cpSync(join(target, 'bindgen/engram.wasm'), join(out, 'engram.wasm'));
  cpSync(join(template, 'package.json'), join(pkg, 'package.json'));
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md']) cpSync(join(root, name), join(pkg, name));
}

/** A module for require, line for line, so that one map serves both; `first` is its first line, which `required` replaces. */
function forRequire(out, name, first, required) {
  const [found, ...lines] = readFileSync(join(out, `${name}.js`), 'utf8').split('\n');
  if (found !== first) throw new Error(`build: ${name}.js begins with ${found.slice(0, 80)}`);
  const code = lines.join('\n').replace(/export\{([^}]*)\};/, (_, names) =>
    names
      .split(',')
      .map((name) => name.split(' as '))
      .map(([own, given = own]) => `exports.${given}=${own};`)
      .join(''),
  );
  writeFileSync(join(out, `${name}.cjs`), `"use strict";${required}\n${code}`);
}

/**
 * The one-file script for pages without modules, which gives the global `engram`, and Synaptic's `synaptic` where the
 * page has none: the bundle for require as a function, line for line, so that one map serves both, and what it
 * requires within it.
 */
async function script(out, bundled) {
  const { outputFiles } = await bundled({ format: 'iife', globalName: 'inlined', sourcemap: false, write: false });
  let library = readFileSync(join(out, 'engram.cjs'), 'utf8').split('\n//# sourceMappingURL')[0];
  // Names of the same length, and not those by which tools know CommonJS.
  for (const [theirs, own] of [
    ['module.exports=', 'engram_exports='],
    ['require(', 'bundled('],
  ]) {
    if (library.split(theirs).length !== 2 || library.includes(own)) throw new Error(`build: engram.cjs has ${theirs}`);
    library = library.replace(theirs, own);
  }
  const open = '"use strict";var engram=(()=>{let engram_exports;';
  const close = `function bundled(){${outputFiles[0].text.trim()}return inlined}return engram_exports})();`;
  if (!library.startsWith(`${FIRST_LINE}\n`)) throw new Error('build: engram.cjs has another first line');
  const text = `${open}${library.slice(FIRST_LINE.length)}\n${close}globalThis.synaptic??=engram.default;\n`;
  writeFileSync(join(out, 'engram.script.js'), `${text}//# sourceMappingURL=engram.cjs.map\n`);
}

/** Leaves out of the maps what the build has generated, and other people's libraries. */
function keepOwnSources(out) {
  for (const name of readdirSync(out).filter((file) => file.endsWith('.map'))) {
    const map = JSON.parse(readFileSync(join(out, name), 'utf8'));
    for (const [index, source] of map.sources.entries()) {
      if (/\/generated\/|node_modules/.test(source)) map.sourcesContent[index] = null;
    }
    writeFileSync(join(out, name), JSON.stringify(map));
  }
}

/** Types for import, and a copy of them for require, which CommonJS resolution asks for. */
function declarations(out) {
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(template, 'tsconfig.json')]);
  const types = join(out, 'types');
  // What the entries' types do not mention is nobody's business.
  const public_ = new Set();
  const visit = (name) => {
    if (public_.has(name)) return;
    public_.add(name);
    const text = readFileSync(join(types, name), 'utf8');
    for (const [, other] of text.matchAll(/from '(\..+)\.js'/g)) visit(join(dirname(name), `${other}.d.ts`));
  };
  [
    'entries/api.d.ts',
    'entries/slim-api.d.ts',
    'exchange/index.d.ts',
    'rocket/index.d.ts',
    'compare/index.d.ts',
    'readers/index.d.ts',
  ].forEach(visit);
  for (const name of readdirSync(types, { recursive: true })) {
    if (name.endsWith('.d.ts') && !public_.has(name)) rmSync(join(types, name));
  }
  cpSync(types, join(out, 'types-cjs'), { recursive: true });
  writeFileSync(join(out, 'types-cjs/package.json'), '{ "type": "commonjs" }\n');
}

/** Lets examples and tests import the package by its name, as its users do. */
function link() {
  const place = join(root, 'node_modules/engram');
  if (!existsSync(place)) symlinkSync(pkg, place, 'junction');
}

/** Builds what is out of date. */
export async function build() {
  npmPackages();
  buildWasm();
  await bundle();
  link();
}

/** Builds the workbench to static files that work under any path. */
export async function buildPage() {
  await build();
  const dist = join(root, 'www/dist/index.html');
  const sources = ['www/index.html', 'www/src', 'www/vite.config.js', 'examples/names/first-names.json'];
  if (upToDate(dist, ...sources, 'pkg/dist/engram.js')) return;
  console.log('build: page');
  // A process of its own: Vite changes NODE_ENV, and so what npm would install from here.
  run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'www', '--logLevel', 'warn']);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const page = process.argv[2] === '--www';
  await (page ? buildPage() : build());
  console.log(`build: ${page ? 'www/dist/' : 'pkg/'} is ready`);
}
