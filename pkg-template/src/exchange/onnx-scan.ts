// Any graph, gates and all, as ONNX' Scan: its body takes one step, group of neurons by group, and carries activations,
// gains and states; of read-outs the pool of the steps so far.

import { READOUTS, SQUASHES } from '../engine/generated/tables.js';
import type { Readout } from '../graph/json-types.js';
import { Graph } from './onnx-model.js';
import { squashed } from './onnx-squash.js';
import type { GraphTable } from './table.js';

/** Neurons of a layer that are computed at once: none reads, or is gated by, an earlier one. They squash and pool alike. */
interface Group {
  first: number;
  end: number;
}

function groupsOf({ layers, start, from, gater, squash, pooling, score }: GraphTable): Group[] {
  const groups: Group[] = [];
  for (const { first, size } of layers.slice(1)) {
    let begin = first;
    for (let unit = first; unit < first + size; unit++) {
      const earlier = (other: number) => other >= begin && other < unit;
      let cut = [squash, pooling, score].some((kinds) => kinds[unit] !== kinds[begin]);
      for (let index = start[unit] as number; index < (start[unit + 1] as number); index++) {
        cut ||= earlier(from[index] as number) || earlier(gater[index] as number);
      }
      if (!cut) continue;
      groups.push({ first: begin, end: unit });
      begin = unit;
    }
    if (size > 0) groups.push({ first: begin, end: first + size });
  }
  return groups;
}

/** A connection of a group. */
interface Edge {
  row: number;
  source: number;
  gater: number;
  weight: number;
}

/** Edges of which each row (or source) has one gater. */
interface Bundle {
  by: 'row' | 'source';
  edges: Edge[];
}

/** Edges so divided that in each part every row, or every source, has one gater: in whichever way makes fewer parts. */
function bundlesOf(edges: Edge[]): Bundle[] {
  const divide = (by: 'row' | 'source'): Bundle[] => {
    const gatersOf = new Map<number, Map<number, number>>();
    const bundles: Bundle[] = [];
    for (const edge of edges) {
      const gaters = gatersOf.get(edge[by]) ?? new Map<number, number>();
      gatersOf.set(edge[by], gaters);
      const place = gaters.get(edge.gater) ?? gaters.size;
      gaters.set(edge.gater, place);
      bundles[place] ??= { by, edges: [] };
      bundles[place].edges.push(edge);
    }
    return bundles;
  };
  const [rows, sources] = [divide('row'), divide('source')];
  return rows.length <= sources.length ? rows : sources;
}

/** Less than any score. */
const LEAST = -1e30;

/** What a body knows while it is made. */
class Body {
  readonly graph = new Graph('step');
  /** Activations and gains of this step so far, of the neurons from 0 on. */
  readonly #fired: string[];
  readonly #gains: string[];
  readonly #totals: string[] = [];
  readonly #before: { activations: string; gains: string; states: string };
  readonly #units: number;
  /** (batch, 1): what multiplies where nobody gates. */
  readonly #ones: string;

  constructor(
    readonly table: GraphTable,
    readonly inputs: number,
    readonly outer: Graph,
  ) {
    const { graph } = this;
    this.#units = table.bias.length;
    const carried = (name: string, size: number) => graph.input(name, 'float', ['batch', size]);
    this.#before = {
      activations: carried('activations_before', this.#units),
      gains: carried('gains_before', this.#units),
      states: carried('states_before', this.#units - inputs),
    };
    this.#fired = [carried('step_input', inputs)];
    this.#gains = [this.#slice(this.#before.gains, 0, inputs)];
    const shape = graph.add('Shape', [this.#slice(this.#before.gains, 0, 1)]);
    this.#ones = graph.add('Expand', [outer.constant([1, 1], [1]), shape]);
  }

  #slice(values: string, first: number, end: number): string {
    const { outer } = this;
    return this.graph.add('Slice', [values, outer.indices(first), outer.indices(end), outer.indices(1)]);
  }

  #joined(parts: string[]): string {
    return parts.length === 1 ? (parts[0] as string) : this.graph.add('Concat', parts, { axis: 1 });
  }

  #columns(values: string, columns: number[]): string {
    return this.graph.add('Gather', [values, this.outer.indices(...columns)], { axis: 1 });
  }

  /** All neurons as those from `first` on see them: earlier ones of this step, others of the step before. */
  #seen(now: string[], before: string, first: number): string {
    return this.#joined([...now, this.#slice(before, first, this.#units)]);
  }

