// Keras' models: .keras, .weights.h5, and the .h5 of before.

import { unzipSync } from 'fflate';

import { checkOptions, describe, wrongType } from '../checks/errors.js';
import type { Network } from '../network/network.js';
import { Hdf5 } from './hdf5.js';
import { type Defaults, type Named, stackOfConfig, type WeightsOf } from './keras-layers.js';
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

const DEFAULTS: Defaults = { recurrentActivation: 'sigmoid', resetAfter: true };
/** Most bytes of a file in a .keras. */
const MOST_BYTES = 2 ** 30;

const isHdf5 = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44;

/** What a .keras file has of use. */
function unzipped(call: string, bytes: Uint8Array): { config: unknown; weights: Uint8Array } {
  const wanted = ['config.json', 'model.weights.h5'];
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
  return { config: parseJSON(call, 'config.json', file('config.json')), weights: file('model.weights.h5') };
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

/** Weights as they were kept before: an attribute has the names in order. */
function byName(call: string, file: Hdf5): WeightsOf {
  return ({ name }) => {
    const path = `model_weights/${name}`;
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

/**
 * A network of a Keras model: a `Sequential` of `Embedding`, `LSTM` or `GRU` (`reset_after` or not), `Bidirectional`,
 * `Dense` and `Activation` layers, and of those that do something in training alone, such as `Dropout`. With an embedding
 * the network's inputs are one-hot, an input per symbol. Without a `Dense` layer the outputs are the hidden state. The
 * network answers at every step if the last recurrent layer has `return_sequences`, else, and with `GlobalAveragePooling1D`
 * or `GlobalMaxPooling1D`, once for a sequence.
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
  const { config: inside, weights } = isZip ? unzipped(call, bytes) : { config: undefined, weights: bytes };
  const hdf5 = new Hdf5(call, weights);
  if (hdf5.names('model_weights').length > 0) {
    const text = hdf5.attribute('', 'model_config');
    const own = typeof text === 'string' ? parseJSON(call, 'model_config', new TextEncoder().encode(text)) : undefined;
    const config = asked ?? own;
    if (config === undefined) throw new TypeError(`${call}: the file has no model_config; give it as options.config`);
    // A file of Keras 2 has the defaults of its time only where it leaves something out.
    return networkOf(call, stackOfConfig(call, config, byName(call, hdf5), DEFAULTS));
  }
  const config = asked ?? inside;
  if (config === undefined) {
    const advice = 'give model.to_json() as options.config, or save a .keras';
    throw new TypeError(`${call}: the file has weights but no layers; ${advice}`);
  }
  return networkOf(call, stackOfConfig(call, config, byClass(hdf5), DEFAULTS));
}
