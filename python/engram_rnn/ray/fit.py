"""`fit` on a cluster, with checkpoints wherever fsspec writes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any, TypeVar

import fsspec

from ..errors import check_callback, out_of_range, wrong_type
from ..models.model import SequenceModel
from ..training.report import TrainingProgress
from .workers import Workers

Model = TypeVar("Model", bound=SequenceModel)
Path = str | os.PathLike[str]


def fit(
    model: Model,
    X: Any,  # noqa: ANN401, N803
    y: Any = None,  # noqa: ANN401
    *,
    workers: int | None = None,
    address: str | None = None,
    threads: int = 1,
    patience: float = 5.0,
    checkpoint: Path | None = None,
    resume: Path | bytes | None = None,
    on_progress: Callable[[TrainingProgress], object] | None = None,
    on_checkpoint: Callable[[bytes], object] | None = None,
) -> Model:
    """Trains a model as its `fit` does, to the same bits, on a Ray cluster; gives the model.

    Args:
        model: one of the sequence classes.
        X: as in its `fit`.
        y: as in its `fit`; a predictor and a generator have none.
        workers: see :class:`Workers`, as for `address`, `threads` and `patience`.
        address: of the cluster.
        threads: of each worker.
        patience: seconds after which what a worker was given is given to another one as well.
        checkpoint: file of the last checkpoint, on any path of fsspec (`s3://...` with its package installed); one
            is written every so many epochs as the model's `checkpoint_every` says. For a model with a `seed`.
        resume: a checkpoint to go on from, or its file, to the same bits: with the same parameters and samples.
        on_progress: as in its `fit`.
        on_checkpoint: as in its `fit`.
    """
    call = "engram_rnn.ray.fit"
    if not isinstance(model, SequenceModel):
        raise wrong_type(call, "model", "a sequence model, such as a SequenceClassifier", model)
    check_callback(call, "on_checkpoint", on_checkpoint)
    seed, every = model.get_params()["seed"], model.get_params()["checkpoint_every"]
    if seed is None and (checkpoint is not None or resume is not None):
        raise out_of_range(call, "seed", "a number: without one a run can't go on from a checkpoint", seed)
    if checkpoint is not None and every == 0:
        raise out_of_range(call, "checkpoint_every", "at least 1 where checkpoints have a file", every)
    if resume is not None and not isinstance(resume, bytes):
        resume = _read(resume)

    def keep(saved: bytes) -> None:
        if checkpoint is not None:
            _write(checkpoint, saved)
        if on_checkpoint is not None:
            on_checkpoint(saved)

    executors = Workers(workers, address=address, threads=threads, patience=patience)
    given = {"resume": resume, "on_progress": on_progress, "on_checkpoint": keep, "executors": executors}
    fitted: Model = model.fit(X, y, **given)
    return fitted


def _read(path: Path) -> bytes:
    with fsspec.open(os.fspath(path), "rb") as file:
        content: bytes = file.read()
        return content


def _write(path: Path, content: bytes) -> None:
    """Writes a file whose old content stays whole until the new one is."""
    system, name = fsspec.core.url_to_fs(os.fspath(path))
    part = f"{name}.part"
    try:
        system.pipe_file(part, content)
        system.mv(part, name)
    except BaseException:
        with contextlib.suppress(OSError):
            system.rm_file(part)
        raise
