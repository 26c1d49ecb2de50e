/** Bytes of the engine's memory. A view taken now sees it as it is; those from before keep their length. */
export const engineSize = (Architect) => new Architect.Perceptron(1, 1, 1).memory.buffer.byteLength;
