"""The command line, and files of samples."""

import json

import pytest
from support import ROOT, hash_of

from engram_rnn import Pack, SequenceClassifier, load
from engram_rnn.__main__ import main
from engram_rnn.samples import read_samples


@pytest.fixture
def names(tmp_path):
    """First names and their language as CSV."""
    data = json.loads((ROOT / "examples/names/first-names.json").read_text())
    rows = [f"{name},{language}" for language in ("turkish", "italian") for name in data[language][::3]]
    path = tmp_path / "names.csv"
    path.write_text("\n".join(["text,label", *rows]))
    return path


def test_train_then_info_then_classify(names, tmp_path, capsys):
    out = tmp_path / "model.json"
    options = ["--epochs", "12", "--hidden", "8", "--encoder", "bytes", "--rate", "0.02", "--seed", "1", "--quiet"]
    assert main(["train", str(names), "--out", str(out), *options]) == 0
    assert "held out: error" in capsys.readouterr().out
    assert main(["info", str(out)]) == 0
    said = capsys.readouterr().out
    for part in ("SequenceClassifier", "Encoder.bytes()", "hidden   8", "italian, turkish", "parameters"):
        assert part in said
    assert main(["classify", str(out), "giovanna", "mehmet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["giovanna:", "italian"], ["mehmet:", "turkish"]]
    assert load(out).hidden == [8]


def test_classify_says_all_labels_of_a_text(tmp_path, capsys):
    fixture = json.loads((ROOT / "tests/fixtures/format-2/classifier-several.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(fixture["model"]))
    assert main(["classify", str(tmp_path / "model.json"), "ab"]) == 0
    assert capsys.readouterr().out == "ab: y (0.498)\n"


def test_log_says_how_it_goes(names, tmp_path, capsys):
    options = ["--epochs", "2", "--hidden", "2", "--encoder", "bytes"]
    assert main(["train", str(names), "--out", str(tmp_path / "model.json"), *options]) == 0
    assert "epoch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "missing.json"], "No such file"),
        (["train", "missing.csv"], "No such file"),
        (["info", str(ROOT / "README.md")], "is no JSON"),
        (["classify", str(ROOT / "tests/fixtures/format-1/tagger.json"), "x"], "json.neurons is None"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments, message, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1


def test_samples_are_read_as_the_workbench_reads_them(tmp_path):
    csv, listed = tmp_path / "series.csv", tmp_path / "samples.JSON"
    csv.write_text("label,1,2\nup,1,2 3,4\ndown, 3 ,-1\n\n")
    assert read_samples(csv) == ([[[1], [2, 3], [4]], [[3], [-1]]], ["up", "down"])
    csv.write_text('"a, b",x\nc,y\n')
    assert read_samples(csv) == (["a, b", "c"], ["x", "y"])
    listed.write_text('[{"text": "a", "label": "x"}, {"series": [1, 2], "label": "y"}]')
    assert read_samples(listed) == (["a", [1, 2]], ["x", "y"])
    for text, message in [
        ("text,label\na,b,c", "line 2: 3 columns, expected 2"),
        ("label,1\nup,1,x", "line 2: column 3 is 'x', expected a number"),
        ("text,label\n,b", "line 2: the text is empty"),
        ("", "no samples, expected at least one"),
    ]:
        csv.write_text(text)
        with pytest.raises(ValueError, match=message):
            read_samples(csv)
    listed.write_text('[{"text": "a"}]')
    with pytest.raises(ValueError, match="entry 1: the label is no text"):
        read_samples(listed)


def test_a_packed_run_goes_on_and_comes_back(tmp_path, capsys, monkeypatch):
    def model():
        return SequenceClassifier(hidden=(4,), epochs=9, seed=1)

    words, labels = ["ab", "b", "ca", "d"], ["x", "y", "x", "y"]
    begun, back, out = (str(tmp_path / name) for name in ("run.engram", "back.engram", "model.json"))
    Pack.of(model(), words, labels).save(begun)
    whole = hash_of(model().fit(words, labels).network_)
    assert main(["info", begun]) == 0
    said = capsys.readouterr().out
    for part in ("SequenceClassifier", "labels   x, y", "not begun yet", "9 iterations", "samples  4,", "learner bptt"):
        assert part in said
    assert main(["train", begun, "--out", out, "--quiet", "--threads", "2"]) == 0
    assert hash_of(load(out).network_) == whole
    # Ctrl-C leaves the run in its file, and the file goes on.
    train = Pack.train

    def interrupted(pack, **given):
        def stop(_):
            raise KeyboardInterrupt

        return train(pack, **given, on_checkpoint=stop)

    monkeypatch.setattr(Pack, "train", interrupted)
    assert main(["train", begun, "--out", back, "--quiet"]) == 130
    monkeypatch.setattr(Pack, "train", lambda pack, **given: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["train", begun, "--out", out, "--quiet"]) == 130
    monkeypatch.undo()
    assert "unpack" in capsys.readouterr().out
    assert main(["info", back]) == 0
    assert "checkpoint of" in capsys.readouterr().out
    assert main(["train", back, "--out", out, "--quiet"]) == 0
    assert hash_of(load(out).network_) == whole
    assert main(["train", back, "--out", back, "--quiet", "--epochs", "12"]) == 0
    assert Pack.load(back).options["iterations"] == 12
    assert main(["classify", back, "ab"]) == 0
    assert main(["train", begun, "--rate", "0.1"]) == 2
    assert "--rate is for a new run" in capsys.readouterr().err


def test_a_model_learns_further(names, tmp_path, capsys):
    out = str(tmp_path / "model.json")
    brief = ["--epochs", "2", "--quiet", "--out", out]
    assert main(["train", str(names), *brief, "--hidden", "2", "--encoder", "bytes", "--seed", "1"]) == 0
    before = hash_of(load(out).network_)
    assert main(["train", out, str(names), *brief]) == 0
    assert hash_of(load(out).network_) != before
    assert main(["train", out, str(names), *brief, "--hidden", "3"]) == 2
    assert "--hidden is for a new model" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[" * 100_000, b"null", b"[]", b"{}", b"\xff\xfe{\x00", b"NaN", b'{"engram": 1e999}'),
        *(b'{"engram": 3, "neurons": []}', b'{"type": "SequenceClassifier"}', b'{"type": []}', b"text,label\na,b\n"),
        *(b"\x02\0\0\0\0\0\0\0{}", b"\xff" * 8 + b"{", (99).to_bytes(8, "little") + b"{" + b'"a":' * 40),
    ],
)
@pytest.mark.parametrize("command", ["info", "classify"])
def test_a_file_that_holds_nothing_is_refused_in_a_line(command, content, tmp_path, capsys):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert main([command, str(path), *(["text"] if command == "classify" else [])]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith(f"{command}: ")


def test_what_a_file_says_does_not_act_on_the_terminal(tmp_path, capsys):
    labels = ["\x1b[2Ja\nb", "é 👍"]
    path = tmp_path / "model.json"
    SequenceClassifier(hidden=(2,), epochs=1, seed=1).fit(["x", "y"], labels).save(path)
    assert main(["info", str(path)]) == 0
    assert main(["classify", str(path), "x", "\x07"]) == 0
    said = capsys.readouterr().out
    assert "\\x1b[2Ja\\nb, é 👍" in said
    assert all(letter.isprintable() or letter == "\n" for letter in said)


def test_info_names_what_is_frozen(tmp_path, capsys):
    path = tmp_path / "run.engram"
    for freeze, said in ((["layer 0"], "frozen   layer 0"), (None, "options ")):
        Pack.of(SequenceClassifier(hidden=(2,), seed=1, freeze=freeze), ["x", "y"], ["a", "b"]).save(path)
        assert main(["info", str(path)]) == 0
        assert capsys.readouterr().out.splitlines()[-1].startswith(said)


def test_a_new_run_may_be_kept_as_a_pack_and_gone_on_with(tmp_path, capsys):
    samples = tmp_path / "n.csv"
    samples.write_text("aa,x\nbb,y\nab,x\n")
    run, back = tmp_path / "run.engram", tmp_path / "back.engram"
    options = ["--quiet", "--hidden", "2"]
    assert main(["train", str(samples), "--epochs", "3", "--seed", "1", "--out", str(run), *options]) == 0
    assert main(["train", str(run), "--epochs", "6", "--out", str(back), "--quiet"]) == 0
    whole = tmp_path / "whole.json"
    assert main(["train", str(samples), "--epochs", "6", "--seed", "1", "--out", str(whole), *options]) == 0
    assert hash_of(Pack.load(back).model.network_) == hash_of(load(whole).network_)
    capsys.readouterr()
    missing = tmp_path / "missing" / "model.json"
    assert main(["train", str(samples), "--out", str(missing), "--quiet"]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_numbers_in_files_are_those_of_files(tmp_path):
    for text in ("label,a\nup,1_000\n", "label,a\nup,\u0663\n", "label,a\nup,1 x\n"):
        path = tmp_path / "series.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="expected a number"):
            read_samples(path)


def test_a_pack_that_is_left_in_its_first_epoch_is_the_run_as_it_began(tmp_path, monkeypatch):
    samples = tmp_path / "n.csv"
    samples.write_text("aa,x\nbb,y\nab,x\n")
    run, whole = tmp_path / "run.engram", tmp_path / "whole.engram"
    options = ["--quiet", "--hidden", "2", "--seed", "1", "--epochs", "3"]
    assert main(["train", str(samples), "--out", str(whole), *options]) == 0
    trained = Pack.train

    def interrupted(pack, **given):
        trained(pack, **{**given, "checkpoint_every": 0})
        raise KeyboardInterrupt

    monkeypatch.setattr(Pack, "train", interrupted)
    assert main(["train", str(samples), "--out", str(run), *options]) == 130
    monkeypatch.undo()
    pack = Pack.load(run)
    pack.train()
    assert hash_of(pack.model.network_) == hash_of(Pack.load(whole).model.network_)