  #bundle({ by, edges }: Bundle, rows: number, activations: string, gains: string): string {
    const { graph, outer } = this;
    const sources = [...new Set(edges.map(({ source }) => source))].sort((a, b) => a - b);
    const column = new Map(sources.map((source, index) => [source, index]));
    const weights = new Float64Array(sources.length * rows);
    for (const { row, source, weight } of edges) {
      const at = (column.get(source) as number) * rows + row;
      weights[at] = (weights[at] ?? 0) + weight;
    }
    // Whom nobody gates is multiplied by the last column, which is 1.
    const gaters = new Array<number>(by === 'row' ? rows : sources.length).fill(this.#units);
    for (const edge of edges) {
      if (edge.gater >= 0) gaters[by === 'row' ? edge.row : (column.get(edge.source) as number)] = edge.gater;
    }
    const gated = edges.some(({ gater }) => gater >= 0);
    const matrix = outer.constant([sources.length, rows], weights);
    let values = this.#columns(activations, sources);
    if (gated && by === 'source') values = graph.add('Mul', [values, this.#columns(gains, gaters)]);
    const product = graph.add('MatMul', [values, matrix]);
    return gated && by === 'row' ? graph.add('Mul', [product, this.#columns(gains, gaters)]) : product;
  }

  /** Computes a group. */
  add({ first, end }: Group): void {
    const { graph, outer, table, inputs } = this;
    const { start, from, gater, weight, bias, squash } = table;
    const rows = end - first;
    const edges: Edge[] = [];
    const retained = new Float64Array(rows);
    const keepers = new Array<number>(rows).fill(this.#units);
    for (let unit = first; unit < end; unit++) {
      for (let index = start[unit] as number; index < (start[unit + 1] as number); index++) {
        const [source, gates] = [from[index] as number, gater[index] as number];
        const row = unit - first;
        if (source !== unit) edges.push({ row, source, gater: gates, weight: weight[index] as number });
        else {
          retained[row] = 1;
          if (gates >= 0) keepers[row] = gates;
        }
      }
    }
    const activations = this.#seen(this.#fired, this.#before.activations, first);
    const gains = this.#joined([this.#seen(this.#gains, this.#before.gains, first), this.#ones]);
    // (batch, rows), as ones has the batch.
    let total = graph.add('Mul', [this.#ones, outer.constant([1, rows], bias.subarray(first, end))]);
    if (retained.includes(1)) {
      const state = this.#slice(this.#before.states, first - inputs, end - inputs);
      const kept = graph.add('Mul', [state, outer.constant([rows], retained)]);
      total = graph.add('Add', [total, graph.add('Mul', [kept, this.#columns(gains, keepers)])]);
    }
    for (const bundle of bundlesOf(edges)) {
      total = graph.add('Add', [total, this.#bundle(bundle, rows, activations, gains)]);
    }
    const activation = squashed(graph, SQUASHES[squash[first] as number] ?? 'LOGISTIC', total);
    const readout = READOUTS[(table.pooling[first] as number) - 1];
    if (readout === undefined) {
      this.#totals.push(total);
      this.#fired.push(activation);
      this.#gains.push(activation);
      return;
    }
    const { state, pool } = this.#read(readout, { first, end }, activation, activations);
    this.#totals.push(state);
    this.#fired.push(pool);
    // A pool gates nothing.
    this.#gains.push(this.#slice(this.#before.gains, first, end));
  }

  /**
   * Reads a step's values `y` into the pools of a group: what the pools become. Their states are the number of steps that
   * were read; of attention, whose weights are a softmax over the steps so far, the logarithm of the sum of `exp(score)`.
   */
  #read(readout: Readout, { first, end }: Group, y: string, activations: string): { state: string; pool: string } {
    const { graph, outer, table, inputs } = this;
    const before = this.#slice(this.#before.states, first - inputs, end - inputs);
    const pooled = this.#slice(this.#before.activations, first, end);
    const moved = (share: string) =>
      graph.add('Add', [pooled, graph.add('Mul', [graph.add('Sub', [y, pooled]), share])]);
    if (readout === 'attention') {
      const score = this.#columns(activations, new Array<number>(end - first).fill(table.score[first] as number));
      const highest = graph.add('Max', [before, score]);
      const powers = [before, score].map((each) => graph.add('Exp', [graph.add('Sub', [each, highest])]));
      const state = graph.add('Add', [highest, graph.add('Log', [graph.add('Add', powers)])]);
      return { state, pool: moved(graph.add('Exp', [graph.add('Sub', [score, state])])) };
    }
    const state = graph.add('Add', [before, outer.constant([], [1])]);
    if (readout === 'mean') return { state, pool: moved(graph.add('Reciprocal', [state])) };
    if (readout === 'last') return { state, pool: y };
    const isFirst = graph.add('Equal', [before, outer.constant([], [0])]);
    return { state, pool: graph.add('Where', [isFirst, y, graph.add('Max', [pooled, y])]) };
  }

  /** The body, which gives what it carries and the outputs. */
  finish(outputs: number): Graph {
    const { graph } = this;
    const units = this.#units;
    const activations = this.#joined(this.#fired);
    graph.output('activations', activations, 'float', ['batch', units]);
    graph.output('gains', this.#joined(this.#gains), 'float', ['batch', units]);
    graph.output('states', this.#joined(this.#totals), 'float', ['batch', units - this.inputs]);
    graph.output('step_output', this.#slice(activations, units - outputs, units), 'float', ['batch', outputs]);
    return graph;
  }
}

/** The outputs of a graph at every step, (batch, steps, outputs), of (batch, steps, inputs). */
export function addScan(graph: Graph, table: GraphTable, inputs: number, outputs: number, input: string): string {
  const units = table.bias.length;
  const body = new Body(table, inputs, graph);
  for (const group of groupsOf(table)) body.add(group);
  const batch = graph.add('Slice', [graph.add('Shape', [input]), graph.indices(0), graph.indices(1), graph.indices(0)]);
  const carried = (values: Float64Array) => {
    const shape = graph.add('Concat', [batch, graph.indices(values.length)], { axis: 0 });
    return graph.add('Expand', [graph.constant([1, values.length], values), shape]);
  };
  // Attention has read nothing yet: the logarithm of 0, or nearly.
  const states = Float64Array.from(table.score.subarray(inputs), (score) => (score < 0 ? 0 : LEAST));
  const first = [new Float64Array(units), table.gain, states].map(carried);
  const all = graph.addAll('Scan', [...first, input], 4, {
    body: body.finish(outputs),
    num_scan_inputs: 1,
    scan_input_axes: [1],
    scan_output_axes: [1],
  });
  return all[3] as string;
}
