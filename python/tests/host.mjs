// What Node and a page are asked alike: both train, and tell what came of it.

/** The tasks over a host's engram. */
export function tasksOf({ Encoder, Network, unpack, ...engram }) {
  const { SequenceClassifier, SequenceGenerator, SequencePredictor, SequenceRegressor } = engram;
  const { SequenceTagger, SequenceTranscriber } = engram;
  const classes = {
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
  };

  /** The SHA-256 of a network's parameters, as support.py computes it. */
  async function hashOf({ network }) {
    const parameters = Float64Array.from([...network.weights, ...network.biases]);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', parameters));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  /** A new model of plain data. */
  const modelOf = ({ type, options }) => new classes[type]({ ...options, encoder: Encoder.fromJSON(options.encoder) });

  return {
    classes,
    hashOf,
    modelOf,

    /** Trains a new model. */
    async trained({ samples, fit, ...given }) {
      const model = modelOf(given);
      const { error } = await model.fit(samples, fit);
      return { hash: await hashOf(model), error };
    },

    /** Finishes a packed run, given as base64. */
    async finish({ content }) {
      const pack = unpack(Uint8Array.from(atob(content), (character) => character.charCodeAt(0)));
      const { stopped } = await pack.train();
      const network = pack.model instanceof Network ? pack.model : pack.model.network;
      return { hash: await hashOf({ network }), stopped };
    },
  };
}
