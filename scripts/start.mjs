// npm start [-- --port N]: builds what is out of date and serves the workbench, as it is edited.

import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { isolation } from './serve.mjs';
import { root } from './toolchain.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`--port is ${values.port}, expected an integer between 1 and 65535`);
  process.exit(2);
}
await build();
const { createServer } = await import('vite');
const server = await createServer({
  configFile: join(root, 'www/vite.config.js'),
  logLevel: 'warn',
  server: { port, strictPort: true, headers: isolation },
});
try {
  await server.listen();
  console.log(`engram's workbench: http://localhost:${port}  (Ctrl-C ends it)`);
} catch (error) {
  const taken = /already in use/.test(error.message);
  console.error(taken ? `port ${port} is taken; try npm start -- --port ${port + 1}` : error.message);
  process.exit(1);
}
