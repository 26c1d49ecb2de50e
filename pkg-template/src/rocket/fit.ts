// The work of a fit: the dilations are dealt to threads, and what they give is put together in the dilations' order, so
// that neither the number of threads nor their speed changes a bit.

import { hardwareConcurrency } from '../engine/builtin.js';
import { type Head, joinKernels, KERNELS, type Kernels, MOST_DILATIONS } from './kernels.js';
import { rocketCore } from './module.js';
import type { FlatSeries, PartAnswer } from './protocol.js';
import type { Control, RocketFitOptions } from './run.js';
import { gather, type Member } from './team.js';

/** Most threads that 'auto' stands for. */
const MOST_THREADS = 8;

/** What a fit begins with. */
export interface Order {
  series: FlatSeries;
  /** Features of a series: a multiple of {@link KERNELS}. */
  features: number;
  seed: number;
  options: RocketFitOptions;
}

/** What is to be told apart. */
export interface Classes {
  /** Place of each series' label. */
  labels: Uint32Array;
  count: number;
}

/** What a fit gives. */
export interface Fitted {
  kernels: Kernels;
  threads: number;
  /** With classes. */
  head?: Head & { penalty: number; accuracy: number };
}

/** Does pieces of work with all members, each the next that is free; `answers` are in the order of the pieces. */
async function deal<T>(
  members: readonly Member[],
  pieces: number,
  work: (member: Member, piece: number) => Promise<T>,
) {
  const answers: T[] = [];
  let next = 0;
  await Promise.all(
    members.map(async (member) => {
      while (next < pieces) {
        const piece = next++;
        answers[piece] = await work(member, piece);
      }
    }),
  );
  return answers;
}

/** Fits kernels, and a head where there are classes. */
export async function fit(control: Control, order: Order, classes?: Classes): Promise<Fitted> {
  const { series, seed, options } = order;
  const { channels, lengths } = series;
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const dilations = rocketCore().dilations(longest, order.features / KERNELS, MOST_DILATIONS);
  const count = dilations.length / 2;
  const { threads: asked = 'auto' } = options;
  const threads = Math.min(asked === 'auto' ? Math.min(hardwareConcurrency(), MOST_THREADS) : asked, count);
  const members = await gather(threads, series);
  control.onEnd(() => {
    for (const member of members) member.end();
  });
  const parts = classes === undefined ? count : 2 * count + 1;
  const firsts = [0];
  for (let place = 0; place < count; place++) {
    firsts.push((firsts[place] as number) + KERNELS * (dilations[2 * place + 1] as number));
  }
  const owners: Member[] = [];
  const products = classes !== undefined;
  const gram = new Float64Array(products ? lengths.length ** 2 : 0);
  const early: (Float64Array | undefined)[] = [];
  let added = 0;
  const answers = await deal(members, count, async (member, place): Promise<PartAnswer> => {
    owners[place] = member;
    const [dilation = 1, features = 1] = dilations.subarray(2 * place);
    const first = firsts[place] as number;
    const answer = await member.ask({ kind: 'part', place, first, dilation, features, seed, products });
    early[place] = answer.gram;
    // In the order of the places, whichever came first.
    for (let part = early[added]; part !== undefined; part = early[added]) {
      for (let index = 0; index < part.length; index++) gram[index] = (gram[index] as number) + (part[index] as number);
      delete early[added];
      added++;
    }
    control.step(parts);
    return { ...answer, gram: new Float64Array() };
  });
  const kernels = joinKernels(channels, dilations, answers);
  if (classes === undefined) return { kernels, threads: members.length };
  const solver = members[0] as Member;
  const { labels } = classes;
  const found = await solver.ask({ kind: 'solve', gram, labels, classes: classes.count });
  control.step(parts);
  const total = firsts[count] as number;
  const weights = new Float64Array(classes.count * total);
  const raises: Float64Array[] = [];
  // Each member what it has computed the features of.
  await Promise.all(
    members.map(async (member) => {
      for (let place = 0; place < count; place++) {
        if (owners[place] !== member) continue;
        const rows = await member.ask({ kind: 'weights', place, duals: found.duals });
        const first = firsts[place] as number;
        const own = (firsts[place + 1] as number) - first;
        raises[place] = Float64Array.from(
          { length: classes.count },
          (_, index) => rows[index * (own + 1) + own] as number,
        );
        for (let index = 0; index < classes.count; index++) {
          weights.set(rows.subarray(index * (own + 1), index * (own + 1) + own), index * total + first);
        }
        control.step(parts);
      }
    }),
  );
  const intercepts = Float64Array.from(found.intercepts);
  for (const raise of raises)
    raise.forEach((value, index) => {
      intercepts[index] = (intercepts[index] as number) + value;
    });
  const { penalty, factor, right } = found;
  const head = { weights, intercepts, factor, penalty, accuracy: right / labels.length };
  return { kernels, threads: members.length, head };
}
