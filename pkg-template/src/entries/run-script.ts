// Runs the script where it cannot be imported: its folder says that it is a module's, and not every
// Node that is supported lets a module be required.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';

const filename = fileURLToPath(new URL('./engram.script.js', import.meta.url));
let source: string;
try {
  source = readFileSync(filename, 'utf8');
} catch (cause) {
  throw new Error(`engram: no ${filename}, which has to be beside engram.cjs`, { cause });
}
// Frameworks for tests give modules a globalThis of their own.
compileFunction(source, ['globalThis'], { filename })(globalThis);
