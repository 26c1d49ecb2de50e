// The package as users get it: installed from its tarball, built by their tools, run where they run it.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { serve, strict } from '../../scripts/serve.mjs';
import { root } from '../../scripts/toolchain.mjs';
import { openChromium, openFirefox, openWebKit } from '../browser/drivers.mjs';
import { EXPECTED } from './apps/runtimes/fingerprint.js';

const here = import.meta.dirname;
// Not in the repository, whose packages are not to be found from here.
const place = join(tmpdir(), 'engram-packaging');
const LIMIT = { timeout: 240_000 };
const RESULT = 'document.body.dataset.result';
/** Where the worker comes from a blob: bundlers that don't follow it, and the one-file script. */
const withBlobs = strict.replace("worker-src 'self'", "worker-src 'self' blob:");
/** What Synaptic itself needs of a page. */
const loose = withBlobs.replace("'wasm-unsafe-eval'", "'unsafe-eval'");

function run(command, args, { NODE_ENV = 'production', ...options } = {}) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: place, encoding: 'utf8', env, ...options });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

const bin = (name, args, folder, options) =>
  run(process.execPath, [join(place, name), ...args], { cwd: join(place, folder), ...options });
const modules = 'node_modules';
const dist = join(root, 'pkg/dist');

let tarball;
before(() => {
  mkdirSync(place, { recursive: true });
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const installed = join(place, 'installed-lock.json');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(here, name), join(place, name));
    run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
    writeFileSync(installed, lock);
  }
  rmSync(join(place, 'apps'), { recursive: true, force: true });
  cpSync(join(here, 'apps'), join(place, 'apps'), { recursive: true });
  const [{ filename }] = JSON.parse(run('npm', ['pack', join(root, 'pkg'), '--json']));
  tarball = join(place, filename);
  // Also under Synaptic's name, as `"synaptic": "npm:engram"` has it.
  const packages = [tarball, `synaptic@file:${tarball}`];
  run('npm', ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', ...packages]);
});

function judge(result, t) {
  t.diagnostic(result);
  const { error, accuracy, label } = JSON.parse(result);
  assert.equal(error, undefined);
  assert.equal(accuracy, 1);
  assert.equal(label, 'mine');
}

for (const name of ['import.mjs', 'require.cjs', 'thread.mjs', 'alias.mjs']) {
  test(`Node: ${name}`, LIMIT, (t) => judge(bin(`apps/node/${name}`, [], 'apps/node').trim(), t));
}

for (const name of ['exchange.mjs', 'exchange.cjs']) {
  test(`Node: ${name}`, LIMIT, () => assert.equal(bin(`apps/node/${name}`, [], 'apps/node').trim(), 'shared'));
}

for (const source of ['file', 'module', 'buffer', 'view', 'response', 'promise']) {
  test(`Node: engram/slim from a ${source}`, LIMIT, (t) => {
    judge(bin('apps/node/slim.mjs', [source], 'apps/node').trim(), t);
  });
}

test("Node: engram/slim without the worker's file", LIMIT, (t) => {
  const copy = join(place, 'apps/node-lost/node_modules/engram');
  cpSync(join(place, modules, 'engram'), copy, { recursive: true });
  rmSync(join(copy, 'dist/worker.js'));
  cpSync(join(place, 'apps/node/slim.mjs'), join(place, 'apps/node-lost/slim.mjs'));
  judge(bin('apps/node-lost/slim.mjs', ['file'], 'apps/node-lost').trim(), t);
});

// Without the condition `module` a bundler follows the bundle for require, and leaves its files behind.
for (const [bundle, conditions] of [
  ['module', []],
  ['require', ['--conditions=node']],
]) {
  test(`esbuild, for Node, by ${bundle}`, LIMIT, (t) => {
    const outfile = `dist/${bundle}.cjs`;
    const args = ['require.cjs', '--bundle', '--platform=node', `--outfile=${outfile}`, '--log-level=warning'];
    run(join(place, modules, '.bin/esbuild'), [...args, ...conditions], { cwd: join(place, 'apps/node') });
    judge(bin(join('apps/node', outfile), [], 'apps/node').trim(), t);
  });
}

/** Hash of the model that rocket.mjs trains. */
const ROCKET = '4731d23c12703a7a';

