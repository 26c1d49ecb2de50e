"""Transcribers read lists of symbols out of sequences."""

import itertools
import os
import pickle
from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score

from engram_rnn import SequenceTranscriber
from engram_rnn.models.transcripts import beam_search

SEED = int(os.environ.get("ENGRAM_TEST_SEED", "1"))


def said(text):
    """A series that says a text of u and d by bumps up and down."""
    return [0, *(value for letter in text for value in ([4, 5, 0] if letter == "u" else [-4, -5, 0]))]


def test_a_transcriber_reads_what_a_series_says():
    y = ["ud", "du", "uud", "d", "ddu", "udu", "uu", "", "dd"] * 3
    X = [said(text) for text in y]
    model = SequenceTranscriber(hidden=(8,), epochs=60, rate=0.05, seed=1)
    assert cross_val_score(model, X, y, cv=3).mean() > 0.9
    assert model.fit(X, y).predict([said("uddud"), said("")]) == ["uddud", ""]
    assert model.predict([said("uddud")], beam=8) == ["uddud"]
    assert sorted(model.symbols_) == ["d", "u"]
    assert model.evaluate(X, y, beam=4) == {"error_rate": 0, "accuracy": 1}
    assert model.evaluate([said("ud")], ["dud"]) == {"error_rate": 1 / 3, "accuracy": 0}
    assert pickle.loads(pickle.dumps(model)).predict(X) == model.predict(X)
    lists = SequenceTranscriber(hidden=(8,), epochs=60, rate=0.05, seed=1, symbols=["up", 3])
    lists.fit(X, [["up" if letter == "u" else 3 for letter in text] for text in y])
    assert lists.predict([said("udd")]) == [["up", 3, 3]]
    with pytest.raises(TypeError, match=r'fit: y\[0\] is "ud", expected a list of symbols'):
        lists.set_params(warm_start=True).fit(X, y)


def test_a_search_finds_the_most_probable_list():
    outputs = np.random.default_rng(SEED).dirichlet(np.full(3, 0.6), size=6)
    probable = Counter()
    for path in itertools.product(range(3), repeat=len(outputs)):
        letters = tuple(slot for slot, _ in itertools.groupby(path) if slot != 2)
        probable[letters] += np.prod(outputs[np.arange(len(outputs)), path])
    assert tuple(beam_search(outputs, 1000)) == probable.most_common(1)[0][0], f"seed {SEED}"


@pytest.mark.parametrize(
    ("parameters", "y", "error", "message"),
    [
        ({}, ["aab"], ValueError, "y[0] has 3 symbols, to say which takes 4 steps, of which the input has 3"),
        ({}, [7], TypeError, "y[0] is 7, expected a text, or a list, as in all samples"),
        ({}, [[True]], TypeError, "y[0][0] is True, expected a text or a finite number"),
        ({}, [[float("nan")]], TypeError, "y[0][0] is nan, expected a text or a finite number"),
        ({}, [""], ValueError, "samples say nothing, expected a symbol at least, or the parameter symbols"),
        ({}, ["a", "b"], ValueError, "X has 1 samples, y 2, expected as many"),
        ({"symbols": []}, ["a"], ValueError, "symbols is a list of 0, expected at least one entry"),
        ({"symbols": ["b", "b"]}, ["b"], ValueError, 'symbols[1] is "b", expected every symbol once'),
        ({"symbols": ["b", 7]}, ["ab"], ValueError, 'y[0][0] is "a", expected one of "b", 7'),
        ({"validation": ([[1]], ["b"])}, ["a"], ValueError, 'validation[1][0][0] is "b", expected one of "a"'),
        ({"validation": ([[1]], [["a"]])}, ["a"], TypeError, "validation[1][0] is a list of 1, expected a text"),
        ({"truncate": 2}, ["a"], ValueError, "truncate is 2, expected None with lists of symbols as targets, which"),
    ],
)
def test_what_a_transcriber_refuses(parameters, y, error, message):
    model = SequenceTranscriber(hidden=(2,), epochs=1, seed=1, **parameters)
    with pytest.raises(error) as caught:
        model.fit([[1, 2, 3]], y)
    assert f"SequenceTranscriber.fit: {message}" in str(caught.value)
    assert not hasattr(model, "network_")


def test_a_search_keeps_so_many_beginnings():
    model = SequenceTranscriber(hidden=(2,), epochs=1, seed=1).fit([[1, 2]], ["a"])
    for beam in (0, 1001, 1.5):
        with pytest.raises(ValueError, match=r"predict: beam is [\d.]+, expected an integer between 1 and 1000"):
            model.predict([[1, 2]], beam=beam)
