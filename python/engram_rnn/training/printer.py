"""Says how training goes: by a bar, or by lines."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from ..errors import check_callback, check_number
from .report import TrainingProgress


class Printer:
    """Prints progress, and hands it on to `on_progress`.

    `log` is True for a bar (a line per second without tqdm), or epochs between two lines.
    """

    def __init__(self, call: str, log: object, on_progress: Callable[[TrainingProgress], object] | None) -> None:
        check_callback(call, "on_progress", on_progress)
        self._on_progress = on_progress
        self._every = 0 if isinstance(log, bool) else check_number(call, "log", log, min=0, max=2**32 - 1, integer=True)
        self._wants_bar = log is True
        self._bar: Any = None
        self._next = 0.0

    def __enter__(self) -> Printer:
        if self._wants_bar:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return self
            self._bar = tqdm(unit="epoch")
        return self

    def take(self, progress: TrainingProgress) -> object:
        """Takes a report, and gives what `on_progress` says to it."""
        self._print(progress)
        return None if self._on_progress is None else self._on_progress(progress)

    def _print(self, progress: TrainingProgress) -> None:
        scores = f"error {progress.error:.4g}"
        if progress.accuracy is not None:
            scores += f" accuracy {progress.accuracy:.3f}"
        if self._bar is not None:
            self._bar.total = progress.iterations
            self._bar.set_postfix_str(scores, refresh=False)
            self._bar.update(progress.iteration - self._bar.n)
        elif self._wants_bar and progress.time >= self._next:
            self._next = progress.time + 1
            print(f"epoch {progress.iteration} of {progress.iterations}: {scores}")
        elif self._every and progress.iteration >= self._next:
            self._next = (progress.iteration // self._every + 1) * self._every
            print(f"epoch {progress.iteration} of {progress.iterations}: {scores}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