describe('one hash of weights', () => {
  const installed = (name) => join(place, modules, name);
  const runtimes = {
    'this Node': [process.execPath],
    'Node 20.19': [installed('node-20/bin/node')],
    'Node 22': [installed('node-22/bin/node')],
    'Node 24': [installed('node-24/bin/node')],
    'Node 26': [installed('node-26/bin/node')],
    Bun: [installed('bun-binary/bin/bun')],
    Deno: [installed('deno-binary/deno'), 'run', '--allow-all'],
  };
  for (const [name, [command, ...flags]] of Object.entries(runtimes)) {
    for (const program of ['import.mjs', 'both.mjs', 'required-first.cjs', 'imported-first.mjs']) {
      test(`${name}: ${program}`, LIMIT, (t) => {
        if (!existsSync(command)) return t.skip('there is no binary for this platform');
        assert.equal(run(command, [...flags, program], { cwd: join(place, 'apps/runtimes') }).trim(), EXPECTED);
      });
    }
    test(`${name}: rocket.mjs`, LIMIT, (t) => {
      if (!existsSync(command)) return t.skip('there is no binary for this platform');
      assert.equal(run(command, [...flags, 'rocket.mjs'], { cwd: join(place, 'apps/runtimes') }).trim(), ROCKET);
    });
  }

  test('workerd, with a module that the platform compiled', LIMIT, () => {
    const cwd = join(place, 'apps/workerd');
    const args = ['main.js', '--bundle', '--format=esm', '--outdir=dist', '--log-level=warning'];
    const wrangler = ['--conditions=workerd,worker,browser', '--external:engram/engram.wasm'];
    run(installed('.bin/esbuild'), [...args, ...wrangler], { cwd });
    cpSync(installed('engram/dist/engram.wasm'), join(cwd, 'dist/engram.wasm'));
    assert.equal(run(installed('.bin/workerd'), ['test', 'config.capnp'], { cwd }).trim(), EXPECTED);
  });
});

test('Jest, in its environment of Node and in jsdom', LIMIT, () => {
  bin(join(modules, 'jest/bin/jest.js'), ['--ci'], 'apps/jest', { NODE_ENV: 'test' });
});

test('Vitest, in its environment of Node and in jsdom', LIMIT, () => {
  bin(join(modules, 'vitest/vitest.mjs'), ['run'], 'apps/vitest', { NODE_ENV: 'test' });
});

/** Opens a page of `folder` and judges what it says, with isolation headers and without. */
async function visit(t, { folder, page, policy = strict, open = openChromium }) {
  for (const isolated of [true, false]) {
    const browser = await open({ isolated });
    if (browser === null) return t.skip("the browser can't be installed here");
    const server = await serve({ port: 0, isolated, folder: join(place, folder), policy });
    try {
      await browser.go(`http://localhost:${server.address().port}/${page}`);
      await browser.waitFor(`${RESULT} !== undefined`, 60_000);
      const result = await browser.evaluate(RESULT);
      judge(result, t);
      assert.equal(JSON.parse(result).isShared, isolated);
      // What a bundler has lost says so in the console, and the worker comes from a blob all the same.
      const problems = (browser.problems ?? []).filter((text) => !/404/.test(text));
      assert.deepEqual(problems, []);
    } finally {
      await browser.close();
      server.closeAllConnections();
      server.close();
    }
  }
}

const engines = { Chromium: openChromium, Firefox: openFirefox, WebKit: openWebKit };

