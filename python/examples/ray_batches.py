"""Labels for a data set that need not fit into one machine's memory, by ray.data.

pip install "engram-rnn[ray]" "ray[data]"
python python/examples/ray_batches.py
"""

import numpy as np
import ray
from names import samples

from engram_rnn import Encoder, SequenceClassifier, model_from_json


class Labeller:
    """An actor that holds the model and labels batches of rows."""

    def __init__(self, stored: dict) -> None:
        self.model = model_from_json(stored)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Adds the label of every row's text."""
        return {**batch, "label": self.model.predict(list(batch["text"]))}


def main() -> float:
    """Share of names held out that get their language."""
    ray.init(ignore_reinit_error=True)
    X, y, X_held_out, y_held_out = samples()
    model = SequenceClassifier(encoder=Encoder.bytes(), epochs=16, rate=0.02, seed=1).fit(X, y)
    rows = [{"text": name, "language": language} for name, language in zip(X_held_out, y_held_out, strict=True)]
    labelled = ray.data.from_items(rows).map_batches(
        Labeller, fn_constructor_args=(model.to_json(),), batch_size=64, concurrency=1
    )
    right = sum(row["label"] == row["language"] for row in labelled.take_all())
    print(f"{len(rows)} names, accuracy {right / len(rows):.3f}")
    return right / len(rows)


if __name__ == "__main__":
    main()
