// What every app does with the package: learn eight short texts in a worker, and say how it went.

/** Trains; gives what a test can judge. */
export async function learn({ Encoder, SequenceClassifier }) {
  const words = ['hello', 'world', 'apple', 'grape', 'stone', 'river', 'cloud', 'night'];
  const samples = words.map((input, index) => ({ input, label: index < 4 ? 'mine' : 'yours' }));
  const classifier = new SequenceClassifier({ labels: ['mine', 'yours'], encoder: Encoder.bits(), seed: 1 });
  const { accuracy } = await classifier.fit(samples, { epochs: 300 });
  const { label } = classifier.classify('apple');
  return { accuracy, label, isShared: classifier.network.isShared };
}

/** Shows the outcome where a test finds it. */
export function show(promise) {
  promise.then(
    (result) => {
      document.body.dataset.result = JSON.stringify(result);
    },
    (error) => {
      document.body.dataset.result = JSON.stringify({ error: String(error?.stack ?? error) });
    },
  );
}
