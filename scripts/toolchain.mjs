// Finds or installs what the build needs. The engine's memory is shared between threads, so the
// standard library is rebuilt with atomics, and that needs its source.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
export const target = join(root, 'target');
const tools = join(target, 'tools');

const log = (text) => console.log(`set-up: ${text}`);

/** Output of a command, or null where it can't be run. */
export function ask(command, ...args) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Runs a command with its output shown; throws when it fails. */
export function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: 'inherit', cwd: root, ...options });
}

/** Installs Debian packages, or says which are to be installed. */
function install(packages, why) {
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || ask('apt-get', '--version') === null) {
    throw new Error(`${why}. Install it with, as root:\n  ${command}`);
  }
  log(command);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  run('apt-get', ['update', '-qq'], quiet);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet);
}

function sysroot(rustc, ...args) {
  return ask(rustc, ...args, '--print', 'sysroot');
}

const hasSource = (path) => path !== null && existsSync(join(path, 'lib/rustlib/src/rust/library/std/Cargo.toml'));

function findLinker() {
  const roots = [sysroot('rustc'), sysroot('/usr/bin/rustc')].filter(Boolean);
  const candidates = roots.map((path) => join(path, 'lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld'));
  for (const path of roots) {
    const triple = join(path, 'lib/rustlib');
    if (existsSync(triple)) {
      candidates.push(...readdirSync(triple).map((name) => join(triple, name, 'bin/rust-lld')));
    }
  }
  return candidates.find(existsSync) ?? null;
}

function findCompiler() {
  if (hasSource(sysroot('/usr/bin/rustc')) && existsSync('/usr/bin/cargo')) {
    const env = { PATH: '/usr/bin:/bin', RUSTC_BOOTSTRAP: '1' };
    return { name: `Debian's ${ask('/usr/bin/rustc', '--version')}`, cargo: '/usr/bin/cargo', args: [], env };
  }
  if (hasSource(sysroot('rustup', 'run', 'nightly', 'rustc'))) {
    const name = `rustup's ${ask('rustup', 'run', 'nightly', 'rustc', '--version')}`;
    return { name, cargo: 'rustup', args: ['run', 'nightly', 'cargo'], env: {} };
  }
  return null;
}

/** The compiler and linker for wasm with threads. */
export function wasmToolchain() {
  let compiler = findCompiler();
  if (compiler === null) {
    log('no Rust compiler with the source of its standard library yet');
    if (ask('apt-get', '--version') !== null) {
      install(['rustc-web', 'cargo-web', 'rust-web-src'], "The Rust compiler and its library's source are missing");
    } else {
      run('rustup', ['toolchain', 'install', 'nightly', '--profile', 'minimal', '--component', 'rust-src']);
    }
    compiler = findCompiler();
    if (compiler === null) {
      throw new Error(
        'No Rust compiler with the source of its standard library. Install one of:\n' +
          '  apt-get install rustc-web cargo-web rust-web-src\n' +
          '  rustup toolchain install nightly --component rust-src',
      );
    }
    log(`using ${compiler.name}`);
  }
  const linker = findLinker();
  if (linker === null) throw new Error("rust-lld is missing; rustup's toolchains carry it (https://rustup.rs)");
  return { ...compiler, linker };
}

/** npm's packages of this repository. */
export function npmPackages(folder = '.') {
  const [lock, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) =>
    join(root, folder, name),
  );
  // What was installed before the list changed lacks something.
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  log(`npm ci in ${folder}`);
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: join(root, folder) });
}

/** The browsers that the tests drive; WebKit is null where it can't be installed. */
export function browsers() {
  const commands = { chromium: 'chromium', 'firefox-esr': 'firefox-esr', xvfb: 'Xvfb', xauth: 'xauth' };
  const missing = Object.entries(commands).filter(([, command]) => ask('which', command) === null);
  if (missing.length > 0)
    install(
      missing.map(([name]) => name),
      'Browsers for the tests are missing',
    );
  let webkit = ask('which', 'WebKitWebDriver');
  if (webkit === null) {
    try {
      install(['webkit2gtk-driver'], 'WebKit for the tests is missing');
      webkit = ask('which', 'WebKitWebDriver');
    } catch (error) {
      log(`WebKit's tests will be skipped: ${error.message}`);
    }
  }
  let geckodriver = ask('which', 'geckodriver') ?? join(tools, 'bin/geckodriver');
  if (!existsSync(geckodriver)) {
    log('cargo install geckodriver');
    run('cargo', ['install', '--quiet', 'geckodriver', '--root', tools]);
    geckodriver = join(tools, 'bin/geckodriver');
  }
  return { chromium: ask('which', 'chromium'), firefox: ask('which', 'firefox-esr'), geckodriver, webkit };
}
