// Makes first-names.json from npm's @faker-js/faker:
//   npm install --no-save @faker-js/faker && node examples/names/make-data.mjs

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { it, tr } from '@faker-js/faker';

const { version } = createRequire(import.meta.url)('@faker-js/faker/package.json');
const PER_LANGUAGE = 600;

// Letters of ASCII only, so that no name gives itself away by a letter the other language lacks.
const namesOf = ({ person }) => {
  const { generic = [], female = [], male = [] } = person.first_name;
  const names = [...generic, ...female, ...male].map((name) => name.toLowerCase());
  return [...new Set(names)].filter((name) => /^[a-z]+$/.test(name)).sort();
};

/** Every n-th name, so that all initials are there. */
const thin = (names) =>
  Array.from({ length: PER_LANGUAGE }, (_, index) => names[Math.floor((index * names.length) / PER_LANGUAGE)]);

const [turkish, italian] = [namesOf(tr), namesOf(it)];
const only = (names, others) => names.filter((name) => !others.includes(name));
const data = {
  origin: `first names of the locales tr and it of npm @faker-js/faker ${version}, made by make-data.mjs`,
  licence: 'MIT, Copyright (c) 2022-2026 Faker; see LICENSE-faker',
  turkish: thin(only(turkish, italian)),
  italian: thin(only(italian, turkish)),
};
writeFileSync(new URL('first-names.json', import.meta.url), `${JSON.stringify(data)}\n`);
