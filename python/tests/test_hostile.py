"""Files from anywhere: whatever a reader is given, it answers with a value, a TypeError or a ValueError of its own."""

import os
import subprocess
import sys

import pytest
from fuzz import TARGETS, run
from mutate import STRANGE, checksum
from support import ROOT

from engram_rnn import (
    Encoder,
    Network,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceTranscriber,
    model_from_json,
)
from engram_rnn.samples import read_samples

SEED = int(os.environ.get("ENGRAM_FUZZ_SEED", "1"))


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_tampered_with_is_read_or_refused_by_name(target):
    print("seed", SEED)
    assert run(target, 2000, SEED) > 0


def test_what_javascript_alone_can_do_is_refused_by_name():
    with pytest.raises(ValueError, match=r'json\.type is "RocketClassifier", expected'):
        model_from_json({"engram": 2, "type": "RocketClassifier"})


def test_what_a_predictor_cannot_have_is_refused_by_name():
    predictor = SequencePredictor(hidden=(2,), epochs=1, seed=1).fit([[1.0, 2.0, 4.0]]).to_json()
    for given, message in (
        ({"outputs": ["a"]}, r'outputs\[0\] is "a", expected an integer'),
        ({"covariates": [0]}, "covariates is a list of 1, expected fewer channels than all"),
        ({"horizon": 1001}, "horizon is 1001, expected an integer between 1 and 1000"),
        ({"horizon": 3}, "network has 1 inputs and 1 outputs, encoder and labels ask for 1 and 3"),
        ({"encoder": {**predictor["encoder"], "difference": {"1": True}}}, "1 is not known"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            model_from_json({**predictor, **given})


def test_what_a_classifier_of_several_labels_cannot_have_is_refused_by_name():
    given = {"hidden": (2,), "epochs": 1, "seed": 1, "multi_label": True}
    several = SequenceClassifier(**given).fit(["x", "y"], [["a"], ["b", "a"]]).to_json()
    for changed, message in (
        ({"multiLabel": "yes"}, 'multi_label is "yes", expected True or False'),
        ({"multiLabel": None}, "json.multiLabel is None, expected what such a model stores, or left out"),
        ({"multiLabel": False}, "thresholds is an object.*expected left out without multi_label"),
        ({"multiLabel": False, "thresholds": None}, "json.network has outputs that are not softmax"),
        ({"thresholds": [0.5]}, "json.thresholds is a list of 1, expected one entry for each of 2 labels"),
        ({"thresholds": [0.5, 1]}, r"thresholds\['b'\] is 1, expected a finite number from 0 and below 1"),
        ({"thresholds": 0.5}, "json.thresholds is 0.5, expected a list"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            model_from_json({**several, **changed})


def test_what_a_generator_cannot_have_is_refused_by_name():
    encoder = Encoder.symbols(embedding=1)
    generator = SequenceGenerator(encoder=encoder, hidden=(2,), epochs=1, seed=1).fit([["a", 2]]).to_json()
    vocabulary = generator["encoder"]
    for given, message in (
        ({"encoder": {"type": "bits"}}, r"encoder is .* expected an encoder of symbols: one_hot, tokens or symbols"),
        ({"encoder": {**vocabulary, "vocabulary": ["a"]}}, "3 outputs, encoder and labels ask for 3 and 2"),
        ({"encoder": {**vocabulary, "vocabulary": None}}, "3 outputs, encoder and labels ask for 1 and 0"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            model_from_json({**generator, **given})
    network = Network.lstm(4, 2, 3, variant="standard", output="logistic", seed=1).to_json()
    with pytest.raises(ValueError, match=r"json\.network has outputs that are not softmax"):
        model_from_json({**generator, "network": network})


def test_a_file_whose_options_are_not_those_of_its_network_is_refused():
    classifier = SequenceClassifier(
        encoder=Encoder.symbols(), hidden=(2,), convolution=[{"filters": 2, "width": 3}], epochs=1, seed=1
    )
    stored = classifier.fit([["a"], ["b"]], ["x", "y"]).to_json()
    assert model_from_json(stored).to_json()["readout"] == "mean+max"
    for changed, message in (
        ({"readout": "max"}, "json.readout is 'max', expected 'mean.max', as json.network has it"),
        ({"hidden": [3]}, r"json.hidden is \[3\], expected \[2\]"),
        ({"hidden": [2, 2]}, r"json.hidden is \[2, 2\], expected \[2\]"),
        ({"bidirectional": True}, "json.bidirectional is True, expected False"),
        ({"variant": "gru"}, "json.variant is 'gru', expected 'standard'"),
        ({"convolution": []}, r"json.convolution is \[\], expected \["),
        ({"convolution": [{"filters": 2, "width": 3, "dilation": 2}]}, "json.convolution is .*'dilation': 2"),
    ):
        with pytest.raises(ValueError, match=message):
            model_from_json({**stored, **changed})


def test_what_a_transcriber_cannot_have_is_refused_by_name():
    given = {"hidden": (2,), "epochs": 1, "seed": 1}
    transcriber = SequenceTranscriber(**given).fit([[1, 2, 3]], ["ab"]).to_json()
    for changed, message in (
        ({"text": None}, "json.text is None, expected True or False"),
        ({"symbols": None}, "json.symbols is None, expected a list"),
        ({"symbols": "ab"}, 'json.symbols is "ab", expected a list'),
        ({"symbols": ["a", "a"]}, r'json.symbols\[1\] is "a", expected every symbol once'),
        ({"symbols": ["a", True]}, r"json.symbols\[1\] is True, expected a text or a finite number"),
        ({"symbols": ["a", float("inf")]}, r"json.symbols\[1\] is inf, expected a text or a finite number"),
        ({"symbols": ["a"]}, "1 inputs and 3 outputs, encoder and labels ask for 1 and 2"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            model_from_json({**transcriber, **changed})
    # Symbols of a file that need not be single characters are read as the text that they make.
    read = model_from_json({**transcriber, "symbols": ["ab", 1.0]}).predict([[1, 2, 3]], beam=9)
    assert set(read[0]) <= set("ab1")


def test_every_damaged_byte_of_a_checkpoint_is_noticed():
    saved = []
    given = {"hidden": (2,), "epochs": 2, "checkpoint_every": 1, "seed": 1, "encoder": Encoder.bytes()}
    SequenceClassifier(**given).fit(["ab", "b"], [0, 1], on_checkpoint=saved.append)
    whole = saved[0]
    words = [int.from_bytes(whole[at : at + 8], "little") for at in range(0, len(whole), 8)]
    assert checksum(words[:-1]) == words[-1]
    for at in range(0, len(whole), 7):
        for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            with pytest.raises(ValueError, match="the checkpoint"):
                SequenceClassifier(**given).fit(["ab", "b"], [0, 1], resume=broken)


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


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"ab\xff,x\n", "no text in UTF-8"),
        ("a.csv", b'"' + b"a" * 200_000 + b'",x\n', "no CSV: field larger than"),
        ("a.json", b"\x96", "no text in UTF-8"),
        ("a.json", b"[", "no JSON"),
    ],
)
def test_files_of_samples_that_are_none(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_samples(path)


def test_the_fuzzer_runs_as_a_command():
    command = [sys.executable, str(ROOT / "python/tests/fuzz.py"), "--target", "tensors", "--executions", "300"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("fuzz tensors: 300 executions, ")
