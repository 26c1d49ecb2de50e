// Writes the vectors that Node and Python are held to: node tests/vectors/make.mjs

import { writeFileSync } from 'node:fs';
import { vectors } from './cases.mjs';

for (const [name, cases] of Object.entries(await vectors())) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(cases)}\n`);
}
