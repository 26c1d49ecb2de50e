// npm start [-- --port N]: builds what is out of date and serves the demo page.

import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { serve } from './serve.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`--port is ${values.port}, expected an integer between 1 and 65535`);
  process.exit(2);
}
await build();
try {
  await serve({ port });
  console.log(`engram's demo page: http://localhost:${port}  (Ctrl-C ends it)`);
} catch (error) {
  const taken = error.code === 'EADDRINUSE';
  console.error(taken ? `port ${port} is taken; try npm start -- --port ${port + 1}` : error.message);
  process.exit(1);
}
