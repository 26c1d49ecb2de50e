"""Models that learn more later, as in JavaScript: all that was learnt stays to the bit."""

import re

import numpy as np
import pytest
from support import node

from engram_rnn import (
    Encoder,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
    load,
)

FEW = {"epochs": 3, "seed": 4, "threads": 1}
TEXTS, LABELS = ["ab ba", "b c b", "c a", "a a b"], ["x", "y", "x", "y"]
ROWS = [[[1, 2], [3, 1]], [[2, 2]], [[0, 1], [1, 0], [5, 5]]]


def sentences(encoder, texts):
    return [text.split() for text in texts] if encoder.to_json()["type"] == "symbols" else texts


def classifier(encoder, **options):
    model = SequenceClassifier(encoder=encoder, hidden=(5,), warm_start=True, **FEW).set_params(**options)
    return model.fit(sentences(encoder, TEXTS), LABELS)


CLASSIFIERS = {
    "words": lambda: classifier(Encoder.tokens(embedding=3)),
    "an alphabet, several layers, attention": lambda: classifier(
        Encoder.one_hot("ab "), hidden=(4, 3), bidirectional=True, readout="attention"
    ),
    "symbols that are found, GRU": lambda: classifier(Encoder.symbols(), variant="gru", readout="mean"),
    "symbols that are given, with labels": lambda: classifier(Encoder.symbols(symbols=["a", "b"]), labels=["y", "x"]),
    "bytes, Synaptic's cells": lambda: classifier(Encoder.bytes(), variant="synaptic"),
    "convolutions": lambda: classifier(
        Encoder.tokens(split="characters", embedding=2), hidden=(), convolution=[{"filters": 3, "width": 2}]
    ),
}


def as_javascript_extends(model, options, further, tmp_path):
    """Has JavaScript extend the model as it was and train it further; gives its networks of before and after that."""
    model.save(tmp_path / "model.json")
    made = [str(tmp_path / name) for name in ("extended.json", "further.json")]
    node("extend", path=str(tmp_path / "model.json"), options=options, samples=further, fit={"epochs": 2}, into=made)
    return [load(path) for path in made]


