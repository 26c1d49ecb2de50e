"""Files: written whole or not at all, and what is none."""

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from engram_rnn import Pack, SequenceClassifier, load
from engram_rnn.__main__ import main

X, Y = [[1, 2, 1], [7, 9, 8], [2, 1], [8, 9]], ["low", "high", "low", "high"]


def model(**parameters):
    return SequenceClassifier(**{"hidden": (4,), "epochs": 12, "seed": 1, "threads": 1, **parameters})


# What stands for a full disk: no file may be longer.
FULL = """
import resource, signal
from engram_rnn import Pack, load
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    {what}
except OSError as error:
    print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of a process")
@pytest.mark.parametrize("what", ["load('old').save('old')", "load('old').network_.save('old')", "PACK"])
def test_a_file_that_cannot_be_written_stays_as_it_was(what, tmp_path):
    fitted = model().fit(X, Y)
    if what == "PACK":
        what = "Pack.load('old').save('old')"
        Pack.of(fitted, X, Y).save(tmp_path / "old")
    else:
        fitted.save(tmp_path / "old")
    before = (tmp_path / "old").read_bytes()
    command = [sys.executable, "-c", FULL.format(what=what)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "OSError\n"
    assert (tmp_path / "old").read_bytes() == before
    assert os.listdir(tmp_path) == ["old"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_a_file_keeps_its_permissions_and_a_link_its_file(tmp_path):
    fitted = model().fit(X, Y)
    fitted.save(tmp_path / "own.json")
    os.chmod(tmp_path / "own.json", 0o640)
    os.symlink(tmp_path / "own.json", tmp_path / "link.json")
    fitted.save(tmp_path / "link.json")
    assert stat.S_IMODE((tmp_path / "own.json").stat().st_mode) == 0o640
    assert (tmp_path / "link.json").is_symlink()
    new = os.open(tmp_path / "like", os.O_CREAT, 0o666)
    os.close(new)
    fitted.save(tmp_path / "new.json")
    assert (tmp_path / "new.json").stat().st_mode == (tmp_path / "like").stat().st_mode
    fitted.save(os.devnull)


@pytest.mark.parametrize("path", [None, 1, 1.5, []])
def test_what_is_no_path_is_refused(path):
    fitted = model().fit(X, Y)
    for call, act in [
        ("SequenceClassifier.save", fitted.save),
        ("Network.save", fitted.network_.save),
        ("Pack.save", Pack.of(fitted, X, Y).save),
        ("load", load),
        ("Pack.load", Pack.load),
    ]:
        with pytest.raises(TypeError, match=rf"^{call}: path is .*, expected a path"):
            act(path)


def test_a_packed_run_is_no_model(tmp_path):
    Pack.of(model(), X, Y).save(tmp_path / "run.engram")
    with pytest.raises(ValueError, match=r"holds tensors, expected JSON; Pack.load opens a packed run"):
        load(tmp_path / "run.engram")


def test_a_packed_run_without_a_checkpoint_begins_at_every_call():
    whole = model().fit(X, Y).network_
    pack = Pack.of(model(), X, Y)
    pack.train(on_progress=lambda _: True)
    for _ in range(2):
        assert pack.train().iterations == 12
        assert pack.network.weights.tolist() == whole.weights.tolist()
    # The file has the run as it began, not a start of its own.
    again = Pack.from_bytes(pack.to_bytes())
    assert again.train().iterations == 12
    assert again.network.weights.tolist() == whole.weights.tolist()


def run(*arguments, cwd, during=None):
    command = [sys.executable, "-m", "engram_rnn", *arguments]
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if during is not None:
        during(process)
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def test_a_folder_is_no_place_for_a_model(tmp_path):
    Pack.of(model(epochs=10**6), X, Y).save(tmp_path / "run.engram")
    for out in (str(tmp_path), "", "sub/"):
        (tmp_path / "sub").mkdir(exist_ok=True)
        code, said = run("train", "run.engram", "--out", out, cwd=tmp_path)
        assert code == 2
        assert "expected the name of a file" in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_keeps_it_and_is_told_by_the_exit_code(number, tmp_path):
    Pack.of(model(epochs=10**8, error=-1.0), X, Y).save(tmp_path / "run.engram")

    def stop(process):
        said = ""
        # The bar, or a line of progress, says that it trains.
        while "error" not in said:
            said += process.stdout.read(1)
        process.send_signal(number)

    code, said = run("train", "run.engram", "--out", "kept.engram", cwd=tmp_path, during=stop)
    assert (code, "kept.engram: written" in said) == (128 + number, True)
    assert "train: stopped" in said
    assert Pack.load(tmp_path / "kept.engram").options["iterations"] == 10**8
    code, said = run("train", "run.engram", "--out", "none.json", cwd=tmp_path, during=stop)
    assert code == 128 + number
    assert "Traceback" not in said
    assert not (tmp_path / "none.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other pipes")
def test_a_pipe_takes_a_file(tmp_path):
    model().fit(X, Y).save(tmp_path / "model.json")
    command = [sys.executable, "-c", "from engram_rnn import load; load('model.json').save('/dev/stdout')"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == (tmp_path / "model.json").read_bytes()


def test_threads_that_write_one_file_leave_a_whole_one(tmp_path):
    fitted = model().fit(X, Y)
    path = tmp_path / "model.json"

    def save(_):
        for _ in range(20):
            fitted.save(path)
            assert load(path).classes_.tolist() == ["high", "low"]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save, range(4)))
    assert os.listdir(tmp_path) == ["model.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_a_folder_is_no_file_and_a_long_name_is_one(tmp_path):
    fitted = model().fit(X, Y)
    for name in ("new/", "."):
        with pytest.raises(OSError, match=r"\[Errno"):
            fitted.save(f"{tmp_path}/{name}")
    assert os.listdir(tmp_path) == []
    fitted.save(tmp_path / ("n" * 250))
    assert len(os.listdir(tmp_path)) == 1


def test_a_refused_run_of_a_pack_changes_nothing():
    pack = Pack.of(model(), X, Y)
    pack.train()
    trained = pack.network.weights
    refused = {"on_progress": 3, "on_checkpoint": 3, "executors": 3, "log": -1, "threads": 0, "iterations": 0}
    for given in ({name: value} for name, value in refused.items()):
        with pytest.raises((TypeError, ValueError), match=r"^Pack.train: "):
            pack.train(**given)
        assert pack.network.weights.tolist() == trained.tolist()
    pack.model.fit(X, Y)
    other = pack.network.weights
    with pytest.raises(TypeError, match=r"^Pack.train: the model has another network by now"):
        pack.train()
    assert pack.network.weights.tolist() == other.tolist()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_that_was_ignored_is_ignored(tmp_path):
    Pack.of(model(epochs=3), X, Y).save(tmp_path / "run.engram")
    code = (
        "import os, signal\nfrom engram_rnn.__main__ import main\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "import engram_rnn.pack as pack\ntrain = pack.Pack.train\n"
        "pack.Pack.train = lambda self, **given: (os.kill(os.getpid(), signal.SIGINT), train(self, **given))[1]\n"
        "raise SystemExit(main(['train', 'run.engram', '--out', 'model.json', '--quiet']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_thread_may_run_a_command(tmp_path):
    Pack.of(model(epochs=3), X, Y).save(tmp_path / "run.engram")
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(main, ["info", str(tmp_path / "run.engram")]).result() == 0
