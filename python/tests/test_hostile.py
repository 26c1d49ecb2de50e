"""Files from anywhere: whatever a reader is given, it answers with a model, a TypeError or a ValueError."""

import copy
import json
import os
import random
import re

import numpy as np
import pytest
from support import ROOT

from engram_rnn import (
    Encoder,
    Network,
    Pack,
    SequenceClassifier,
    SequencePredictor,
    SequenceTagger,
    model_from_json,
)
from engram_rnn.safetensors import Tensors, read_tensors, write_tensors

SEED = int(os.environ.get("ENGRAM_TEST_SEED", "1"))
ROUNDS = int(os.environ.get("ENGRAM_PYTHON_FUZZ", "150"))
FILES = sorted((ROOT / "tests/fixtures").glob("format-*/*-*.json")) + sorted(
    (ROOT / "tests/fixtures").glob("format-*/[pt]*.json")
)
STRANGE = [
    *(None, True, False, 0, 1, -1, 0.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**64, 10**400),
    *(float("nan"), float("inf"), "", "0", "x", "input", "attention", "\ud800", "\x00" * 9),
    *([], [[]], [None], {}, {"type": "bits"}, [1] * 9),
]


def places(value, path=()):
    """Where something stands in plain data."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def mutate(value, draw):
    """Plain data with one to three changes."""
    changed = copy.deepcopy(value)
    for _ in range(draw.randint(1, 3)):
        path = draw.choice(list(places(changed)))
        if not path:
            continue
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        match draw.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[path[-1]]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[path[-1]]))
            case 2 if isinstance(holder[path[-1]], (int, float)) and not isinstance(holder[path[-1]], bool):
                # Python's integers may be larger than any float: these grow by integers.
                holder[path[-1]] += draw.choice([1, -1, 7, 10**9])
            case _:
                holder[path[-1]] = copy.deepcopy(draw.choice(STRANGE))
    return changed


def use(model):
    """Does with a model what users do."""
    if isinstance(model, Network):
        model.activate_sequence([[0.5] * model.inputs] * 3)
        if len(model.biases) < 100:
            model.train([[[0.5] * model.inputs]] * 2, [[0.5] * model.outputs] * 2, iterations=2, learner="bptt")
    elif hasattr(model, "network_"):
        model.predict(["ab"] if isinstance(model, SequenceClassifier) else [[1, 2]])
    model.to_json() if isinstance(model, Network) or hasattr(model, "network_") else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_models_that_were_tampered_with(path):
    stored = json.loads(path.read_text())["model"]
    for round in range(ROUNDS):
        draw = random.Random(f"{SEED} {path.stem} {round}")
        given = mutate(stored, draw)
        try:
            use(model_from_json(given))
        except (TypeError, ValueError) as error:
            assert re.match(r"[\w.]+: ", str(error)), (error, given)
        except BaseException as error:
            raise AssertionError(f"seed {SEED}, round {round}: {json.dumps(given)[:2000]}") from error


def test_what_javascript_alone_can_do_is_refused_by_name():
    with pytest.raises(ValueError, match=r'json\.type is "SequenceGenerator", expected'):
        model_from_json({"engram": 2, "type": "SequenceGenerator"})
    predictor = SequencePredictor(hidden=(2,), epochs=1, seed=1).fit([[1.0, 2.0, 4.0]]).to_json()
    for name, value in {"outputs": ["a"], "covariates": [0], "horizon": 3}.items():
        with pytest.raises(ValueError, match=rf"SequencePredictor\.from_json: json\.{name} is "):
            SequencePredictor.from_json({**predictor, name: value})
    changes = {**predictor["encoder"], "difference": "relative"}
    with pytest.raises(ValueError, match=r'json\.difference is "relative", expected left out'):
        model_from_json({**predictor, "encoder": changes})


def test_checkpoints_that_were_tampered_with():
    saved = []
    given = {"hidden": (2,), "epochs": 2, "checkpoint_every": 1, "seed": 1, "encoder": Encoder.bytes()}
    SequenceClassifier(**given).fit(["ab", "b"], [0, 1], on_checkpoint=saved.append)
    for round in range(ROUNDS):
        draw = random.Random(f"{SEED} checkpoint {round}")
        damaged = bytearray(saved[0])
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        cut = bytes(damaged[: draw.choice([len(damaged), draw.randrange(len(damaged))])])
        if cut == saved[0]:
            continue
        with pytest.raises(ValueError, match="the checkpoint"):
            SequenceClassifier(**given).fit(["ab", "b"], [0, 1], resume=cut)


def test_values_that_are_none_of_the_kind_in_every_parameter():
    defaults = SequenceClassifier().get_params()
    for name in defaults:
        for value in STRANGE:
            model = SequenceClassifier(**{"hidden": (2,), "epochs": 1, "seed": SEED, name: value})
            try:
                # Some values ask for billions of epochs, of which the first are enough.
                model.fit(["ab", "cd"], ["a", "b"], on_progress=lambda _: True)
            except (TypeError, ValueError) as error:
                assert str(error).startswith("SequenceClassifier.fit: "), (name, value, error)


def tensors_changed(tensors, draw):
    """A pack with one to three changes, each in a place that a checksum does not hold."""
    arrays, metadata = dict(tensors.arrays), dict(tensors.metadata)
    for _ in range(draw.randint(1, 3)):
        name = draw.choice([*arrays, "run", "run", "model", "model"])
        if name in ("run", "model"):
            text = metadata["run"] if name == "run" else arrays["model"].tobytes()
            try:
                changed = json.dumps(mutate(json.loads(text), draw)).encode("utf-8", "replace")
            except ValueError:
                continue
            if name == "run":
                metadata["run"] = changed.decode()
            else:
                arrays["model"] = np.frombuffer(changed, np.uint8)
            continue
        if name not in arrays:
            continue
        array = arrays[name].copy()
        match draw.randrange(5):
            case 0:
                del arrays[name]
                continue
            case 1:
                array = array.reshape(-1)[: draw.randrange(array.size + 1)]
            case 2:
                with np.errstate(all="ignore"):
                    array = array.astype(draw.choice([np.float64, np.float32, np.uint32, np.uint8]))
            case 3:
                array = np.concatenate([array, array[: draw.randint(0, 2)]])
            case _ if array.size > 0:
                value = draw.choice([0, 1, 255, 2**32 - 1, 2**31, float("nan"), float("inf"), 1e308, -1])
                with np.errstate(all="ignore"):
                    array.reshape(-1)[draw.randrange(array.size)] = np.array(value).astype(array.dtype)
        arrays[name] = array
    return Tensors(arrays, metadata)


def test_packs_that_were_tampered_with():
    packs = []
    given = {"hidden": (2,), "epochs": 2, "seed": 1}
    for model, inputs, answers in (
        (SequenceClassifier(**given, class_weights="balanced"), ["ab", "b", "a"], ["x", "y", "x"]),
        (SequenceTagger(**given, validation=0.5), [[1, 2], [3.5, 2]], [["x", None], ["y", "x"]]),
        (SequencePredictor(**given), [[1, 2, 3]], None),
    ):
        pack = Pack.of(model, inputs, answers)
        packs.append(pack.to_bytes())
        pack.train(checkpoint_every=1)
        packs.append(pack.to_bytes())
    accepted = 0
    for round in range(ROUNDS * len(packs)):
        draw = random.Random(f"{SEED} pack {round}")
        content = packs[round % len(packs)]
        if draw.random() < 0.4:
            damaged = bytearray(content)
            for _ in range(draw.randint(1, 4)):
                damaged[draw.randrange(len(damaged) if draw.random() < 0.5 else 1500)] = draw.randrange(256)
            content = bytes(damaged[: draw.choice([len(damaged), draw.randrange(len(damaged))])])
        else:
            content = write_tensors(tensors_changed(read_tensors("fuzz", content), draw))
        try:
            pack = Pack.from_bytes(content)
            if pack.options["iterations"] <= 3 and len(pack.network.biases) < 100:
                pack.train()
            accepted += 1
        except (TypeError, ValueError) as error:
            assert re.match(r"[\w.]+: ", str(error)), (error, f"seed {SEED}, round {round}")
        except BaseException as error:
            raise AssertionError(f"seed {SEED}, round {round}: {type(error).__name__} {error}") from error
    assert accepted > 0
