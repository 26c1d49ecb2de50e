"""Streams say after each step what the model says of the sequence so far, to the bit."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from support import node

from engram_rnn import (
    Encoder,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
)

SERIES = [[1.0, 2.5, 2.0, 4.0, 3.0, 7.0, 8.0], [9.0, 8.0, 8.5, 4.0, 3.5, 1.0], [2.0, 2.0, 3.0, 5.0, 8.0]]
ENCODERS = [
    Encoder.numeric(),
    Encoder.numeric(normalize=False, difference=True),
    Encoder.numeric(difference="relative", window=3),
    Encoder.numeric(window=3, stride=2),
    Encoder.numeric(window=4, stride=1, missing="mask"),
]
TEXTS = ["ab ba", "bab é ba", "a bb 🙂"]
TEXT_ENCODERS = [Encoder.bits(), Encoder.bytes(), Encoder.one_hot("ab"), Encoder.tokens(split="characters")]


def small(kind, **parameters):
    return kind(hidden=(4,), epochs=3, seed=1, **parameters)


def gaps(series, encoder):
    return [[None, *each[1:3], None, *each[4:]] for each in series] if encoder.to_json().get("missing") else series


def assert_follows(model, inputs, whole):
    """A stream says what `whole` says of every beginning of an input, of several one after the other."""
    stream = model.stream()
    for input in inputs:
        stream.reset()
        for end in range(1, len(input) + 1):
            assert_array_equal(stream.push(input[end - 1]), whole(input[:end]))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_series_row_by_row(encoder):
    series = gaps(SERIES, encoder)
    for readout in ("last", "mean+max"):
        model = small(SequenceClassifier, encoder=encoder, readout=readout).fit(series, ["a", "b", "c"])
        assert_follows(model, series, lambda input, model=model: model.predict_proba([input])[0])
    model = small(SequenceRegressor, encoder=encoder).fit(series, [[1, 200], [2, 100], [3, 400]])
    assert_follows(model, series, lambda input: model.predict([input])[0])
    single = small(SequenceRegressor, encoder=encoder, variant="gru").fit(series, [5, 6, 7])
    assert_follows(single, series, lambda input: single.predict([input])[0])
    count = [len(encoder.copy().fit(series).encode(each)) for each in series]
    tagger = small(SequenceTagger, encoder=encoder).fit(series, [["x", *["y"] * (steps - 1)] for steps in count])
    assert_follows(tagger, series, lambda input: tagger.predict_proba([input])[0][-1])
    transcriber = small(SequenceTranscriber, encoder=encoder).fit(series, ["u", "d", "u"])
    assert_follows(transcriber, series, lambda input: transcriber.predict([input])[0])


@pytest.mark.parametrize("encoder", TEXT_ENCODERS)
def test_texts_character_by_character(encoder):
    model = small(SequenceClassifier, encoder=encoder).fit(TEXTS, ["a", "b", "c"])
    assert_follows(model, TEXTS, lambda text: model.predict_proba([text])[0])
    stream = model.stream()
    stream.push(TEXTS[0][:2])
    assert_array_equal(stream.push(TEXTS[0][2:]), model.predict_proba(TEXTS[:1])[0])


def test_symbols_and_texts_that_go_on():
    lists = [["up", 3, "up"], [3, 3, "down"]]
    model = small(SequenceClassifier, encoder=Encoder.symbols(embedding=2)).fit(lists, ["a", "b"])
    assert_follows(model, lists, lambda input: model.predict_proba([input])[0])
    generator = small(SequenceGenerator).fit(["abc", "bca"])
    stream = generator.stream()
    for end in range(1, 4):
        assert stream.push("abc"[end - 1]) == generator.next("abc"[:end])
    notes = small(SequenceGenerator).fit(lists)
    stream = notes.stream()
    assert stream.push("up") == notes.next(["up"])


def test_forecasts_row_by_row():
    rows = [[float(step % 5), float(step), float(step % 2)] for step in range(14)]
    encoder = Encoder.numeric(channels=["x", "y", "night"], difference={"y": True}, missing="mask")
    model = small(SequencePredictor, encoder=encoder, covariates=["night"], horizon=2, validation=0).fit([rows])
    stream = model.stream()
    series = [[None, *rows[0][1:]], *rows[1:4], [rows[4][0], None, 0.0], *rows[5:]]
    for end in range(1, 12):
        ahead = [row[2] for row in rows[end : end + 2]]
        assert_array_equal(stream.push(series[end - 1], ahead), model.forecast(series[:end], ahead))
    with pytest.raises(TypeError, match=r"SequenceStream.push: covariates is None, expected a list"):
        stream.push(series[11])
    with pytest.raises(ValueError, match=r"SequenceStream.push: covariates\[1\] is inf, expected a finite number"):
        stream.push(series[11], [1, np.inf])
    # What was refused was not read.
    assert_array_equal(stream.push(series[11], [0, 1]), model.forecast(series[:12], [0, 1]))
    stream.reset()
    with pytest.raises(ValueError, match='step has no value of channel "y", expected one that changes can start from'):
        stream.push([1, None, 0], [0, 0])


def test_what_is_no_step_is_refused_and_not_read():
    model = small(SequenceClassifier).fit(SERIES, ["a", "b", "c"])
    with pytest.raises(TypeError, match=r"SequenceClassifier.stream: a bidirectional model reads whole sequences"):
        small(SequenceClassifier, bidirectional=True).fit(SERIES, ["a", "b", "c"]).stream()
    with pytest.raises(Exception, match=r"SequenceClassifier.stream: the model has not been fitted yet"):
        small(SequenceClassifier).stream()
    stream = model.stream()
    stream.push(1)
    for step, error, message in (
        (np.nan, ValueError, "SequenceStream.push: step is nan, expected a finite number"),
        ("a", TypeError, 'SequenceStream.push: step is "a", expected a finite number'),
        ([1, 2], ValueError, "SequenceStream.push: step has 2 values, the encoder takes 1"),
    ):
        with pytest.raises(error, match=message):
            stream.push(step)
    with pytest.raises(ValueError, match=r"SequenceStream.push: covariates is a list of 1, expected left out"):
        stream.push(1, [2])
    assert_array_equal(stream.push(5), model.predict_proba([[1, 5]])[0])
    relative = small(SequenceClassifier, encoder=Encoder.numeric(difference="relative")).fit(SERIES, ["a", "b", "c"])
    stream = relative.stream()
    stream.push(1)
    with pytest.raises(ValueError, match=r"SequenceStream.push: step is 0, expected a number above 0"):
        stream.push(0)
    assert_array_equal(stream.push(5), relative.predict_proba([[1, 5]])[0])
    text = small(SequenceClassifier, encoder=Encoder.bytes()).fit(["a", "b"], ["a", "b"]).stream()
    with pytest.raises(ValueError, match=r'SequenceStream.push: step is "", expected a text of at least one step'):
        text.push("")


def test_a_stream_says_what_it_says_in_javascript(tmp_path):
    rows = [[float(step % 5), float(step), float(step % 2)] for step in range(14)]
    encoder = Encoder.numeric(channels=3, difference={"1": True})
    predictor = small(SequencePredictor, encoder=encoder, covariates=[2], horizon=2, validation=0).fit([rows])
    classifier = small(SequenceClassifier, encoder=Encoder.numeric(window=3, stride=2)).fit(SERIES, ["a", "b", "c"])
    for name, model, steps, ahead in (
        ("predictor", predictor, rows[:10], [[row[2] for row in rows[end : end + 2]] for end in range(1, 11)]),
        ("classifier", classifier, SERIES[0], None),
    ):
        path = tmp_path / f"{name}.json"
        model.save(path)
        stream = model.stream()
        own = [
            stream.push(step, *([] if ahead is None else [ahead[index]])).tolist() for index, step in enumerate(steps)
        ]
        assert own == node("stream", path=str(path), steps=steps, ahead=ahead)
