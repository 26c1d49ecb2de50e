"""Python does what JavaScript does, by the vectors that both are held to: to the bit, and in the same words."""

import re

import numpy as np
import pytest
from support import CLASSES, hash_of, made_of, parameters, read_of, snake, split, vectors, weights_of

from engram_rnn import (
    Encoder,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTranscriber,
)

TRAINING = vectors("training")
ENCODERS = vectors("encoders")
REFUSALS = vectors("refusals")


def fitted(name, **changes):
    case = TRAINING[name]
    kind = case["type"]
    model = CLASSES[kind](**{**parameters(kind, case["options"], case["fit"]), **changes})
    return model.fit(*split(kind, case["samples"]), sample_weight=weights_of(case["samples"]))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", TRAINING)
def test_training_gives_the_same_bits(name, threads):
    case = TRAINING[name]
    expected = case["answer"]
    model = fitted(name, threads=threads)
    assert hash_of(model.network_) == expected["weights"]
    assert model.encoder_.to_json() == expected["encoder"]
    inputs, _ = split(case["type"], case["samples"])
    if isinstance(model, SequenceGenerator):
        assert made_of(model, inputs) == expected["answers"]
        return
    if isinstance(model, SequenceTranscriber):
        assert read_of(model, inputs) == expected["answers"]
        return
    if isinstance(model, SequencePredictor):
        answers = model.predict(inputs, case.get("ahead"))
    else:
        answers = model.predict(inputs) if isinstance(model, SequenceRegressor) else model.predict_proba(inputs)
    assert [np.asarray(answer).tolist() for answer in answers] == expected["answers"]


@pytest.mark.parametrize("name", TRAINING)
def test_a_run_is_told_of_alike(name):
    result, expected = fitted(name).result_, TRAINING[name]["answer"]["result"]
    assert snake(expected["stopped"]) == result.stopped
    assert expected["iterations"] == result.iterations
    assert (expected["error"], expected["accuracy"]) == (result.error, result.accuracy)
    assert expected["trainingError"] == result.training.error
    advice = expected["advice"]
    assert (advice and advice.replace("clipNorm: 1", "clip_norm=1")) == result.advice


@pytest.mark.parametrize("name", ENCODERS)
def test_encoders_give_the_same_steps(name):
    case = ENCODERS[name]
    encoder = Encoder.from_json(case["given"])
    assert encoder.to_json() == case["given"]
    encoder.fit(case["inputs"])
    assert encoder.to_json() == case["fitted"]
    assert [encoder.encode(input).tolist() for input in case["inputs"]] == case["steps"]
    assert [encoder.parts(input) for input in case["inputs"]] == case["parts"]
    assert [Encoder.from_json(case["fitted"]).encode(input).tolist() for input in case["inputs"]] == case["steps"]


WORDS = {
    "new SequenceClassifier: ": "SequenceClassifier.fit: ",
    "options.decay": "decay",
    "undefined": "None",
    "true or false": "True or False",
    "is true": "is True",
    "with variant": "with variant",
    "false with": "False with",
    "an array of 0": "a list of 0",
    "an array of 1": "a list of 1",
}


def in_python(message: str) -> str:
    """A message of JavaScript with the words that Python has for the same."""
    for word, here in WORDS.items():
        message = message.replace(word, here)
    message = message.replace("options.", "")
    message = re.sub(r"samples\[(\d+)\]\.input", r"X[\1]", message)
    message = re.sub(r"samples\[(\d+)\]\.labels?", r"y[\1]", message)
    message = message.replace(": samples is", ": X is")
    return re.sub(r"\b[a-z]+[A-Z][a-z]+\b", lambda name: snake(name[0]), message)


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_is_refused_in_the_same_words(name):
    case = REFUSALS[name]
    model = SequenceClassifier(**parameters("SequenceClassifier", case["options"], case["fit"]))
    expected = TypeError if case["error"] == "TypeError" else ValueError
    with pytest.raises(expected) as caught:
        model.fit(*split("SequenceClassifier", case["samples"]))
    assert type(caught.value) is expected
    assert str(caught.value) == in_python(case["message"])
    assert not hasattr(model, "network_")
