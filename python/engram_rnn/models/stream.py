"""Sequences that come step by step, and what a model says after each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from ..encoders import Encoder
from ..encoders.numeric import Numeric
from ..encoders.row_reader import RowReader
from ..errors import out_of_range
from ..network import Network
from ..training.flat_set import Values

Answer = TypeVar("Answer")
Said = TypeVar("Said", covariant=True)


class Says(Protocol[Said]):
    """What a class says of a sequence, as its steps come."""

    def hear(self, outputs: Values, stays: bool) -> None:
        """Takes what the network answers at a step, which the next one takes back unless it stays."""

    def answer(self, rows: RowReader | None) -> Said:
        """What there is to say now; `rows` has read the series, if it is one."""


class SaysLast(Generic[Answer]):
    """What a class says that needs the last outputs only."""

    def __init__(self, answer: Callable[[Values, RowReader | None], Answer]) -> None:
        self._answer = answer
        self._outputs: Values = np.empty(0)

    def hear(self, outputs: Values, stays: bool) -> None:
        """See :class:`Says`."""
        self._outputs = outputs

    def answer(self, rows: RowReader | None) -> Answer:
        """See :class:`Says`."""
        return self._answer(self._outputs, rows)


class SequenceStream(Generic[Answer]):
    """A sequence that comes step by step, made by a model's `stream`.

    After each step it says what the model says of the whole sequence so far, to the bit, at the cost of one step. A
    model may have many, which share its weights, and see the newest while `fit` runs in another thread. Normalisation,
    changes, gaps and windows are as in training. One thread at a time uses a stream.

    >>> from engram_rnn import SequenceClassifier
    >>> model = SequenceClassifier(hidden=(4,), epochs=5, seed=1).fit([[1, 2], [8, 9]], ["low", "high"])
    >>> stream = model.stream()
    >>> for step in (1, 2):
    ...     probabilities = stream.push(step)
    >>> bool((probabilities == model.predict_proba([[1, 2]])[0]).all())
    True
    """

    def __init__(
        self,
        call: str,
        network: Network,
        encoder: Encoder,
        says: Callable[[], Says[Answer]],
        *,
        begin: int | None = None,
        row: Callable[[str, RowReader, Any], Values] | None = None,
    ) -> None:
        """A stream of a model.

        `says` makes what speaks for a sequence; `begin` is a code that is read before the first step; `row` makes what
        the network reads at the last row of a reader, of classes that read more than it.
        """
        self._encoder, self._says_anew, self._begin, self._row = encoder, says, begin, row
        self._stepper = network.stepper(call)
        self._start()

    def _start(self) -> None:
        coding = self._encoder.coding
        self._rows = coding.reader("SequenceStream") if isinstance(coding, Numeric) else None
        self._says = self._says_anew()
        self._has_begun = False

    def push(self, step: object, covariates: Any = None) -> Answer:  # noqa: ANN401
        """Reads a step; gives what the model says of all steps since the stream began, or was reset.

        Of series a step is a row; with `window` a row too, and the answer is that of a series that ends with it. Of
        lists a step is a symbol. Of texts it is a piece of any length but 0, cut between characters, and where steps
        are words between words. What is refused was not read.

        Args:
            step: a row, a symbol, or a piece of a text.
            covariates: of a predictor that has some: those of the rows to come, as `forecast` takes them.
        """
        call = "SequenceStream.push"
        coding = self._encoder.coding
        if self._row is None and covariates is not None:
            raise out_of_range(call, "covariates", "left out: the model has none", covariates)
        if isinstance(coding, Numeric) and self._rows is not None:
            reader = self._rows.copy()
            reader.take(call, "step", np.array(coding.row(call, "step", step)))
            read = reader.step() if self._row is None else self._row(call, reader, covariates)
            self._says.hear(self._stepper.push(read, reader.stays), reader.stays)
            self._rows = reader
            return self._says.answer(reader)
        codes = coding.codes(call, "step", coding.alone(step))
        if len(codes) == 0:
            raise out_of_range(call, "step", "a text of at least one step", step)
        if not self._has_begun and self._begin is not None:
            self._stepper.push(np.array([self._begin], dtype=np.uint32))
        self._has_begun = True
        for at in range(len(codes)):
            self._says.hear(self._stepper.push(codes[at : at + 1].reshape(-1)), stays=True)
        return self._says.answer(None)

    def reset(self) -> None:
        """Forgets what was read: the next step begins a sequence."""
        self._stepper.reset()
        self._start()
