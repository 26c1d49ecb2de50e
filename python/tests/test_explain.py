"""How much each piece of an input moved an answer, to the bits of JavaScript."""

from dataclasses import asdict

import numpy as np
import pytest
from support import node

from engram_rnn import (
    Encoder,
    SequenceClassifier,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
)

SERIES = [[1.0, 2.5, 2.0, 4.0, 3.0, 7.0, 8.0], [9.0, 8.0, 8.5, 4.0, 3.5, 1.0], [2.0, 2.0, 3.0, 5.0, 8.0]]


def small(kind, **parameters):
    return kind(hidden=(4,), epochs=20, rate=0.05, seed=1, **parameters)


def plain(explanation):
    """As JavaScript has it: without what is not there."""
    said = asdict(explanation)
    parts = [{name: value for name, value in part.items() if value is not None} for part in said.pop("parts")]
    return {**{name: value for name, value in said.items() if value is not None}, "parts": parts}


def same(tmp_path, model, input, baseline=None, covariates=None, **options):
    """The explanation, which is JavaScript's to the bit."""
    path = tmp_path / "model.json"
    model.save(path)
    given = {**options, **({} if baseline is None else {"baseline": baseline})}
    twin = node(
        "explain", path=str(path), input=input, options={**given, **({"covariates": covariates} if covariates else {})}
    )
    own = model.explain(input, **given, **({"covariates": covariates} if covariates else {}))
    assert plain(own) == twin
    if options.get("method") != "gradient":
        change = own.answer - own.baseline
        assert abs(sum(part.attribution for part in own.parts) - change) <= max(1e-3 * abs(change), 1e-4)
    return own


def test_series(tmp_path):
    for encoder in (
        Encoder.numeric(),
        Encoder.numeric(window=3, stride=2, difference=True),
        Encoder.numeric(missing="mask", window=4),
    ):
        series = [[None, *each[1:]] if encoder.to_json().get("missing") else each for each in SERIES]
        classifier = small(SequenceClassifier, encoder=encoder, bidirectional=True).fit(series, ["up", "down", "up"])
        said = same(tmp_path, classifier, series[0])
        assert said.label == classifier.predict(series[:1])[0]
        assert [part.part for part in said.parts] == [str(row + 1) for row in range(7)]
        same(tmp_path, classifier, series[0], label="down", method="gradient")
        same(tmp_path, classifier, series[0], baseline=series[1] + [1.0], steps=3)
        regressor = small(SequenceRegressor, encoder=encoder).fit(series, [[1, 200], [2, 100], [3, 400]])
        said = same(tmp_path, regressor, series[1], output=1)
        assert said.answer == regressor.predict(series[1:2])[0][1]


def test_texts_and_steps(tmp_path):
    for encoder, pieces in (
        (Encoder.bits(), ["a", "é", "b"]),
        (Encoder.bytes(), ["a", "é", "b"]),
        (Encoder.one_hot("ab"), ["a", "é", "b"]),
        (Encoder.tokens(split="characters", embedding=3), ["a", "é", "b"]),
    ):
        model = small(SequenceClassifier, encoder=encoder).fit(["aéb", "bba"], ["x", "y"])
        assert [part.part for part in same(tmp_path, model, "aéb").parts] == pieces
    tagger = small(SequenceTagger, encoder=Encoder.symbols()).fit([["a", 3, "a"]], [["x", "y", "y"]])
    assert same(tmp_path, tagger, ["a", 3, "a"], at=1).answer == tagger.predict_proba([["a", 3, "a"]])[0][1].max()
    same(tmp_path, tagger, ["a", 3], label="x")
    each = small(SequenceRegressor, targets_at="each").fit(SERIES, SERIES)
    assert same(tmp_path, each, SERIES[0], at=2).answer == each.predict(SERIES[:1])[0][2]


def test_forecasts(tmp_path):
    rows = [[float(step % 5), float(step), float(step % 2)] for step in range(14)]
    encoder = Encoder.numeric(channels=["x", "y", "night"], difference={"y": True}, missing="mask")
    model = small(SequencePredictor, encoder=encoder, covariates=["night"], horizon=2, validation=0).fit([rows])
    said = same(tmp_path, model, rows[:6], covariates=[0, 1], ahead=2)
    assert [part.part for part in said.parts] == [str(row + 1) for row in range(8)]
    same(tmp_path, model, rows[:6], covariates=[0, 1], channel="y", method="gradient")
    same(tmp_path, model, rows[:6], covariates=[0, 1], baseline=rows[1:7])


def test_what_cannot_be_explained_is_refused():
    model = small(SequenceClassifier).fit(SERIES, ["a", "b", "a"])
    for given, error, message in (
        ({"steps": 0}, ValueError, "SequenceClassifier.explain: steps is 0, expected an integer between 1 and 1000"),
        ({"method": "shap"}, ValueError, 'explain: method is "shap", expected one of'),
        ({"label": "c"}, ValueError, 'explain: label is "c", expected one of "a", "b"'),
        ({"baseline": [1, 2]}, ValueError, r"explain: baseline is 2, expected as many steps as the input has \(3\)"),
        ({"baseline": 3}, TypeError, "explain: baseline is 3, expected a list of steps"),
    ):
        with pytest.raises(error, match=message):
            model.explain([1, 2, 3], **given)
    with pytest.raises(ValueError, match="explain: input is a list of 0, expected an input of at least one step"):
        model.explain([])
    regressor = small(SequenceRegressor).fit(SERIES, [1, 2, 3])
    with pytest.raises(ValueError, match="explain: at is 1, expected left out"):
        regressor.explain([1, 2], at=1)
    with pytest.raises(ValueError, match="explain: output is 1, expected an integer between 0 and 0"):
        regressor.explain([1, 2], output=1)
    json = model.to_json()
    assert np.isfinite(type(model).from_json(json).explain([1e300, -1e300]).answer)
