// Keras' models: .keras, .weights.h5, and the .h5 of before.

import { unzipSync } from 'fflate';

import { checkObject, checkOptions, describe, wrongType } from '../checks/errors.js';
import type { Network } from '../network/network.js';
import { Hdf5 } from './hdf5.js';
import { type Defaults, hardSlopeOf, type Named, stackOfConfig, type WeightsOf } from './keras-layers.js';
import { bytesOf, parseJSON } from './safetensors.js';
import { networkOf } from './stack.js';

/** Options of {@link fromKeras}. */
export interface KerasOptions {
  /**
   * What `model.to_json()` gave, as text or parsed: the layers of a `.weights.h5`, which has only numbers. The other files
   * carry theirs.
   */
  config?: string | object;
}

const DEFAULTS: Omit<Defaults, 'hardSlope'> = { recurrentActivation: 'sigmoid', resetAfter: true };
/** Most bytes of a file in a .keras. */
const MOST_BYTES = 2 ** 30;

const isHdf5 = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44;

/** What a .keras file has of use. */
function unzipped(
  call: string,
  bytes: Uint8Array,
): {
  config: unknown;
  version: unknown;
  weights: Uint8Array;
} {
  const wanted = ['config.json', 'metadata.json', 'model.weights.h5'];
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize, size }) => wanted.includes(name) && Math.max(originalSize, size) <= MOST_BYTES,
    });
  } catch (cause) {
    throw new RangeError(`${call}: the file is no sound zip`, { cause });
  }
  const file = (name: string): Uint8Array => {
    const found = Object.hasOwn(files, name) ? files[name] : undefined;
    if (found === undefined)
      throw new RangeError(`${call}: the file has no ${name} of at most ${MOST_BYTES} bytes in it`);
    return found;
  };
  const about = checkObject(call, 'metadata.json', parseJSON(call, 'metadata.json', file('metadata.json')));
  const config = parseJSON(call, 'config.json', file('config.json'));
  return { config, version: about.keras_version, weights: file('model.weights.h5') };
}

/** Class names as the paths of Keras 3 have them: SpatialDropout1D is spatial_dropout1d. */
const snake = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** Variables of a group, `vars/0` and so on. */
function variables(file: Hdf5, path: string): Named[] {
  const found: Named[] = [];
  for (let index = 0; ; index++) {
    const name = `${path}/vars/${index}`;
    const tensor = file.tensor(name);
    if (tensor === undefined) return found;
    found.push({ ...tensor, name });
  }
}

/** Weights as Keras 3 has them: by class, counted. */
function byClass(file: Hdf5): WeightsOf {
  const counts = new Map<string, number>();
  return ({ className }) => {
    // Inputs are not among the layers there.
    if (className === 'InputLayer') return [];
    const plain = snake(className);
    const count = counts.get(plain) ?? 0;
    counts.set(plain, count + 1);
    const path = `layers/${plain}${count === 0 ? '' : `_${count}`}`;
    if (className === 'Bidirectional') {
      return ['forward_layer', 'backward_layer'].flatMap((way) => variables(file, `${path}/${way}/cell`));
    }
    if (className === 'TimeDistributed') return variables(file, `${path}/layer`);
    return variables(file, className === 'LSTM' || className === 'GRU' ? `${path}/cell` : path);
  };
}

/** Weights as they were kept before, in a group or at the top: an attribute has the names in order. */
function byName(call: string, file: Hdf5, group: string): WeightsOf {
  return ({ name }) => {
    const path = group === '' ? name : `${group}/${name}`;
    const names = file.attribute(path, 'weight_names') ?? [];
    if (!Array.isArray(names)) throw wrongType(call, `${path}: weight_names`, 'an array', names);
    return Array.from(names as unknown[], (each) => {
      const full = `${path}/${String(each)}`;
      const tensor = file.tensor(full);
      if (tensor === undefined) throw new RangeError(`${call}: the file has no tensor ${describe(full)}`);
      return { ...tensor, name: full };
    });
  };
}

/** The version of Keras that wrote a configuration, if it says so: Keras 3 does not. */
const writerOf = (call: string, config: unknown): unknown => checkObject(call, 'the model', config).keras_version;

/**
 * A network of a Keras model: a `Sequential`, or a functional model that is one chain, of `Embedding`, `LSTM` or `GRU` (`reset_after` or not), `Bidirectional`,
 * `Dense`, `Activation`, `Softmax` and `ReLU` layers, and of those that do something in training alone, such as `Dropout`. With an embedding
 * the network's inputs are one-hot, an input per symbol. Without a `Dense` layer the outputs are the hidden state. The
 * network answers at every step if the last recurrent layer has `return_sequences`, else, and with `GlobalAveragePooling1D`
 * or `GlobalMaxPooling1D`, once for a sequence. `hard_sigmoid` is that of the version of Keras that wrote the file: 0.2 x + 0.5
 * between 0 and 1, and from version 3 on x / 6 + 0.5.
 *
 * @param file the bytes of a `.keras`, of a `.weights.h5` together with `options.config`, or of a `.h5` from before.
 * @throws TypeError or RangeError that names what engram can't tell (`go_backwards`, `stateful`, masks, other layers and
 *   activations), or the tensor that is damaged, with its actual and expected shape.
 * @example
 * const network = fromKeras(await readFile('model.keras'));
 */
export function fromKeras(file: Uint8Array | ArrayBuffer, options?: KerasOptions): Network {
  const call = 'fromKeras';
  const given = checkOptions<KerasOptions>(call, options, ['config']);
  const bytes = bytesOf(call, 'file', file);
  const asked =
    typeof given.config === 'string'
      ? parseJSON(call, 'options.config', new TextEncoder().encode(given.config))
      : given.config;
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip && !isHdf5(bytes)) {
    throw new RangeError(`${call}: the file is neither a zip, as .keras is, nor HDF5, as .h5 and .weights.h5 are`);
  }
  const {
    config: inside,
    version,
    weights,
  } = isZip ? unzipped(call, bytes) : { config: undefined, version: undefined, weights: bytes };
  const hdf5 = new Hdf5(call, weights);
  const legacy = ['model_weights', ''].find((path) => hdf5.attribute(path, 'layer_names') !== undefined);
  const text = legacy === undefined ? undefined : hdf5.attribute('', 'model_config');
  const own = typeof text === 'string' ? parseJSON(call, 'model_config', new TextEncoder().encode(text)) : inside;
  const config = asked ?? own;
  if (config === undefined) {
    const advice = 'give model.to_json() as options.config, or save a .keras';
    throw new TypeError(`${call}: the file has weights but no layers; ${advice}`);
  }
  const weightsOf = legacy === undefined ? byClass(hdf5) : byName(call, hdf5, legacy);
  const fallback = legacy === undefined ? '3' : '2';
  const wrote = version ?? hdf5.attribute('', 'keras_version') ?? writerOf(call, config) ?? fallback;
  return networkOf(call, stackOfConfig(call, config, weightsOf, { ...DEFAULTS, hardSlope: hardSlopeOf(wrote) }));
}