describe('a page', { concurrency: 1 }, () => {
  test('Vite, built, in Chromium, Firefox and WebKit', LIMIT, async (t) => {
    bin(join(modules, 'vite/bin/vite.js'), ['build', '--base', './', '--logLevel', 'warn'], 'apps/vite');
    for (const open of Object.values(engines)) await visit(t, { folder: 'apps/vite/dist', page: '', open });
  });

  test('Vite, engram/slim', LIMIT, async (t) => {
    bin(join(modules, 'vite/bin/vite.js'), ['build', '--base', './', '--logLevel', 'warn'], 'apps/vite-slim');
    await visit(t, { folder: 'apps/vite-slim/dist', page: '' });
  });

  test("Vite's dev server", LIMIT, async (t) => {
    const port = await serverPort();
    const server = spawn(process.execPath, [join(place, modules, 'vite/bin/vite.js'), '--port', port, '--strictPort'], {
      cwd: join(place, 'apps/vite'),
    });
    await visitServer(t, server, `http://localhost:${port}/`);
  });

  test('webpack, engram and engram/slim', LIMIT, async (t) => {
    const said = bin(join(modules, 'webpack-cli/bin/cli.js'), ['--config', 'webpack.config.cjs'], 'apps/webpack');
    assert.doesNotMatch(said, /WARNING/);
    for (const page of ['index.html', 'slim.html']) {
      cpSync(join(place, 'apps/webpack', page), join(place, 'apps/webpack/dist', page));
      await visit(t, { folder: 'apps/webpack/dist', page });
    }
  });

  test('Rollup', LIMIT, async (t) => {
    bin(join(modules, 'rollup/dist/bin/rollup'), ['-c', 'rollup.config.mjs', '--silent'], 'apps/rollup');
    cpSync(join(place, 'apps/rollup/index.html'), join(place, 'apps/rollup/dist/index.html'));
    await visit(t, { folder: 'apps/rollup/dist', page: '', policy: withBlobs });
  });

  test('esbuild', LIMIT, async (t) => {
    const args = ['main.js', '--bundle', '--format=esm', '--outdir=dist', '--log-level=warning'];
    run(join(place, modules, '.bin/esbuild'), args, { cwd: join(place, 'apps/esbuild') });
    cpSync(join(place, 'apps/esbuild/index.html'), join(place, 'apps/esbuild/dist/index.html'));
    await visit(t, { folder: 'apps/esbuild/dist', page: '', policy: withBlobs });
  });

  test('a module without a bundler', LIMIT, (t) => visit(t, { folder: '', page: 'apps/module/' }));

  test('engram/slim without a bundler', LIMIT, (t) => visit(t, { folder: '', page: 'apps/slim/' }));

  test("engram/slim without the worker's file", LIMIT, (t) => {
    const copy = join(place, 'apps/slim-lost/engram');
    cpSync(join(place, modules, 'engram/dist'), copy, { recursive: true });
    rmSync(join(copy, 'worker.js'));
    return visit(t, { folder: '', page: 'apps/slim-lost/', policy: withBlobs });
  });

  test('engram/slim in one script, which knows no files', LIMIT, async (t) => {
    const folder = 'apps/slim-script';
    const args = ['main.js', '--bundle', '--format=iife', '--outdir=dist', '--log-level=error'];
    run(join(place, modules, '.bin/esbuild'), args, { cwd: join(place, folder) });
    for (const open of Object.values(engines))
      await visit(t, { folder: '', page: `${folder}/`, policy: withBlobs, open });
  });

  test('a script without a bundler, in Chromium, Firefox and WebKit', LIMIT, async (t) => {
    for (const open of Object.values(engines)) {
      await visit(t, { folder: '', page: 'apps/script/', policy: withBlobs, open });
    }
  });

  test("Synaptic's scripts by their paths", LIMIT, async (t) => {
    for (const page of ['blocking', 'deferred'])
      await visit(t, { folder: '', page: `apps/alias/${page}.html`, policy: loose });
  });

  test('a script and a module on one page', LIMIT, (t) => visit(t, { folder: '', page: 'apps/both/' }));

  test('Next, rendered on the server and in the browser', { timeout: 600_000 }, async (t) => {
    const next = join(modules, 'next/dist/bin/next');
    bin(next, ['build'], 'apps/next');
    const port = await serverPort();
    const server = spawn(process.execPath, [join(place, next), 'start', '--port', port], {
      cwd: join(place, 'apps/next'),
    });
    await visitServer(t, server, `http://localhost:${port}/`, async (browser) => {
      assert.equal(await browser.text('#server'), 'a network ran on the server');
    });
  });
});

