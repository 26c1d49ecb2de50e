// npm test: set-up, build, and every check and test of both packages; the last line counts them.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { buildPage } from './build.mjs';
import { buildPython, program } from './python.mjs';
import { browsers, npmPackages, root } from './toolchain.mjs';

/** Runs a command with its output shown; resolves with exit code and output. */
function watch(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
      process.stdout.write(data);
    });
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, named once more at the end, where it is found. */
const failures = [];
/** Lines of node, pytest and cargo that name a test that failed. */
const FAILED = /^ *not ok \d+ - .*|^(?:FAILED|ERROR) .*|^test .* \.\.\. FAILED$/gm;
const sum = (output, pattern) => [...output.matchAll(pattern)].reduce((count, [, number]) => count + Number(number), 0);

/** A command that is one check. */
async function check(name, command, ...args) {
  console.log(`\n== ${name}`);
  const { code } = await watch(command, args);
  if (code === 0) {
    total.passed++;
  } else {
    total.failed++;
    failures.push(name);
  }
}

/** A command that counts its own tests; if it fails without counting a failure, that is one. */
async function tests(name, patterns, command, ...args) {
  console.log(`\n== ${name}`);
  const { code, output } = await watch(command, args);
  const failed = sum(output, patterns.failed);
  total.passed += sum(output, patterns.passed);
  total.skipped += sum(output, patterns.skipped);
  total.failed += code === 0 ? failed : Math.max(failed, 1);
  if (code !== 0) failures.push(`${name}: ${(output.match(FAILED) ?? [`exit ${code}`]).join('; ')}`);
}

const cargo = { passed: /test result: \w+\. (\d+) passed/g, failed: /; (\d+) failed;/g, skipped: /; (\d+) ignored;/g };
const node = { passed: /^# pass (\d+)$/gm, failed: /^# fail (\d+)$/gm, skipped: /^# skipped (\d+)$/gm };
/** The last line of pytest: how many there were, and how long they took. */
const pytest = {
  passed: /(\d+) passed(?=.* in [\d.]+s)/g,
  failed: /(\d+) (?:failed|errors?)(?=.* in [\d.]+s)/g,
  skipped: /(\d+) skipped(?=.* in [\d.]+s)/g,
};
const modules = (name) => join(root, 'node_modules', name);
const nodeTests = (folder, ...flags) => ['--test', '--test-reporter=tap', ...flags, `tests/${folder}/`];

try {
  await buildPage();
  browsers();
  await check('cargo fmt', 'cargo', 'fmt', '--all', '--check');
  await check('cargo clippy', 'cargo', 'clippy', '--all-targets', '--workspace', '--quiet', '--', '-D', 'warnings');
  const tsc = modules('typescript/bin/tsc');
  await check('tsc', process.execPath, tsc, '-p', 'pkg-template', '--noEmit', '--emitDeclarationOnly', 'false');
  await check('types as users see them', process.execPath, tsc, '-p', 'tests/types');
  await check('biome', process.execPath, modules('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings');
  await check('API reference', process.execPath, join(root, 'scripts/docs.mjs'));
  await tests('cargo test', cargo, 'cargo', 'test', '--quiet');
  await tests('Node', node, process.execPath, ...nodeTests('node', '--test-concurrency=1'));
  npmPackages('tests/exchange');
  await tests('exchange', node, process.execPath, ...nodeTests('exchange', '--test-concurrency=1'));
  buildPython();
  await check('ruff', program('ruff'), 'check', 'python');
  await check('ruff format', program('ruff'), 'format', '--check', 'python');
  await check('mypy', program('mypy'), '--config-file', 'python/pyproject.toml', 'python/engram_rnn');
  await tests('Python', pytest, program('pytest'), '-q', '-c', 'python/pyproject.toml', 'python/tests');
  await tests('browsers', node, process.execPath, ...nodeTests('browser', '--test-concurrency=1'));
  await tests('fuzz', node, process.execPath, ...nodeTests('fuzz', '--test-concurrency=1'));
  await tests('faults', node, process.execPath, ...nodeTests('faults', '--test-concurrency=1'));
  await tests('load', node, process.execPath, ...nodeTests('load', '--test-concurrency=1'));
  await tests('packaging', node, process.execPath, ...nodeTests('packaging', '--test-concurrency=1'));
} catch (error) {
  failures.push(error.message);
  total.failed++;
}
if (failures.length > 0) console.log(['\n== failed', ...failures].join('\n'));
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
