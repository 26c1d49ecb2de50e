"""Sizes and rates of a classifier, tried by Ray Tune: bad trials are stopped early, each goes on from checkpoints.

pip install "engram-rnn[ray]" "ray[tune]"
python python/examples/ray_tune.py
"""

import tempfile
from pathlib import Path

import ray
from names import samples
from ray import tune
from ray.tune.schedulers import ASHAScheduler

from engram_rnn import Encoder, SequenceClassifier

EPOCHS = 24
EVERY = 4


def trial(config: dict) -> None:
    """Trains one classifier; tells Tune its accuracy, with a checkpoint, every few epochs."""
    X, y, X_held_out, y_held_out = samples()
    model = SequenceClassifier(
        encoder=Encoder.bytes(),
        hidden=(config["hidden"],),
        rate=config["rate"],
        epochs=EPOCHS,
        validation=(X_held_out, y_held_out),
        checkpoint_every=EVERY,
        threads=1,
        seed=1,
    )

    def told(checkpoint: bytes) -> None:
        # The network holds the weights of the checkpoint: the score is of names that it did not learn from.
        accuracy = model.score(X_held_out, y_held_out)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "run.ckpt").write_bytes(checkpoint)
            tune.report({"accuracy": accuracy}, checkpoint=tune.Checkpoint.from_directory(folder))

    kept = tune.get_checkpoint()
    resume = None
    if kept is not None:
        with kept.as_directory() as folder:
            resume = (Path(folder) / "run.ckpt").read_bytes()
    model.fit(X, y, resume=resume, on_checkpoint=told)


def main() -> float:
    """The best accuracy on names held out."""
    ray.init(ignore_reinit_error=True)
    best = (
        tune.Tuner(
            tune.with_resources(trial, {"cpu": 1}),
            param_space={"hidden": tune.grid_search([4, 16, 32]), "rate": tune.grid_search([0.003, 0.02])},
            tune_config=tune.TuneConfig(
                metric="accuracy",
                mode="max",
                scheduler=ASHAScheduler(max_t=EPOCHS // EVERY, grace_period=2),
                max_concurrent_trials=2,
            ),
            run_config=tune.RunConfig(failure_config=tune.FailureConfig(max_failures=1), verbose=0),
        )
        .fit()
        .get_best_result(scope="all")
    )
    accuracy: float = best.metrics["accuracy"]
    print(f"best: {best.config}, accuracy {accuracy:.3f}")
    return accuracy


if __name__ == "__main__":
    main()
