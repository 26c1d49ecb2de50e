// ONNX as a format: nodes, tensors and graphs, and the protobuf that they are written as (onnx.proto, IR version 10).

import { PbfWriter } from 'pbf';

import { single } from './refusals.js';

/** The operator set that is written: LSTM and GRU are those of version 22. */
const OPSET = 22;
const IR_VERSION = 10;

/** What tensors hold, by ONNX' codes. */
export const TYPE = { float: 1, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof TYPE;

/** An attribute of a node. */
type Attribute = number | string | number[] | string[] | Graph;

interface Node {
  operator: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}

interface Constant {
  name: string;
  type: ElementType;
  shape: number[];
  values: ArrayLike<number>;
}

interface Value {
  name: string;
  type: ElementType;
  /** Sizes; names for those that are known when the model runs. */
  shape: (number | string)[];
}

/** A graph of operators in the making. Names are given as it grows. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  #count = 0;

  constructor(readonly name: string) {}

  /** A name that nothing else has, in this graph and in those inside of it. */
  #fresh(what: string): string {
    return `${this.name}/${what}_${this.#count++}`;
  }

  input(name: string, type: ElementType, shape: (number | string)[]): string {
    this.inputs.push({ name, type, shape });
    return name;
  }

  output(name: string, from: string, type: ElementType, shape: (number | string)[]): void {
    this.nodes.push({ operator: 'Identity', inputs: [from], outputs: [name], attributes: {} });
    this.outputs.push({ name, type, shape });
  }

  /** Adds a tensor of constants; gives its name. */
  constant(shape: number[], values: ArrayLike<number>, type: ElementType = 'float'): string {
    const name = this.#fresh('constant');
    this.constants.push({ name, type, shape, values });
    return name;
  }

  /** Whole numbers as a tensor of one axis. */
  indices(...values: number[]): string {
    return this.constant([values.length], values, 'int64');
  }

  /** Adds an operator with one output; gives the name of it. */
  add(operator: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    return this.addAll(operator, inputs, 1, attributes)[0] as string;
  }

  /** Adds an operator; gives the names of its outputs. */
  addAll(operator: string, inputs: string[], outputs: number, attributes: Record<string, Attribute> = {}): string[] {
    const names = Array.from({ length: outputs }, () => this.#fresh(operator.toLowerCase()));
    this.nodes.push({ operator, inputs, outputs: names, attributes });
    return names;
  }
}

function writeConstant({ name, type, shape, values }: Constant, pbf: PbfWriter): void {
  for (const size of shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, TYPE[type]);
  pbf.writeStringField(8, name);
  const width = type === 'int64' ? 8 : 4;
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (type === 'float') view.setFloat32(index * 4, single('toOnnx', value), true);
    else if (type === 'int32') view.setInt32(index * 4, value, true);
    else view.setBigInt64(index * 8, BigInt(value), true);
  }
  pbf.writeBytesField(9, new Uint8Array(view.buffer));
}

/** Codes of the types of attributes. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, graph: 5, ints: 7, strings: 8 };

function writeAttribute([name, value]: [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  let type = ATTRIBUTE.int;
  if (typeof value === 'number') pbf.writeVarintField(3, value);
  else if (typeof value === 'string') {
    type = ATTRIBUTE.string;
    pbf.writeBytesField(4, new TextEncoder().encode(value));
  } else if (value instanceof Graph) {
    type = ATTRIBUTE.graph;
    pbf.writeMessage(6, writeGraph, value);
  } else if (typeof value[0] === 'string') {
    type = ATTRIBUTE.strings;
    for (const entry of value) pbf.writeBytesField(9, new TextEncoder().encode(String(entry)));
  } else {
    type = ATTRIBUTE.ints;
    for (const entry of value) pbf.writeVarintField(8, Number(entry));
  }
  pbf.writeVarintField(20, type);
}

function writeNode({ operator, inputs, outputs, attributes }: Node, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, outputs[0] as string);
  pbf.writeStringField(4, operator);
  for (const attribute of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, attribute);
}

function writeValue({ name, type, shape }: Value, pbf: PbfWriter): void {
  const dimension = (size: number | string, out: PbfWriter) => {
    if (typeof size === 'number') out.writeVarintField(1, size);
    else out.writeStringField(2, size);
  };
  const sizes = (_: null, out: PbfWriter) => {
    for (const size of shape) out.writeMessage(1, dimension, size);
  };
  const tensor = (_: null, out: PbfWriter) => {
    out.writeVarintField(1, TYPE[type]);
    out.writeMessage(2, sizes, null);
  };
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, (_: null, out: PbfWriter) => out.writeMessage(1, tensor, null), null);
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const constant of graph.constants) pbf.writeMessage(5, writeConstant, constant);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValue, output);
}

/** A model of a graph, as bytes. */
export function writeModel(graph: Graph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'engram');
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(
    8,
    (_: null, out: PbfWriter) => {
      out.writeStringField(1, '');
      out.writeVarintField(2, OPSET);
    },
    null,
  );
  return pbf.finish();
}
