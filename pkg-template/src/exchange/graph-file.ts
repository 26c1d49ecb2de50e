// A graph that is built neuron by neuron, as the file of a network that engram opens.

import type { ConnectionJSON, NetworkJSON, NeuronJSON, SquashName } from '../graph/json-types.js';
import type { Network } from '../network/network.js';
import { library } from './realm.js';

/** A graph in the making: its neurons in the order of activation. */
export class GraphFile {
  readonly #neurons: NeuronJSON[] = [];
  readonly #connections: ConnectionJSON[] = [];
  readonly #names: string[] = [];

  /**
   * Adds a layer, of one squashing function or with one per neuron, whose biases are fixed or not; gives the positions of its neurons. `'input'` comes
   * first, `'output'` last.
   */
  layer(
    name: string,
    biases: ArrayLike<number>,
    squash: SquashName | SquashName[],
    fixed: boolean | boolean[] = false,
  ): number[] {
    const position = name === 'input' || name === 'output' ? name : this.#names.length - 1;
    this.#names.push(name);
    return Array.from(biases, (bias, index) => {
      const own = typeof squash === 'string' ? squash : (squash[index] ?? 'LOGISTIC');
      this.#neurons.push({
        bias,
        layer: position,
        squash: own,
        ...((typeof fixed === 'boolean' ? fixed : fixed[index]) ? { fixed: true } : {}),
      });
      return this.#neurons.length - 1;
    });
  }

  /** Connects two neurons. */
  connect(from: number, to: number, weight: number, gater: number | null = null, fixed = false): void {
    this.#connections.push({ from, to, weight, gater, ...(fixed ? { fixed } : {}) });
  }

  /** Connects every neuron to every neuron; `weights` are (to, from). */
  join(from: readonly number[], to: readonly number[], weights: ArrayLike<number>, gaters?: readonly number[]): void {
    to.forEach((target, row) => {
      from.forEach((source, column) => {
        this.connect(source, target, weights[row * from.length + column] as number, gaters?.[column] ?? null);
      });
    });
  }

  /** Connects neuron to neuron with a fixed weight, gated or not. */
  hand(from: readonly number[], to: readonly number[], weight = 1, gaters?: readonly number[]): void {
    from.forEach((source, index) => {
      this.connect(source, to[index] as number, weight, gaters?.[index] ?? null, true);
    });
  }

  /** The network. */
  network(): Network {
    const { Network } = library();
    const json: NetworkJSON = {
      engram: 1,
      neurons: this.#neurons,
      connections: this.#connections,
      layers: this.#names,
    };
    return Network.fromJSON(json);
  }
}
