// Builds pkg/: the engine to wasm, its glue, and the TypeScript around it; with --www also the page.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
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
const features = ['+atomics', '+bulk-memory', '+mutable-globals', '+simd128'];
/** What the engine's module uses, and what wasm-opt may use: all of it runs in every supported runtime. */
const wasmFeatures = [
  'threads',
  'simd',
  'bulk-memory',
  'bulk-memory-opt',
  'exception-handling',
  'mutable-globals',
  'multivalue',
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

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const upToDate = (product, ...sources) =>
  existsSync(product) && statSync(product).mtimeMs >= Math.max(...sources.map((source) => newest(join(root, source))));

async function buildWasm() {
  const glue = join(generated, 'engram.js');
  if (upToDate(glue, 'src', 'Cargo.toml', 'Cargo.lock', 'tools', 'scripts/build.mjs')) return;
  const { name, cargo, args, env, linker } = wasmToolchain();
  console.log(`build: engine, with ${name}`);
  const flags = [
    `-C target-feature=${features.join(',')}`,
    ...linkArguments.map((argument) => `-C link-arg=${argument}`),
    // A panic becomes an exception in JavaScript and the instance lives on; the older encoding is
    // the one that every supported runtime has.
    '-C panic=unwind -C llvm-args=-wasm-use-legacy-eh=true',
    // What must be inlined says so, and what must be unrolled has fixed bounds. A fifth of the usual threshold,
    // and no unrolling of other loops, make the module smaller, not slower.
    '-C llvm-args=--inline-threshold=50 -C llvm-args=-unroll-runtime=false',
    // The kernels are written in vectors; what the compiler would turn into some is elsewhere and not hot.
    '-C no-vectorize-loops -C no-vectorize-slp',
    // What only Debug would print, and the line of a panic, are a tenth of the module. So no message
    // of the engine may use {:?}.
    '-Z fmt-debug=none -Z location-detail=none',
  ];
  run(
    cargo,
    [
      ...args,
      'build',
      '--release',
      '--lib',
      '--target',
      'wasm32-unknown-unknown',
      '-Zbuild-std=std,panic_unwind',
      '-Zbuild-std-features=optimize_for_size',
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
  run(join(target, 'release/bindgen'), [join(target, 'wasm/wasm32-unknown-unknown/release/engram.wasm'), out]);
  const optimised = join(out, 'engram.wasm');
  run(process.execPath, [
    join(root, 'node_modules/binaryen/bin/wasm-opt'),
    join(out, 'engram_bg.wasm'),
    '-O2',
    // The compiler has inlined what is worth it; what is left compresses better in pieces.
    '--one-caller-inline-max-function-size=0',
    '--converge',
    '--strip-debug',
    '--strip-producers',
    ...wasmFeatures.map((feature) => `--enable-${feature}`),
    '-o',
    optimised,
  ]);
  mkdirSync(generated, { recursive: true });
  const code = readFileSync(optimised);
  // Its last level, as Zstandard is as quick to unpack as deflate and a sixth smaller.
  const { init, compress } = await import('@bokuweb/zstd-wasm');
  await init();
  const bytes = Buffer.from(compress(code, 22)).toString('base64');
  writeFileSync(join(generated, 'memory.ts'), `export const INITIAL_MEMORY = ${INITIAL_MEMORY};\n`);
  writeFileSync(
    join(generated, 'bytes.ts'),
    `export const SIZE = ${code.length};\nexport const bytes: string =\n  '${bytes}';\n`,
  );
  writeFileSync(
    join(generated, 'engram.d.ts'),
    `${readFileSync(join(out, 'engram.d.ts'), 'utf8')}\nexport function hasTrapped(): boolean;\n`,
  );
  writeFileSync(glue, completed(readFileSync(join(out, 'engram.js'), 'utf8')));
}

/**
 * The glue, with what wasm-bindgen leaves out: memory that is used up, memory that others have grown, and
 * instances on one memory that trap one by one. And so that a bundler can leave out of the worker what only a
 * page uses.
 */
function completed(glue) {
  const changes = [
    // In the engine (src/bindings/mod.rs).
    ['new PanicError(arg0)', "arg0.startsWith('out of memory') ? new RangeError(arg0) : new PanicError(arg0)"],
    // On the way in: what wasm-bindgen calls for an argument's room traps.
    [/\bmalloc\((.+?), (\d)\) >>> 0/g, 'allocate(malloc, $1, $2) >>> 0'],
    [/\bwasm\.memory\.buffer\b/g, 'currentBuffer()'],
    [
      'wasm.__wbindgen_start(thread_stack_size);',
      '$&\n    pages = new Int32Array(wasm.memory.buffer, wasm.pagesAddress(), 1);',
    ],
    // An instance that has trapped must not be used again. Its note of that lies in the memory, and would end
    // the instances of all threads.
    ['getInt32ArrayMemory0()[__wbg_terminated_addr] = 1;', 'trapped = true;'],
    ["'Module terminated'", "'the engine has trapped in an earlier call and can not be used any more'"],
    [/^let __wbg_terminated_addr;\n/m, 'let trapped = false;\n'],
    [/^ +__wbg_terminated_addr \?\?= .*\n.*\n/m, '    const flag = trapped;\n'],
    [/^if \(Symbol\.dispose\) .*\n/gm, ''],
    [/= \(typeof FinalizationRegistry === .*\n.*\n.*: new (?=FinalizationRegistry)/g, '= /* @__PURE__ */ new '],
  ];
  const more = `
function allocate(malloc, bytes, alignment) {
    try {
        return malloc(bytes, alignment);
    } catch {
        throw new RangeError(\`out of memory: \${bytes} bytes more than options.maxMemory of configure allows\`);
    }
}

/** Whether this thread's engine has trapped, so that every call throws. */
export function hasTrapped() {
    return trapped;
}

/** Pages that are in use in all threads (src/shared.rs). */
let pages;

/** The memory as it is: V8 tells a thread late that another one has grown it, and growing by nothing asks. */
function currentBuffer() {
    if (pages !== undefined && Atomics.load(pages, 0) * 65536 > wasm.memory.buffer.byteLength) wasm.memory.grow(0);
    return wasm.memory.buffer;
}
`;
  return (
    changes.reduce((text, [from, to]) => {
      const changed = text.replace(from, to);
      if (changed === text) throw new Error(`the glue has no ${from}`);
      return changed;
    }, glue) + more
  );
}

/** Bundles the TypeScript side: one file per entry, and the worker's script. */
async function bundle() {
  const out = join(pkg, 'dist');
  if (upToDate(join(out, 'engram.js'), 'pkg-template', 'README.md', 'scripts/build.mjs')) return;
  console.log('build: package');
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
  const bundled = (name, options) =>
    build({
      bundle: true,
      target: 'es2022',
      platform: 'neutral',
      format: 'esm',
      legalComments: 'inline',
      minifyWhitespace: true,
      minifySyntax: true,
      // Names stay: the package has no room for source maps with their sources, half as much again, and a
      // stack of calls is to be read without them.
      minifyIdentifiers: false,
      sourcemap: 'external',
      // Node prints the line that an error comes from.
      lineLimit: 400,
      entryPoints: [join(template, `src/${name}.ts`)],
      define: { VERSION: JSON.stringify(version) },
      ...options,
    });
  rmSync(pkg, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const worker = join(out, 'worker.js');
  await bundled('worker/worker', { outfile: worker });
  // Every library carries the worker's script, for where its file is lost on the way.
  writeFileSync(
    join(generated, 'worker-source.ts'),
    `export const workerSource: string =\n  ${JSON.stringify(readFileSync(worker, 'utf8'))};\n`,
  );
  declarations(out);
  // Who fetches the engine apart counts bytes.
  await bundled('entries/slim', { minifyIdentifiers: true, outfile: join(out, 'slim.js') });
  await bundled('entries/script', { format: 'iife', globalName: 'engram', outfile: join(out, 'engram.script.js') });
  const onScript = {
    minifyWhitespace: false,
    minifySyntax: false,
    sourcemap: false,
    external: ['./engram.script.js', 'node:*'],
  };
  await bundled('entries/index', { ...onScript, outfile: join(out, 'engram.js') });
  await bundled('entries/commonjs', {
    ...onScript,
    format: 'cjs',
    outfile: join(out, 'engram.cjs'),
    // package.json says of dist/, not of the sources, what has side effects.
    ignoreAnnotations: true,
    define: { VERSION: JSON.stringify(version), 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  cpSync(join(target, 'bindgen/engram.wasm'), join(out, 'engram.wasm'));
  const maps = join(target, 'maps');
  mkdirSync(maps, { recursive: true });
  for (const file of ['worker.js', 'slim.js', 'engram.script.js']) {
    renameSync(join(out, `${file}.map`), join(maps, `${file}.map`));
  }
  cpSync(join(template, 'package.json'), join(pkg, 'package.json'));
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md']) cpSync(join(root, name), join(pkg, name));
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
  ['entries/api.d.ts', 'entries/slim.d.ts'].forEach(visit);
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
  await buildWasm();
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
