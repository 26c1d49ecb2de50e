// A static server of this repository with the headers that shared memory needs.

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
};

/** Folders that are served; `/` is the demo page. */
const served = ['www', 'pkg', 'examples', 'tests/browser', 'tests/support'];

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:";

/** Serves on a port of this machine; resolves with the server once it listens. */
export function serve({ port, isolated = true }) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = normalize(decodeURIComponent(pathname === '/' ? '/www/index.html' : pathname)).slice(1);
    const headers = {
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
      ...(isolated ? isolation : {}),
    };
    try {
      if (!served.some((folder) => path.startsWith(`${folder}/`))) throw new Error('not served');
      const body = await readFile(join(root, path));
      response.writeHead(200, { ...headers, 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
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
