"""A grid search by scikit-learn whose fits run on a Ray cluster, by joblib's Ray backend.

pip install "engram-rnn[ray]"
python python/examples/ray_joblib.py
"""

import joblib
import ray
from names import samples
from ray.util.joblib import register_ray
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from engram_rnn import Encoder, SequenceClassifier


def main() -> float:
    """The accuracy, on names held out, of the classifier that the search finds."""
    ray.init(ignore_reinit_error=True)
    register_ray()
    X, y, X_held_out, y_held_out = samples()
    search = GridSearchCV(
        SequenceClassifier(encoder=Encoder.bytes(), epochs=16, rate=0.02, threads=1, seed=1),
        {"hidden": [(8,), (16,), (32,)]},
        cv=StratifiedKFold(3, shuffle=True, random_state=1),
        n_jobs=2,
    )
    with joblib.parallel_backend("ray"):
        search.fit(X, y)
    accuracy: float = search.score(X_held_out, y_held_out)
    print(f"best: {search.best_params_}, accuracy {accuracy:.3f}")
    return accuracy


if __name__ == "__main__":
    main()
