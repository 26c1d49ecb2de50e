// A network as one C99 file without allocation: tables of its numbers, and one loop over its neurons.

import { outOfRange, wrongType } from '../checks/errors.js';
import { READOUTS, SQUASHES } from '../engine/generated/tables.js';
import type { Readout } from '../graph/json-types.js';
import type { Network } from '../network/network.js';
import { single } from './refusals.js';
import { type GraphTable, tableOf } from './table.js';

/** Consecutive connections into a neuron: their sources follow one another, and one neuron gates them all, or none. */
interface Run {
  target: number;
  source: number;
  weight: number;
  count: number;
  gater: number;
}

function runsOf({ start, from, gater, bias }: GraphTable): Run[] {
  const runs: Run[] = [];
  for (let target = 0; target < bias.length; target++) {
    for (let index = start[target] as number; index < (start[target + 1] as number); index++) {
      const [source, gates] = [from[index] as number, gater[index] as number];
      const last = runs.at(-1);
      const next = source !== target && last?.target === target && last.source !== target;
      if (next && last.source + last.count === source && last.gater === gates) last.count++;
      else runs.push({ target, source, weight: index, count: 1, gater: gates });
    }
  }
  return runs;
}

/** A number as a float of C, to the bit. */
function float(value: number): string {
  const text = String(single('toC', value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** Numbers in lines that one can read. */
function array(type: string, name: string, values: string[]): string {
  const lines: string[] = [''];
  for (const value of values.length > 0 ? values : ['0']) {
    const line = `${lines.at(-1)}${value}, `;
    if (line.length > 110) lines.push(`${value}, `);
    else lines[lines.length - 1] = line;
  }
  return `static const ${type} ${name}[] = {\n${lines.map((line) => `    ${line.trimEnd()}\n`).join('')}};\n`;
}

const SQUASHED: Record<(typeof SQUASHES)[number], string> = {
  LOGISTIC: '1.0f / (1.0f + expf(-x))',
  TANH: 'tanhf(x)',
  IDENTITY: 'x',
  HLIM: 'x > 0.0f ? 1.0f : 0.0f',
  RELU: 'x > 0.0f ? x : 0.0f',
  // Of one neuron; the whole layer is normalised below.
  SOFTMAX: 'x',
  HARD_SIGMOID: 'fminf(fmaxf(0.2f * x + 0.5f, 0.0f), 1.0f)',
};

/** How a step's value `y` is read into the pool of neuron `i`. Its state is the weight of what was read, 0 before. */
const READ: Record<Readout, string> = {
  last: `
        activation[i] = y;`,
  mean: `
        state[i] += 1.0f;
        activation[i] += (y - activation[i]) / state[i];`,
  max: `
        if (state[i] == 0.0f || y > activation[i]) activation[i] = y;
        state[i] = 1.0f;`,
  // The softmax over the steps so far, relative to the largest score, so that nothing overflows.
  attention: `
        const float own_score = activation[score[i]];
        const float highest = state[i] == 0.0f || own_score > largest[i] ? own_score : largest[i];
        const float own = expf(own_score - highest);
        state[i] = state[i] == 0.0f ? own : state[i] * expf(largest[i] - highest) + own;
        largest[i] = highest;
        activation[i] += (y - activation[i]) * (own / state[i]);`,
};

/** What C has of read-outs beside the rest: tables and memory, and the function that reads a step in. */
function poolsOf({ pooling, score }: GraphTable): { tables: string; read: string } {
  const used = [...new Set(pooling)].filter((code) => code > 0).sort((a, b) => a - b);
  const readouts = used.map((code) => [code, READOUTS[code - 1] as Readout] as const);
  const scores = readouts.some(([, kind]) => kind === 'attention');
  const scored = `
/* Per neuron: who scores the steps that it pools (-1: nobody), and the largest score so far. */
${array('int', 'score', Array.from(score, String))}
static float largest[${pooling.length}];
`;
  return {
    tables: `
/* Per neuron: how it pools the steps that were read (0: it does not). */
${array('unsigned char', 'pooling', Array.from(pooling, String))}${scores ? scored : ''}`,
    read: `
/* Reads a step's value into the pool of a neuron: its activation is that of all steps so far. */
static void pool(int i, float y) {
    switch (pooling[i]) {
${readouts.map(([code, kind]) => `    case ${code}: {${READ[kind]}\n        break;\n    }\n`).join('')}    }
}
`,
  };
}

/** Words of C, and what the file itself uses. */
const TAKEN =
  /^(auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while)$/;

/**
 * A network as the text of one C99 file, without allocation, in floats: `void name_reset(void)` begins a sequence,
 * `void name_step(const float *input, float *output)` takes a step, and `NAME_INPUTS` and `NAME_OUTPUTS` say how many
 * numbers these are. The state lies in the file, so there is one network per file. It begins as
 * `network.activateSequence` does, from a fresh context. With a read-out every step gives the answer to the steps so far, in
 * constant memory, so that of the last step is the sequence's.
 *
 * @param network any but a bidirectional one.
 * @param name what functions and constants begin with. Default `'engram'`.
 * @throws TypeError for a bidirectional network, which has no single step; RangeError for a name that C does not take, or
 *   a weight beyond the range of floats.
 */
export function toC(network: Network, name = 'engram'): string {
  const call = 'toC';
  if (typeof name !== 'string') throw wrongType(call, 'name', 'a string', name);
  if (!/^[A-Za-z][A-Za-z0-9_]{0,60}$/.test(name) || TAKEN.test(name)) {
    throw outOfRange(call, 'name', 'a name of C: a letter, then letters, digits and _, at most 61', name);
  }
  const table = tableOf(call, network.layers);
  if (table.reversed.includes(1)) {
    throw new TypeError(`${call}: a bidirectional network reads whole sequences and has no single step; use toOnnx`);
  }
  const pools = table.pooling.some((code) => code > 0) ? poolsOf(table) : undefined;
  const units = table.bias.length;
  const inputs = network.inputs();
  const outputs = network.outputs();
  const first = units - outputs;
  const runs = runsOf(table);
  const start = new Uint32Array(units + 1);
  for (const { target } of runs) start[target + 1] = (start[target + 1] ?? 0) + 1;
  for (let unit = 0; unit < units; unit++) start[unit + 1] = (start[unit + 1] ?? 0) + (start[unit] ?? 0);
  const used = new Set(table.squash.subarray(inputs));
  const cases = [...used]
    .sort((a, b) => a - b)
    .map((code) => `    case ${code}: return ${SQUASHED[SQUASHES[code] ?? 'LOGISTIC']};\n`);
  const big = name.toUpperCase();
  const softmax = SQUASHES[table.squash[first] as number] === 'SOFTMAX';
  const integers = (values: Iterable<number>) => Array.from(values, String);
  const floats = (values: Iterable<number>) => Array.from(values, float);
  const pooled = `
        if (pooling[i] != 0) {
            pool(i, squashed(squash[i], total));
            continue;
        }
`;
  const normalise = `
    float most = activation[${first}], sum = 0.0f;
    for (int i = ${first}; i < ${units}; i++) if (activation[i] > most) most = activation[i];
    for (int i = ${first}; i < ${units}; i++) sum += activation[i] = expf(activation[i] - most);
    for (int i = ${first}; i < ${units}; i++) activation[i] /= sum;
    for (int i = ${first}; i < ${units}; i++) gain[i] = activation[i];
`;
  return `/* A network of engram: ${inputs} inputs, ${outputs} outputs, ${units} neurons, ${table.weight.length} connections. C99, no allocation. */

#include <math.h>

#define ${big}_INPUTS ${inputs}
#define ${big}_OUTPUTS ${outputs}

void ${name}_reset(void);
void ${name}_step(const float *input, float *output);

/* Per neuron: bias, squashing function, first gain, first of its runs. */
${array('float', 'bias', floats(table.bias))}
${array('unsigned char', 'squash', integers(table.squash))}
${array('float', 'first_gain', floats(table.gain))}
${array('int', 'start', integers(start))}
/* Per run of connections: first source, first weight, how many, and who gates them (-1: nobody). */
${array('int', 'source', integers(runs.map((run) => run.source)))}
${array('int', 'first', integers(runs.map((run) => run.weight)))}
${array('int', 'count', integers(runs.map((run) => run.count)))}
${array('int', 'gater', integers(runs.map((run) => run.gater)))}
${array('float', 'weight', floats(table.weight))}${pools?.tables ?? ''}
static float activation[${units}], state[${units}], gain[${units}];

static float squashed(int kind, float x) {
    switch (kind) {
${cases.join('')}    default: return x;
    }
}
${pools?.read ?? ''}
/* Forgets the sequence: the next step is the first of one. */
void ${name}_reset(void) {
    for (int i = 0; i < ${units}; i++) {
        activation[i] = state[i] = 0.0f;
        gain[i] = first_gain[i];
    }
}

/* One step: ${inputs} numbers in, ${outputs} out. What a neuron reads of a later one is of the step before. */
void ${name}_step(const float *input, float *output) {
    for (int i = 0; i < ${inputs}; i++) activation[i] = input[i];
    for (int i = ${inputs}; i < ${units}; i++) {
        float total = bias[i];
        for (int run = start[i]; run < start[i + 1]; run++) {
            const float *w = weight + first[run];
            const float *a = source[run] == i ? state + i : activation + source[run];
            float sum = 0.0f;
            for (int k = 0; k < count[run]; k++) sum += w[k] * a[k];
            total += gater[run] < 0 ? sum : sum * gain[gater[run]];
        }
${pools ? pooled.slice(1) : ''}        state[i] = total;
        activation[i] = squashed(squash[i], total);
        ${softmax ? `if (i < ${first}) ` : ''}gain[i] = activation[i];
    }
${softmax ? normalise.slice(1) : ''}    for (int i = 0; i < ${outputs}; i++) output[i] = activation[${first} + i];
}
`;
}