def assert_alike(one, other):
    assert one.to_json()["encoder"] == other.to_json()["encoder"]
    for name in ("weights", "biases"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_knows_more_labels_and_symbols_and_answers_as_before(name, tmp_path):
    model = CLASSIFIERS[name]()
    encoder = model.encoder
    fresh = sentences(encoder, ["new a words"])
    asked = [*sentences(encoder, TEXTS), *fresh]
    before, size = model.predict_proba(asked), model.encoder_.size
    samples = [{"input": fresh[0], "label": "z"}, {"input": asked[0], "label": "x"}]
    extended, further = as_javascript_extends(model, {"samples": samples, "labels": ["z"]}, samples, tmp_path)

    inputs = [fresh[0], asked[0]]
    assert model.extend(inputs, ["x", "x"]) is model
    assert (model.encoder_.size > size) == (name != "bytes, Synaptic's cells")
    np.testing.assert_array_equal(model.predict_proba(asked), before)
    model.extend(labels=["z"])
    assert sorted(model.classes_) == ["x", "y", "z"]
    after = model.predict_proba(asked)
    np.testing.assert_allclose(after[:, 0] / after[:, 1], before[:, 0] / before[:, 1], rtol=1e-12)
    assert_alike(model, extended)
    model.set_params(epochs=2).fit(inputs, ["z", "x"])
    assert_alike(model, further)
    model.save(tmp_path / "own.json")
    np.testing.assert_array_equal(load(tmp_path / "own.json").predict_proba(asked), model.predict_proba(asked))


def test_several_labels_keep_their_probabilities_and_thresholds():
    model = SequenceClassifier(multi_label=True, thresholds=0.3, warm_start=True, hidden=(3,), **FEW)
    model.fit([[1, 2, 3], [3, 2, 1]], [["a"], ["a", "b"]])
    before = model.predict_proba([[1, 1]])
    model.extend(labels=["c", "d"], thresholds={"d": 0.9})
    assert model.thresholds == {"a": 0.3, "b": 0.3, "c": 0.5, "d": 0.9}
    np.testing.assert_array_equal(model.predict_proba([[1, 1]])[:, :2], before)
    assert model.fit([[1, 2], [9, 9]], [["a"], ["c", "d"]]).classes_.tolist() == ["a", "b", "c", "d"]


def test_a_tagger_a_transcriber_and_a_generator_grow_as_in_javascript(tmp_path):
    tagger = SequenceTagger(encoder=Encoder.tokens(embedding=4), hidden=(4,), warm_start=True, **FEW)
    tagger.fit(["fly to rome", "paris is far"], [["O", "O", "B"], ["B", "O", "O"]])
    samples = [{"input": "fly on monday", "labels": ["O", "O", "D"]}]
    extended, further = as_javascript_extends(tagger, {"samples": samples, "labels": ["D"]}, samples, tmp_path)
    tagger.extend(["fly on monday"], [["O", "O", "D"]], labels=["D"])
    assert_alike(tagger, extended)
    assert_alike(tagger.set_params(epochs=2).fit(["fly on monday"], [["O", "O", "D"]]), further)

    reader = SequenceTranscriber(hidden=(4,), symbols=["u", "d"], warm_start=True, **FEW)
    reader.fit([[0, 5, 5, 0, -5], [0, -5, -5, 0]], ["ud", "d"])
    samples = [{"input": [9, 9, 0, 5], "output": "xu"}]
    extended, further = as_javascript_extends(reader, {"samples": samples, "symbols": ["x"]}, samples, tmp_path)
    reader.extend([[9, 9, 0, 5]], ["xu"], symbols=["x"])
    assert reader.symbols_ == reader.symbols == ["u", "d", "x"]
    assert_alike(reader, extended)
    assert_alike(reader.set_params(epochs=2).fit([[9, 9, 0, 5]], ["xu"]), further)

    writer = SequenceGenerator(encoder=Encoder.one_hot("abc"), hidden=(6,), warm_start=True, **FEW)
    writer.fit(["abcabc", "abc"])
    extended, further = as_javascript_extends(writer, {"samples": ["xyxy"]}, ["xyxy", "abc"], tmp_path)
    writer.extend(["xyxy"])
    assert_alike(writer, extended)
    assert_alike(writer.set_params(epochs=2).fit(["xyxy", "abc"]), further)
    assert writer.generate("x", count=3, seed=1) == further.generate("x", count=3, seed=1)


def test_normalisation_stays_or_is_renewed(tmp_path):
    waves = [[shift + np.sin(step / 3) for step in range(40)] for shift in (0, 100)]
    predictor = SequencePredictor(hidden=(6,), **FEW).fit([waves[0]])
    stored, before, network = predictor.encoder_.to_json(), predictor.predict([waves[0]]), predictor.network_
    predictor.extend([waves[1]])
    assert predictor.encoder_.to_json() == stored
    np.testing.assert_array_equal(predictor.predict([waves[0]]), before)
    predictor.extend([waves[1]], normalization="renewed")
    assert predictor.network_ is network
    np.testing.assert_allclose(predictor.predict([waves[1]]), before + 100, atol=0.1)

    regressor = SequenceRegressor(hidden=(4,), **FEW).fit(waves, [1, 2])
    samples = [{"input": wave, "output": output} for wave, output in zip(waves, [1001, 1002], strict=True)]
    options = {"samples": samples, "normalization": "renewed"}
    extended, _ = as_javascript_extends(regressor, options, samples, tmp_path)
    regressor.extend(waves, [1001, 1002], normalization="renewed")
    np.testing.assert_array_equal(regressor.predict(waves), extended.predict(waves))
    assert regressor.to_json()["targets"]["mean"] == [1001.5]


REFUSED = [
    ({"labels": ["c", "a"]}, r'labels[1] is "a", expected another text than those of the labels that the model has'),
    ({"labels": ["c", "c"]}, r'labels[1] is "c", expected another text than that of labels[0], "c"'),
    ({"labels": []}, "labels is a list of 0, expected"),
    ({"labels": ["c"], "thresholds": 0.2}, "thresholds is 0.2, expected left out where no label has one"),
    ({"normalization": "renewed"}, "normalization is \"renewed\", expected 'frozen' where no X is given"),
    ({"normalization": "new"}, "normalization is \"new\", expected one of 'frozen', 'renewed'"),
    ({"y": ["a"]}, "y is a list of 1, expected left out where no X is given"),
    ({"X": [[1], ["x"]], "y": ["a", "b"], "normalization": "renewed"}, 'X[1][0] is "x"'),
    ({"X": [[1]], "y": ["c"], "labels": ["d"]}, 'y[0] is "c", expected one of "a", "b", "d"'),
    ({"X": [[]], "y": ["a"]}, "X[0] is a list of 0, expected an input of at least one step"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_what_cannot_be_added_is_refused_and_changes_nothing(given, message):
    model = SequenceClassifier(hidden=(3,), labels=["a", "b"], **FEW).fit([[1, 2], [2, 1]], ["a", "b"])
    before, parameters = model.to_json(), model.get_params()
    with pytest.raises((TypeError, ValueError), match="^" + re.escape(f"SequenceClassifier.extend: {message}")):
        model.extend(**given)
    assert (model.to_json(), model.get_params()) == (before, parameters)


def test_a_model_in_training_or_before_it_is_not_extended():
    model = SequenceClassifier(hidden=(3,), seed=1, epochs=5)
    with pytest.raises(ValueError, match=r"^SequenceClassifier.extend: the model has not been fitted yet"):
        model.extend(labels=["c"])
    refusals = []

    def on_progress(_):
        with pytest.raises(TypeError, match=r"^SequenceClassifier.extend: the network is being trained") as refusal:
            model.extend(labels=["c"])
        refusals.append(refusal)

    model.fit([[1, 2], [2, 1]], ["a", "b"], on_progress=on_progress)
    assert refusals
    assert model.extend(labels=["c"]).classes_.tolist() == ["a", "b", "c"]
