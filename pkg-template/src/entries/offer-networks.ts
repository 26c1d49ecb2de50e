// The library as `library.ts` has it: models are read from `whole.js` when one of them is first used.

import { builtin } from '../engine/builtin.js';
import type * as Api from './api.js';
import { nameClasses } from './class-names.js';
import { lazy } from './lazy.js';
import type * as Models from './models.js';
import * as networks from './networks.js';
import { offerLibrary } from './offered.js';
import * as synaptic from './synaptic.js';

/** What `models.ts` has; the type asks for every name. */
const NAMES = {
  crossValidate: true,
  Encoder: true,
  LabelledModel: true,
  Pack: true,
  SequenceClassifier: true,
  SequenceGenerator: true,
  SequenceModel: true,
  SequencePredictor: true,
  SequenceRegressor: true,
  SequenceTagger: true,
  SequenceTranscriber: true,
  unpack: true,
} satisfies Record<keyof typeof Models, true>;

let loaded: typeof Api | undefined;

/** All of the library; its networks are those that are there already. */
function whole(): typeof Api {
  if (loaded === undefined) {
    const { createRequire } = builtin<typeof import('node:module')>('node:module') ?? {};
    if (createRequire === undefined) throw new TypeError("engram: this runtime imports 'engram/slim'");
    ({ api: loaded } = createRequire(import.meta.url)('./whole.js') as { api: typeof Api });
  }
  return loaded;
}

const models = Object.fromEntries(
  (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((name) => [name, lazy(name, () => whole()[name])]),
);
nameClasses({ ...synaptic, ...networks });
offerLibrary({ default: synaptic, ...synaptic, ...networks, ...(models as unknown as typeof Models) });
