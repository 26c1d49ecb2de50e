// A static server for the tests: the built page and what the tests load, under a strict policy.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { root } from './toolchain.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Folders of the repository that are served; all else comes from the folder asked for. */
const served = [
  'pkg',
  'examples',
  'python/tests',
  'tests/browser',
  'tests/exchange',
  'tests/faults',
  'tests/load',
  'tests/support',
];

/** The headers that a page needs to share memory with its workers. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
/** The strictest policy that the package asks for. */
export const strict =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:";

/** Where a path of the server lies. */
function fileOf(path, base, folder) {
  const inside = served.some((name) => path.startsWith(`/${name}/`));
  if (inside) return join(root, path);
  if (!path.startsWith(base)) throw new Error('not served');
  const file = join(folder, path.slice(base.length));
  return path.endsWith('/') ? join(file, 'index.html') : file;
}

/** Serves on a port of this machine, a folder under `base`; resolves with the server once it listens. */
export function serve({ port, isolated = true, base = '/', folder = join(root, 'www/dist'), policy = strict }) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const headers = {
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
      ...(isolated ? isolation : {}),
    };
    try {
      const file = fileOf(normalize(decodeURIComponent(pathname)), base, folder);
      const body = await readFile(file);
      response.writeHead(200, { ...headers, 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404, { ...headers, 'Content-Type': 'text/plain' });
      response.end('not found\n');
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve(server));
  });
}
