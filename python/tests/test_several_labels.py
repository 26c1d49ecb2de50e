"""Classifiers that tell several labels of a sequence at once."""

import pytest
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_val_score
from support import hash_of

from engram_rnn import Encoder, SequenceClassifier


def test_several_labels_at_once():
    X = ["cheap and good", "good soup", "cheap", "open on monday"] * 3
    y = [["price", "taste"], ["taste"], ["price"], []] * 3
    model = SequenceClassifier(
        encoder=Encoder.tokens(embedding=8), multi_label=True, hidden=(8,), epochs=60, rate=0.02, seed=1
    )
    assert cross_val_score(model, X, y, cv=KFold(3)).tolist() == [1, 1, 1]
    assert [labels.tolist() for labels in model.fit(X, y).predict(X[:4])] == y[:4]
    assert model.predict_proba(X[:4]).shape == (4, 2)
    assert clone(model).get_params() == model.get_params()
    evaluation = model.evaluate(X, y)
    assert (evaluation["accuracy"], evaluation["exact"], evaluation["average_precision"]) == (1, 1, 1)
    assert evaluation["classes"]["price"]["count"] == 6
    # Thresholds decide, and are no part of what is learnt; a sample's weight counts in a score.
    assert [len(labels) for labels in model.set_params(thresholds={"price": 1e-9}).predict(X[:4])] == [2, 2, 1, 1]
    assert model.score(X[:4], y[:4], [1, 3, 1, 3]) == 0.25
    assert SequenceClassifier.from_json(model.to_json()).predict(X[1:2])[0].tolist() == ["price", "taste"]


@pytest.mark.parametrize(
    ("parameters", "y", "error", "message"),
    [
        ({}, ["a", "b"], TypeError, 'y[0] is "a", expected a list'),
        ({}, [["a"], ["a"]], ValueError, "labels is a list of 1, expected at least two different labels"),
        ({"labels": "ab"}, [["a"], [[]]], TypeError, 'labels is "ab", expected a list'),
        ({"labels": ["a", "b"]}, [["a"], [[]]], ValueError, 'y[1][0] is a list of 0, expected one of "a", "b"'),
        (
            {"thresholds": {"z": 0.5}},
            [["a"], ["b"]],
            ValueError,
            'a key of thresholds is "z", expected one of the labels',
        ),
        ({"thresholds": {"a": 1}}, [["a"], ["b"]], ValueError, "thresholds['a'] is 1, expected a finite number from 0"),
        (
            {"thresholds": [0.5, 0.5]},
            [["a"], ["b"]],
            TypeError,
            "thresholds is a list of 2, expected a number, or a dict",
        ),
        ({"multi_label": 1}, [["a"], ["b"]], TypeError, "multi_label is 1, expected True or False"),
        ({"validation": (["x"], ["a"])}, [["a"], ["b"]], TypeError, 'validation[1][0] is "a", expected a list'),
    ],
)
def test_what_a_classifier_of_several_labels_refuses(parameters, y, error, message):
    model = SequenceClassifier(**{"hidden": (2,), "epochs": 1, "seed": 1, "multi_label": True, **parameters})
    with pytest.raises(error) as caught:
        model.fit(["x", "y"], y)
    assert f"SequenceClassifier.fit: {message}" in str(caught.value)
    assert not hasattr(model, "network_")


def test_a_network_of_one_label_does_not_go_on_with_several():
    model = SequenceClassifier(hidden=(2,), epochs=1, seed=1, warm_start=True).fit(["x", "y"], ["a", "b"])
    before = hash_of(model.network_)
    with pytest.raises(ValueError, match="fit: multi_label is True, expected False, as it was fitted"):
        model.set_params(multi_label=True).fit(["x", "y"], [["a"], ["b"]])
    assert hash_of(model.network_) == before
