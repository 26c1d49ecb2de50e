// Runs the bundle for require. By require, as import would search its text for the names that it exports.

import { createRequire } from 'node:module';

createRequire(import.meta.url)('./engram.cjs');
