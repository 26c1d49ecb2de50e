// TensorFlow.js' layers models: model.json and its shards of weights, quantised or not.

import { checkNumber, checkObject, describe, outOfRange, wrongType } from '../checks/errors.js';
import type { Network } from '../network/network.js';
import { type Defaults, hardSlopeOf, type Named, stackOfConfig, type WeightsOf } from './keras-layers.js';
import { refuseUnknown } from './refusals.js';
import { bytesOf, checkFinite, checkShape, half } from './safetensors.js';
import { networkOf } from './stack.js';

const CALL = 'fromTfjs';
/** tfjs has other defaults than Keras, and writes what was chosen. */
const DEFAULTS: Omit<Defaults, 'hardSlope'> = { recurrentActivation: 'hard_sigmoid', resetAfter: false };

type Read = (view: DataView, at: number) => number;

/** How numbers of a type are read, and their bytes. */
const TYPES: Record<string, { size: number; read: Read }> = {
  float32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  float16: { size: 2, read: (view, at) => half(view.getUint16(at, true)) },
  int32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  uint8: { size: 1, read: (view, at) => view.getUint8(at) },
  uint16: { size: 2, read: (view, at) => view.getUint16(at, true) },
};

function typeOf(field: string, name: unknown, known: readonly string[]): { size: number; read: Read } {
  const type = typeof name === 'string' && known.includes(name) ? TYPES[name] : undefined;
  if (type === undefined) throw outOfRange(CALL, `${field}.dtype`, `one of ${known.join(', ')}`, name);
  return type;
}

/** One tensor of the manifest, from the place where the last one ended; gives where it ends. */
function readTensor(entry: unknown, field: string, bytes: Uint8Array, start: number): { tensor: Named; end: number } {
  const { name, shape: given, dtype, quantization } = checkObject(CALL, field, entry);
  if (typeof name !== 'string') throw wrongType(CALL, `${field}.name`, 'a string', name);
  const label = `tensor ${describe(name)}`;
  const shape = checkShape(CALL, `${label}.shape`, given);
  let type = typeOf(label, dtype, ['float32', 'int32']);
  let [scale, least] = [1, 0];
  if (quantization !== undefined && quantization !== null) {
    const quantized = checkObject(CALL, `${label}.quantization`, quantization);
    type = typeOf(`${label}.quantization`, quantized.dtype, ['uint8', 'uint16', 'float16']);
    if (quantized.dtype !== 'float16') {
      scale = checkNumber(CALL, `${label}.quantization.scale`, quantized.scale);
      least = checkNumber(CALL, `${label}.quantization.min`, quantized.min);
    }
  }
  const count = shape.reduce((product, axis) => product * axis, 1);
  const end = start + count * type.size;
  if (end > bytes.length) {
    throw new RangeError(`${CALL}: ${label} ends at byte ${end}, the shards have ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { read, size } = type;
  const values = Float64Array.from({ length: count }, (_, index) => {
    const value = read(view, start + index * size);
    return scale === 1 && least === 0 ? value : Math.fround(value * scale + least);
  });
  checkFinite(CALL, label, values);
  return { tensor: { name, shape, values }, end };
}

/** All tensors of a manifest, in its order. */
function readManifest(manifest: unknown, bytes: Uint8Array): Named[] {
  if (!Array.isArray(manifest)) throw wrongType(CALL, 'model.weightsManifest', 'an array of groups', manifest);
  const tensors: Named[] = [];
  let at = 0;
  Array.from(manifest as unknown[]).forEach((group, index) => {
    const field = `model.weightsManifest[${index}]`;
    const { weights } = checkObject(CALL, field, group);
    if (!Array.isArray(weights)) throw wrongType(CALL, `${field}.weights`, 'an array', weights);
    Array.from(weights as unknown[]).forEach((entry, place) => {
      const { tensor, end } = readTensor(entry, `${field}.weights[${place}]`, bytes, at);
      tensors.push(tensor);
      at = end;
    });
  });
  if (at !== bytes.length) {
    throw new RangeError(`${CALL}: the shards have ${bytes.length} bytes, the manifest tells of ${at}`);
  }
  return tensors;
}

/** Where a layer's tensor stands among its others: kernel, recurrent kernel, bias; forward before backward. */
function placeOf(name: string): number {
  const last = name.split('/').at(-1) ?? '';
  const within = ['embeddings', 'kernel', 'recurrent_kernel', 'bias'].findIndex((kind) => last.startsWith(kind));
  return (/(^|\/)backward/.test(name) ? 10 : 0) + within;
}

/** Weights by the first part of their name, which is the layer's; every one is to be used. */
function byLayer(tensors: Named[]): WeightsOf & { left(): string[] } {
  const left = new Set(tensors);
  const weightsOf = ({ name }: { name: string }) => {
    const own = tensors.filter((tensor) => tensor.name.split('/').includes(name) && left.has(tensor));
    for (const tensor of own) left.delete(tensor);
    return own.sort((a, b) => placeOf(a.name) - placeOf(b.name));
  };
  return Object.assign(weightsOf, { left: () => Array.from(left, ({ name }) => name) });
}

/**
 * A network of a layers model of TensorFlow.js, or of Keras converted to one: the layers of {@link fromKeras}, with weights in
 * single precision or quantised to 16 or 8 bits. The gates of `tf.layers.lstm` and `gru` are hard sigmoids unless
 * `recurrentActivation: 'sigmoid'` was asked for, and so are those of the network. A hard sigmoid is 0.2 x + 0.5 between 0
 * and 1, but x / 6 + 0.5 in a model that Keras 3 wrote.
 *
 * @param model the parsed `model.json`.
 * @param shards the bytes of the files that `weightsManifest` names, in its order; one that is whole may come alone.
 * @throws TypeError or RangeError that names what engram can't tell, or the tensor that is damaged.
 */
export function fromTfjs(model: object, shards: Uint8Array | ArrayBuffer | (Uint8Array | ArrayBuffer)[]): Network {
  const { format, modelTopology, weightsManifest } = checkObject(CALL, 'model', model);
  if (format !== undefined && format !== null && format !== 'layers-model') {
    throw outOfRange(CALL, 'model.format', "'layers-model'", format);
  }
  const topology = checkObject(CALL, 'model.modelTopology', modelTopology);
  const list = Array.from(Array.isArray(shards) ? shards : [shards], (shard: unknown, index) =>
    bytesOf(CALL, `shards[${index}]`, shard),
  );
  const bytes = new Uint8Array(list.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of list) {
    bytes.set(shard, at);
    at += shard.length;
  }
  const weightsOf = byLayer(readManifest(weightsManifest, bytes));
  const defaults = { ...DEFAULTS, hardSlope: hardSlopeOf(topology.keras_version) };
  const stack = stackOfConfig(CALL, topology.model_config ?? topology, weightsOf, defaults);
  refuseUnknown(CALL, weightsOf.left());
  return networkOf(CALL, stack);
}
