// How first weights are drawn: the names that users know.

/**
 * How the first weights of a standard LSTM are drawn. `h` is the number of a layer's cells.
 *
 * - `'keras'`: as in Keras. Input weights uniform in `±sqrt(6 / (inputs + 4 h))` (Glorot & Bengio 2010), recurrent ones
 *   orthogonal (Saxe et al. 2014), biases 0 and the forget gates' 1; other layers Glorot-uniform with biases 0;
 *   embeddings uniform in ±0.05.
 * - `'pytorch'`: as in PyTorch. All weights uniform in `±1 / sqrt(h)`, a bias the sum of two such numbers, the forget
 *   gates' 1 more; other layers uniform in `±1 / sqrt(inputs)`; embeddings uniform with variance 1.
 * - `'scaled'`: engram's own. Weights as in `'pytorch'`, biases uniform in ±0.1 and the forget gates' 1,
 *   embeddings uniform in ±1.
 *
 * The default is `'keras'`, and with convolutions `'scaled'`.
 */
export type Initializer = 'keras' | 'pytorch' | 'scaled';

/**
 * @internal What is drawn where nothing else is asked for: what was best on average of the sets in BENCHMARKS.md. Those
 * with convolutions were measured with `'scaled'`.
 */
export const usualInitializer = (convolution: readonly unknown[] = []): Initializer =>
  convolution.length > 0 ? 'scaled' : 'keras';

/** @internal */
export const initializers = ['keras', 'pytorch', 'scaled'] as const satisfies Initializer[];
