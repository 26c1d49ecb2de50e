"""What a refused call says: the call, the field, what was expected and what came."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set, Sized
from functools import partial
from typing import Any

import numpy as np

from .arithmetic import edit_distance


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value without NumPy's types of scalars, and without those that derive from texts, as enums do.

    Dates stay what they are: some of NumPy's would become integers.
    """
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        return value.item()
    return str.__str__(value) if isinstance(value, str) else value


def describe(value: object) -> str:
    """A value in a few words, for messages."""
    value = plain(value)
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return json.dumps(f"{value[:40]}..." if len(value) > 40 else value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if callable(value):
        return "a function"
    return f"an object ({type(value).__name__})"


def number(value: float) -> str:
    """A number as messages give it: a whole one without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def wrong_type(call: str, field: str, expected: str, actual: object) -> TypeError:
    """A TypeError for a value of the wrong kind."""
    return TypeError(f"{call}: {field} is {describe(actual)}, expected {expected}")


def out_of_range(call: str, field: str, expected: str, actual: object) -> ValueError:
    """A ValueError for a value outside what is allowed."""
    return ValueError(f"{call}: {field} is {describe(actual)}, expected {expected}")


@contextlib.contextmanager
def named(call: str) -> Iterator[None]:
    """Puts the name of the call in front of what the engine refuses, or in place of that of a network's builder."""
    try:
        yield
    except (TypeError, ValueError) as error:
        # Others are theirs, and some take more than a message.
        kind = TypeError if isinstance(error, TypeError) else ValueError
        said = re.sub(r"^Network\.\w+: ", "", str(error))
        raise kind(f"{call}: {said}") from None


def check_number(
    call: str,
    field: str,
    value: Any,  # noqa: ANN401
    *,
    min: float = -math.inf,
    max: float = math.inf,
    below: float = math.inf,
    integer: bool = False,
) -> Any:  # noqa: ANN401
    """Checks a finite number from `min` to `max`, both allowed, or to `below`, which is not; an int if `integer`."""
    value = plain(value)
    kind = partial(_kind, min, max, below, integer)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(call, field, kind(), value)
    if isinstance(value, int) and not integer:
        try:
            value = float(value)
        except OverflowError:
            raise out_of_range(call, field, kind(), value) from None
    is_finite = isinstance(value, int) or math.isfinite(value)
    if not is_finite or value < min or value > max or value >= below or (integer and value != int(value)):
        raise out_of_range(call, field, kind(), value)
    return int(value) if integer else value


def _kind(min: float, max: float, below: float, integer: bool) -> str:
    """What kind of number is expected."""
    kind = "an integer" if integer else "a finite number"
    if below < math.inf:
        return f"{kind} from {number(min)} and below {number(below)}"
    if max < math.inf:
        return f"{kind} between {number(min)} and {number(max)}"
    return f"{kind} of at least {number(min)}" if min > -math.inf else kind


def check_boolean(call: str, field: str, value: object) -> bool:
    """Checks true or false, and gives it."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise wrong_type(call, field, "True or False", value)


def check_choice(call: str, field: str, value: object, choices: Sequence[str]) -> str:
    """Checks one of a few words, and gives it."""
    if isinstance(value, str) and value in choices:
        return str(value)
    expected = "one of " + ", ".join(f"'{choice}'" for choice in choices)
    raise (out_of_range if isinstance(value, str) else wrong_type)(call, field, expected, value)


def check_function(call: str, field: str, value: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Checks a function, and gives it."""
    if not callable(value):
        raise wrong_type(call, field, "a function", value)
    return value  # type: ignore[no-any-return]


def is_vector(value: object) -> bool:
    """True for lists, tuples and arrays, but for NumPy's matrices, whose rows are matrices."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and not isinstance(value, np.matrix)
    return isinstance(value, (list, tuple))


def check_callback(call: str, field: str, value: object) -> None:
    """Checks a function that may be left out."""
    if value is not None:
        check_function(call, field, value)


def check_positive(call: str, field: str, value: Any) -> float:  # noqa: ANN401
    """Checks a finite number above 0, and gives it."""
    checked: float = check_number(call, field, value, min=0)
    if checked == 0:
        raise out_of_range(call, field, "a number above 0", value)
    return checked


def check_list(call: str, field: str, value: Any) -> list[Any]:  # noqa: ANN401
    """Checks a list that is not empty (also an array, or a column of a table), and gives its entries.

    Tables would give the names of their columns, and sets an order that nobody knows.
    """
    if hasattr(value, "columns"):
        raise wrong_type(call, field, "a list, as a column of the table is", value)
    is_list = isinstance(value, Iterable) and isinstance(value, Sized)
    if not is_list or isinstance(value, (str, bytes, Mapping, Set, np.matrix)):
        raise wrong_type(call, field, "a list", value)
    try:
        length = len(value)
    except TypeError:
        # An array without axes, or a sparse one, has no length.
        raise wrong_type(call, field, "a list", value) from None
    if length == 0:
        raise out_of_range(call, field, "at least one entry", value)
    return list(value)


def check_names(call: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuses names of parameters that are not known, with the name that may be meant."""
    for name in given:
        if name not in known:
            near = _synonym(name, known) or _nearest(name, known)
            hint = f"known are {', '.join(known)}" if near is None else f"did you mean '{near}'?"
            raise TypeError(f"{call}: {name} is not known; {hint}")


# What other libraries call a parameter, small and without marks, and what it may be called here.
_SYNONYMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lr learningrate learnrate stepsize eta alpha learningrateinit", ("rate",)),
    (
        "epoch epochs iteration iterations maxepochs maxiterations maxiter nepochs numepochs",
        ("epochs", "iterations"),
    ),
    ("batch minibatch minibatchsize", ("batch_size",)),
    ("validationsplit validationdata validationset validationfraction testsize holdout", ("validation",)),
    ("loss lossfunction costfunction criterion metric", ("cost",)),
    ("errorthresh errorthreshold targeterror tolerance threshold tol", ("error",)),
    ("earlystopping earlystoppingpatience niternochange", ("patience",)),
    ("clip clipgradient clipgradients gradientclipping gradclip maxnorm", ("clip_norm",)),
    ("solver algorithm", ("optimizer",)),
    ("l2 regularization", ("weight_decay",)),
    ("warmupsteps warmupepochs", ("warm_up",)),
    ("bptt tbptt truncatedbptt", ("truncate", "learner")),
    ("workers numworkers njobs parallel", ("threads",)),
    ("verbose logperiod debug", ("log",)),
    ("randomstate randomseed rng", ("seed",)),
    ("units cells neurons hiddensize hiddenunits hiddenlayers hiddenlayersizes layers sizes", ("hidden",)),
    ("dropoutrate drop keepprob", ("dropout",)),
    ("classes classnames categories tags", ("labels",)),
    ("classweight weights", ("class_weights",)),
)


def _synonym(name: str, known: Sequence[str]) -> str | None:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    here = [word for others, words in _SYNONYMS if plain in others.split() for word in words]
    return next((word for word in here if word in known), None)


def _nearest(name: str, known: Sequence[str]) -> str | None:
    best = min(known, key=lambda candidate: edit_distance(name.lower(), candidate.lower()), default=None)
    if best is None or edit_distance(name.lower(), best.lower()) > max(2, len(name) / 3):
        return None
    return best