/** A port that is free at this moment. */
async function serverPort() {
  const server = await serve({ port: 0 });
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** Judges a page of another tool's server, and ends that. */
async function visitServer(t, server, url, more = () => {}) {
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  const browser = await openChromium();
  try {
    for (let tries = 0; ; tries++) {
      const there = await fetch(url).catch(() => undefined);
      if (there?.ok) break;
      assert.ok(tries < 100 && server.exitCode === null, `no answer from ${url}: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await browser.go(url);
    await browser.waitFor(`${RESULT} !== undefined`, 60_000);
    judge(await browser.evaluate(RESULT), t);
    await more(browser);
    assert.deepEqual(browser.problems, [], output);
  } finally {
    await browser.close();
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
  }
}

test('publint finds nothing', LIMIT, () => {
  const said = bin(join(modules, 'publint/src/cli.js'), ['run', tarball, '--strict'], '.');
  assert.match(said, /All good!/);
});

test('attw finds nothing', LIMIT, () => {
  // Node 10's resolution knows no subpaths, and what has no types is no entry; slim is for import only.
  for (const [entry, profile] of [
    ['.', 'strict'],
    ['slim', 'esm-only'],
    ['exchange', 'node16'],
    ['rocket', 'node16'],
    ['data', 'node16'],
    ['compare', 'node16'],
  ]) {
    const args = [tarball, '--entrypoints', entry, '--profile', profile, '--no-color'];
    // Fails at any problem in a resolution that the profile does not leave out.
    bin(join(modules, '@arethetypeswrong/cli/dist/index.js'), args, '.');
  }
});

test('the tarball holds what it should', (t) => {
  const names = run('tar', ['tzf', tarball]).trim().split('\n');
  const { size } = statSync(tarball);
  // Entries that are bundles of their own, which nobody downloads who does not import them.
  const own = readdirSync(dist).filter((name) => /^(exchange|rocket|data|compare)\./.test(name));
  const apart = own.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);
  t.diagnostic(`${(size / 1000).toFixed(0)} kB, ${(apart / 1000).toFixed(0)} of them apart, ${names.length} files`);
  assert.ok(size - apart <= 1_765_000 && size <= 2_140_000, `${size} bytes, ${apart} of them apart`);
  const odd = names.filter(
    (name) =>
      !/^package\/(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(name) ||
      /test|\.tsx?$/.test(name.replace(/\.d\.ts$/, '')),
  );
  assert.deepEqual(odd, []);
  const { dependencies, scripts } = JSON.parse(readFileSync(join(root, 'pkg/package.json'), 'utf8'));
  assert.deepEqual({ dependencies, scripts }, { dependencies: undefined, scripts: undefined });
});

test('a page that counts bytes downloads few', (t) => {
  const files = ['slim.js', 'whole.js', 'core.js', 'engram.wasm', 'worker.js'];
  const sizes = files.map((name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length);
  const sum = sizes.reduce((total, size) => total + size);
  t.diagnostic(`${(sum / 1000).toFixed(0)} kB compressed: ${files.map((name, index) => `${name} ${sizes[index]}`)}`);
  assert.ok(sum <= 323_500, `${sum} bytes`);
});

test('code has maps, and these our sources', () => {
  // Bundles of the same lines have one map.
  const twins = {
    'engram.script.js': 'engram.cjs',
    'exchange.cjs': 'exchange.js',
    'rocket.cjs': 'rocket.js',
    'data.cjs': 'data.js',
    'compare.cjs': 'compare.js',
  };
  const code = readdirSync(dist).filter((name) => /\.[cm]?js$/.test(name));
  assert.ok(code.length >= 7);
  for (const name of code) {
    const [, url] = readFileSync(join(dist, name), 'utf8').match(/\n\/\/# sourceMappingURL=(.+)\n$/) ?? [];
    assert.equal(url, `${twins[name] ?? name}.map`);
    const { sources, sourcesContent, mappings } = JSON.parse(readFileSync(join(dist, url), 'utf8'));
    assert.ok(mappings.length > 0, name);
    assert.equal(sourcesContent.length, sources.length, name);
    for (const [index, text] of sourcesContent.entries()) {
      // All but what the build has generated, and other people's libraries.
      if (text === null) assert.match(sources[index], /\/engine\/generated\/|node_modules/);
      else assert.ok(text.length > 0, `${name}: ${sources[index]}`);
    }
  }
});

test('stacks are readable, and lead to the sources', () => {
  const stack = (...flags) => run(process.execPath, [...flags, 'stack.cjs'], { cwd: join(place, 'apps/node') });
  assert.match(stack(), /RangeError: Network\.activate: input has 1 values.*\n.*at takeVector .*engram\.cjs:\d+:\d+/);
  assert.match(stack('--enable-source-maps'), /at takeVector .*pkg-template\/src\/checks\/errors\.ts:\d+:\d+/);
});

after(() => rmSync(tarball, { force: true }));
