"""Models that have learnt, and are to know more: labels, words, symbols, another normalisation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from ..encoders import Encoder
from ..encoders.coding import NamedInput
from ..errors import check_choice, check_list, named, out_of_range
from .model import SQUASH, SequenceModel
from .ready import SWAP


class ExtendableModel(SequenceModel):
    """Base of the models that have `extend`.

    All weights stay to the bit, as in JavaScript: symbols that are new have the weights of unknown ones, which they
    were, and outputs that are new those that the seed draws for them.
    """

    def _extension(self, call: str, X: Collection[Any] | None, y: object, normalization: object) -> Encoder:  # noqa: N803
        """The encoder of the extended model: it knows what inputs have beside, and measures series anew if asked."""
        network = self._fitted(call)
        if network.core.in_run:
            raise TypeError(f"{call}: the network is being trained; wait for the run to end, or abort it")
        renew = check_choice(call, "normalization", normalization, ("frozen", "renewed")) == "renewed"
        if X is None and renew:
            raise out_of_range(call, "normalization", "'frozen' where no X is given", normalization)
        if X is None and y is not None:
            raise out_of_range(call, "y", "left out where no X is given", y)
        inputs: Sequence[Any] = [] if X is None else check_list(call, "X", X)
        return self.encoder_.extended(
            call, [NamedInput(f"X[{index}]", input) for index, input in enumerate(inputs)], renew
        )

    def _grow(
        self,
        call: str,
        encoder: Encoder,
        outputs: int | None = None,
        take: Callable[[], None] = lambda: None,
        *,
        end: bool = False,
    ) -> None:
        """Extends the model, to so many outputs or as many as it has.

        `take` gives it what its class has beside, `end` says that the last output stays the last.
        """
        before, settings = self._fitted(call), replace(self._topology, encoder=encoder)
        network = before
        slots, count = self.encoder_.size, network.outputs if outputs is None else outputs
        more = encoder.size - slots
        if more > 0 or count > network.outputs:
            kind = next(kind for kind, squash in SQUASH.items() if squash == network.output_squashes[0])
            made = settings.network(call, self._input_size(call, encoder), count, kind)
            with named(call):
                made.core.inherit(network.core, slots, more, end)
            network = made
        given = self._parameter("encoder")
        with SWAP:
            if self._fitted(call) is not before or before.core.in_run:
                raise TypeError(f"{call}: the network has been trained meanwhile; extend the model when that has ended")
            self.encoder_, self.network_, self._topology = encoder, network, settings
            if isinstance(given, Encoder):
                # A later `fit` begins anew, and knows as much beforehand as it did.
                self.encoder = encoder.copy() if given.is_fitted else encoder.unfitted()
            take()
