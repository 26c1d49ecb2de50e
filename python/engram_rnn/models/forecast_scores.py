"""How far forecasts are from what came, beside the forecasts that need no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..training.flat_set import Values
from .regression_scores import errors_of

_COLUMNS = ("target", "forecast", "last", "season")


def _mean(scores: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([each[name] for each in scores])) for name in ("mae", "rmse")}


class ForecastJudge:
    """Collects forecasts."""

    def __init__(self, ahead: int, outputs: int, has_season: bool) -> None:
        self._named = ("last", "season") if has_season else ("last",)
        # (steps ahead, outputs), each with a row of _COLUMNS per forecast.
        self._pairs: list[list[list[tuple[float, ...]]]] = [[[] for _ in range(outputs)] for _ in range(ahead)]

    def take(self, ahead: int, targets: Values, forecasts: Values, last: Values, season: Values) -> None:
        """Takes the forecasts of all outputs, `ahead` steps from 0; gaps are passed over."""
        # A season that was missing is told from the last value.
        before = np.where(np.isnan(season), last, season)
        for pairs, *row in zip(self._pairs[ahead], targets, forecasts, last, before, strict=True):
            if not (np.isnan(row[0]) or np.isnan(row[2])):
                pairs.append(tuple(float(value) for value in row))

    def _scores(self, outputs: Sequence[list[tuple[float, ...]]]) -> dict[str, Any]:
        judged = [dict(zip(_COLUMNS, np.array(pairs).T, strict=True)) for pairs in outputs if pairs]
        if not judged:
            return {"count": 0}

        def errors(name: str) -> dict[str, float]:
            return _mean([errors_of(pairs["target"], pairs[name]) for pairs in judged])

        others = {name: errors(name) for name in self._named}
        return {**errors("forecast"), **others, "count": sum(len(pairs["target"]) for pairs in judged)}

    def finish(self, advice: str) -> dict[str, Any] | None:
        """The scores; None where there was nothing to compare. `advice` says what may help."""
        ahead = [self._scores(outputs) for outputs in self._pairs]
        judged = [scores for scores in ahead if scores["count"] > 0]
        if not judged:
            return None
        found = {
            **_mean(judged),
            **{name: _mean([scores[name] for scores in judged]) for name in self._named},
            "count": sum(scores["count"] for scores in judged),
            "ahead": ahead,
        }
        names = {"last": "repeating the last value", "season": "repeating the last season"}
        better = [
            f"{names[name]} (rmse {found[name]['rmse']:.3g})"
            for name in self._named
            if not found["rmse"] < found[name]["rmse"]
        ]
        if better:
            which = " and ".join(better)
            found["advice"] = f"the forecasts (rmse {found['rmse']:.3g}) are no better than {which}. {advice}"
        return found
