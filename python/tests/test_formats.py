"""Files that JavaScript wrote, of every format, answer in Python as they did."""

import json

import numpy as np
import pytest
from support import ROOT

from engram_rnn import Network, SequenceGenerator, SequenceTranscriber, load, model_from_json

FORMATS = sorted((ROOT / "tests/fixtures").glob("format-*"))
# A run is not a model, and these classes are JavaScript's alone so far.
OTHERS = ("run", "patient", "rocket", "features")
FILES = [path for format in FORMATS for path in sorted(format.glob("*.json")) if path.stem not in OTHERS]


def answer(model, file):
    if "steps" in file:
        return model.activate_sequence(file["steps"]), file["outputs"]
    expected = file["answer"]
    if isinstance(model, SequenceTranscriber):
        assert model.predict([file["input"]], beam=5) == [expected]
        return [], []
    if isinstance(model, SequenceGenerator):
        assert model.generate(file["input"], **file["options"]) == expected
        return [], []
    if isinstance(expected, dict):
        if "labels" in expected:
            assert model.predict([file["input"]])[0].tolist() == expected["labels"]
        return model.predict_proba([file["input"]])[0], list(expected["probabilities"].values())
    if isinstance(expected[0], dict):
        return model.predict_proba([file["input"]])[0], [list(step["probabilities"].values()) for step in expected]
    return model.predict([file["input"]], *([value] for value in file.get("options", {}).values()))[0], expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_answers_as_it_did(path):
    file = json.loads(path.read_text())
    actual, expected = answer(model_from_json(file["model"]), file)
    # Versions may compute the same function in other steps.
    np.testing.assert_allclose(actual, expected, rtol=1e-13, atol=0)


# What Python writes is of the first format, which both sides open.
@pytest.mark.parametrize("path", [path for path in FILES if path.parent == FORMATS[0]], ids=lambda path: path.stem)
def test_a_file_is_written_as_it_was_read(path):
    stored = json.loads(path.read_text())["model"]
    written = model_from_json(stored).to_json()
    # Fields that came later may be added.
    assert {name: written[name] for name in stored} == stored


CHECKPOINTS = [path for format in FORMATS for path in sorted(format.glob("*.checkpoint"))]


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_checkpoint_goes_on_to_where_it_went(checkpoint):
    def pair(samples):
        return [sample["input"] for sample in samples], [sample["output"] for sample in samples]

    file = json.loads(checkpoint.with_suffix(".json").read_text())
    options = file["options"]
    if "validation" in options:
        options["validation"] = pair(options["validation"])
    network = Network.lstm(1, 3, 2, variant="standard", output="softmax", seed=2)
    result = network.train(*pair(file["set"]), resume=checkpoint.read_bytes(), **options)
    assert result.error == file["error"]
    assert network.weights.tolist() == file["weights"]


def test_there_are_files_of_every_format():
    assert [format.name for format in FORMATS] == ["format-1", "format-2"]


def test_formats_of_versions_to_come_are_refused_by_name():
    stored = json.loads((FORMATS[0] / "network-standard.json").read_text())["model"]
    with pytest.raises(ValueError, match=r"engram is 3, expected 1 or 2 \(the formats that this version reads\)"):
        model_from_json({**stored, "engram": 3})
    model = json.loads((FORMATS[0] / "classifier-bits.json").read_text())["model"]
    with pytest.raises(ValueError, match=r"engram is 3, expected 1 or 2 \(the formats that this version reads\)"):
        model_from_json({**model, "engram": 3})


def test_files_that_are_none_are_refused(tmp_path):
    path = tmp_path / "model.json"
    for text in ("", "{", "[1]", "7", '{"type": "Perceptron"}', '{"neurons": 7}', "[" * 100_000):
        path.write_text(text)
        with pytest.raises((TypeError, ValueError)):
            load(path)
