"""Generators go on in the manner of texts, and of lists of symbols."""

import pickle

import pytest
from sklearn.model_selection import GridSearchCV

from engram_rnn import Encoder, SequenceGenerator


def test_a_generator_goes_on_in_the_manner_of_texts():
    X = ["abcabc", "bcabca", "cabc", "abcab"] * 2
    search = GridSearchCV(SequenceGenerator(epochs=60, rate=0.05, seed=1), {"hidden": [(1,), (6,)]}, cv=2).fit(X)
    assert search.best_params_["hidden"] == (6,)
    model = search.best_estimator_
    assert 1 < model.perplexity(X) < 2
    assert model.generate("ab", count=3, temperature=0) == "cab"
    assert model.generate(seed=3) == model.generate("", seed=3) != model.generate(seed=4)
    assert "c" not in model.generate("ab", until="c", temperature=0)
    told = model.next("ab")
    assert next(iter(told.probabilities)) == "c"
    assert sum(told.probabilities.values()) + told.end == pytest.approx(1)
    notes = SequenceGenerator(hidden=(4,), epochs=60, rate=0.05, seed=1).fit([["C4", 7, "E4"], ["C4", 7]])
    assert notes.generate(["C4"], count=1, temperature=0) == [7]
    assert pickle.loads(pickle.dumps(notes)).generate(seed=1) == notes.generate(seed=1)


@pytest.mark.parametrize(
    ("parameters", "act", "error", "message"),
    [
        ({"encoder": Encoder.bytes()}, None, ValueError, "fit: encoder is an object (Encoder), expected an encoder of"),
        ({"piece": 0}, None, ValueError, "fit: piece is 0, expected an integer between 1 and 1000000"),
        ({"piece": 9, "truncate": 3}, None, ValueError, "fit: piece is 9, expected left out with truncate, with which"),
        ({"validation": ["a", ""]}, None, ValueError, 'fit: validation[1] is "", expected an input of at least one'),
        ({"stateful": 1}, None, TypeError, "fit: stateful is 1, expected True or False"),
        ({"validation": [7]}, None, TypeError, "fit: validation[0] is 7, expected a string"),
        ({}, lambda model: model.generate(7), TypeError, "generate: start is 7, expected a string"),
        ({}, lambda model: model.generate(count=0), ValueError, "generate: count is 0, expected an integer between 1"),
        ({}, lambda model: model.generate(until="z"), ValueError, 'generate: until is "z", expected a symbol that the'),
        ({}, lambda model: model.generate(until=[]), ValueError, "until is a list of 0, expected a symbol that the"),
        (
            {},
            lambda model: model.generate(temperature=-1),
            ValueError,
            "temperature is -1, expected a finite number of",
        ),
        ({}, lambda model: model.generate(top_k=0), ValueError, "top_k is 0, expected an integer between 1 and"),
        ({}, lambda model: model.generate(top_p=0), ValueError, "top_p is 0, expected a number above 0, up to 1"),
        ({}, lambda model: model.generate(seed=0.5), ValueError, "generate: seed is 0.5, expected an integer"),
        ({}, lambda model: model.next(None), TypeError, "next: text is None, expected a string"),
        ({}, lambda model: model.perplexity([]), ValueError, "perplexity: X is a list of 0, expected at least one"),
    ],
)
def test_what_a_generator_refuses(parameters, act, error, message):
    model = SequenceGenerator(**{"hidden": (2,), "epochs": 1, "seed": 1, **parameters})
    with pytest.raises(error) as caught:
        model.fit(["ab", "b"])
        act(model)
    assert message in str(caught.value)
    assert hasattr(model, "network_") == (act is not None)
