"""What users are told of a run, made of what the engine tells."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..arithmetic import to_precision
from ..documented import documented
from .plan import RunPlan


@documented
@dataclass(frozen=True)
class Score:
    """How well a network does on some samples."""

    error: float
    """Mean cost per target."""
    accuracy: float | None
    """Share of answers that are right, 0 to 1; None where outputs are values, which are neither right nor wrong."""


@documented
@dataclass(frozen=True)
class TrainingResult:
    """How a run ended."""

    stopped: str
    """Why it ended: 'iterations', 'error', 'patience', 'aborted' or 'diverged'."""
    iterations: int
    """Iterations (epochs) that were begun."""
    error: float
    """Error of the last iteration, on the samples held out, if there are any; with `patience`, and so accuracy and
    scores, of the one whose weights are kept."""
    accuracy: float | None
    """Share of answers that were right there; None as in :class:`Score`."""
    training: Score
    """On the samples trained on, while they were trained on."""
    validation: Score | None
    """On the samples held out, if there are any."""
    time: float
    """Seconds."""
    advice: str | None
    """What happened and what may help; None where there is nothing to say."""


@documented
@dataclass(frozen=True)
class TrainingProgress:
    """How a run goes."""

    iteration: int
    """Iterations (epochs) that were finished."""
    iterations: int
    """Iterations that were asked for."""
    error: float
    """Error of the last finished iteration; 1 before."""
    accuracy: float | None
    """Share of right answers in the last finished iteration; None as in :class:`Score`."""
    training: Score
    """On the samples trained on, while they were trained on."""
    validation: Score | None
    """On the samples held out, if there are any."""
    rate: float
    """Learning rate."""
    examples: int
    """Samples trained on so far, modulo 2^32."""
    time: float
    """Seconds so far."""
    per_second: float
    """Samples trained on per second."""
    time_left: float
    """Seconds until all iterations are done, at this pace."""


class Reporter:
    """Makes what users are told of one run. `remarks` are what else there is to say of it, as advice."""

    def __init__(self, plan: RunPlan, *, is_resumed: bool, remarks: Sequence[str] = ()) -> None:
        self._plan = plan
        self._remarks = remarks
        self._start = time.perf_counter()
        # What was done before, by the run that this one goes on from.
        self._before: tuple[int, int] | None = None if is_resumed else (0, 0)

    def _scores(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Scores of which those that the run is judged by come first."""
        judged = Score(report["error"], report["accuracy"])
        return {
            "error": judged.error,
            "accuracy": judged.accuracy,
            "training": Score(report["training_error"], report["training_accuracy"]),
            "validation": judged if self._plan.has_held_out else None,
        }

    def progress(self, report: Mapping[str, Any]) -> TrainingProgress:
        """How the run goes."""
        iteration, examples = report["iteration"], report["examples"]
        if self._before is None:
            self._before = iteration, examples
        iterations = self._plan.options["iterations"]
        passed = time.perf_counter() - self._start
        done = iteration - self._before[0]
        return TrainingProgress(
            iteration=iteration,
            iterations=iterations,
            rate=report["rate"],
            examples=examples,
            time=passed,
            # The engine counts modulo 2^32.
            per_second=((examples - self._before[1]) % 2**32) / max(passed, 1e-12),
            time_left=(iterations - iteration) * passed / done if done > 0 else math.inf,
            **self._scores(report),
        )

    def result(self, outcome: Mapping[str, Any]) -> TrainingResult:
        """How the run ended."""
        options = self._plan.options
        clips, is_patient = options["clip_norm"] is not None, options["patience"] > 0
        advice = [*self._remarks, *findings(outcome, clips=clips, is_patient=is_patient)]
        return TrainingResult(
            stopped=outcome["stopped"],
            iterations=outcome["iteration"],
            time=time.perf_counter() - self._start,
            advice="; ".join(advice) or None,
            **self._scores(outcome),
        )


def findings(outcome: Mapping[str, Any], *, clips: bool, is_patient: bool) -> list[str]:
    """What the errors of a run say, a finding each."""
    clip = "" if clips else ", or clip_norm=1"
    stopped, error, baseline = outcome["stopped"], outcome["training_error"], outcome["baseline"]
    if stopped == "diverged":
        return [
            f"the error or a weight became infinite or not a number in iteration {outcome['iteration']}; the weights "
            f"are those of the {'best iteration' if is_patient else 'iteration before'}. A lower rate helps{clip}"
        ]
    if stopped == "aborted":
        return []
    found = []
    if baseline is not None and error > baseline:
        are_values = outcome["training_accuracy"] is None
        answer = "the mean of the targets" if are_values else "the targets' shares"
        remedy = "Scale the targets (about -1 to 1), lower" if are_values else "Lower"
        goal = " with a lower error goal" if stopped == "error" else ""
        found.append(
            f"the error on the samples trained on, {to_precision(error, 3)}, is no better than that of always "
            f"answering with {answer}, {to_precision(baseline, 3)}. {remedy} the rate, or train for more iterations "
            f"(epochs){goal}"
        )
    if outcome["swings"] and stopped != "error":
        found.append(f"the error went up and down in the last iterations. A lower rate helps{clip}")
    return found
