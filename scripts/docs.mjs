// npm run docs: the API reference into docs/api/; fails where a public name has no documentation.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { build } from './build.mjs';
import { root, run } from './toolchain.mjs';

// TypeDoc follows TypeScript's releases at a distance, so it has one of its own.
const tools = join(root, 'tools/docs');
await build();
if (!existsSync(join(tools, 'node_modules/.package-lock.json'))) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tools });
}
run(process.execPath, ['node_modules/typedoc/bin/typedoc', '--logLevel', 'Warn'], { cwd: tools });
console.log('docs: docs/api/index.html is ready');
