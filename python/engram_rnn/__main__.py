"""The command line: `python -m engram_rnn train FILE`, `info FILE`, `classify FILE TEXT…`.

A run that was packed goes on, samples are learnt by a new classifier, and a model learns samples further.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

import numpy as np

from . import Encoder, Network, Pack, SequenceClassifier, SequenceTagger, TrainingResult, load
from .files import AnyModel
from .models.labelled import key, places_of
from .safetensors import is_safetensors
from .samples import read_samples
from .training.executors import Executors

_ENCODERS = {"bits": Encoder.bits, "bytes": Encoder.bytes, "tokens": Encoder.tokens}
# What a file of a pack is called.
_PACK = ".engram"
# Samples from which on some are held out unless asked for.
_SPARING = 10


def _stop(number: int, _: object) -> NoReturn:
    """Takes a signal that asks for the end, as Ctrl-C does."""
    raise KeyboardInterrupt(number)


def _say(line: str, file: TextIO | None = None) -> None:
    """Prints a line. What a file says may come from anyone: what would act on a terminal is shown as its escape."""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
    print(shown, file=file)


def _open(path: str) -> AnyModel:
    """The model of a file, or of a pack."""
    return Pack.load(path).model if is_safetensors(path) else load(path)


def _executors(given: argparse.Namespace) -> Executors | None:
    """The workers that are asked for, which Ray has."""
    if given.workers is None and given.address is None:
        return None
    try:
        from .ray import Workers
    except ImportError as error:
        raise ValueError(f"--workers and --address need Ray: pip install engram-rnn[ray] ({error})") from None
    return Workers(given.workers, address=given.address)


def _report(result: TrainingResult) -> None:
    for name, score in (("trained on", result.training), ("held out", result.validation)):
        if score is not None:
            accuracy = "" if score.accuracy is None else f", accuracy {score.accuracy:.3f}"
            _say(f"{name}: error {score.error:.4g}{accuracy}")
    if result.advice is not None:
        _say(f"{result.advice}.")


def _save(model: AnyModel, path: str) -> None:
    model.save(path)
    _say(f"{path}: written; JavaScript opens it by {type(model).__name__}.fromJSON")


def _packed(given: argparse.Namespace) -> Pack:
    """The packed run of a file."""
    for name in ("rate", "hidden", "encoder", "validation", "seed"):
        if getattr(given, name) is not None:
            raise ValueError(f"--{name} is for a new run; {given.file} holds one that goes on as it was begun")
    return Pack.load(given.file)


def _go_on(given: argparse.Namespace, pack: Pack) -> None:
    """Goes on with a packed run; with a pack as --out, Ctrl-C and SIGTERM end that and lose nothing."""
    keeps = given.out.endswith(_PACK)
    stopped: KeyboardInterrupt | None = None
    try:
        result = pack.train(
            threads="auto" if given.threads is None else given.threads,
            iterations=given.epochs,
            checkpoint_every=1 if keeps else 0,
            log=not given.quiet,
            executors=_executors(given),
        )
        _report(result)
    except KeyboardInterrupt as caught:
        if not keeps:
            raise
        stopped = caught
    if keeps:
        pack.save(given.out)
        how = "as the run began" if pack.checkpoint is None else "JavaScript goes on with it by unpack"
        _say(f"{given.out}: written; {how}")
    else:
        _save(pack.model, given.out)
    if stopped is not None:
        raise stopped


def _train(given: argparse.Namespace) -> None:
    folder = os.path.dirname(given.out) or "."
    if not os.path.isdir(folder):
        raise ValueError(f"--out {given.out}: there is no folder {folder}")
    if os.path.isdir(given.out) or not os.path.basename(given.out):
        raise ValueError(f"--out {given.out!r}: expected the name of a file")
    if is_safetensors(given.file):
        if given.samples is not None:
            raise ValueError(f"{given.file} holds its samples already, expected no {given.samples}")
        _go_on(given, _packed(given))
        return
    X, y = read_samples(given.file if given.samples is None else given.samples)  # noqa: N806
    # Of a few samples, none can be spared.
    usual = 0.1 if len(X) >= _SPARING else 0
    asked: dict[str, Any] = {
        "epochs": 100 if given.epochs is None else given.epochs,
        "rate": 0.01 if given.rate is None else given.rate,
        "validation": usual if given.validation is None else given.validation,
        "threads": "auto" if given.threads is None else given.threads,
        "log": not given.quiet,
    }
    if given.samples is not None:
        for name in ("hidden", "encoder", "seed"):
            if getattr(given, name) is not None:
                raise ValueError(f"--{name} is for a new model; {given.file} holds one")
        model = load(given.file)
        if not isinstance(model, SequenceClassifier):
            raise TypeError(f"{given.file} holds a {type(model).__name__}, expected a SequenceClassifier")
        model.set_params(**asked, warm_start=True)
    else:
        if given.encoder is not None and not isinstance(X[0], str):
            raise ValueError(f"--encoder {given.encoder} is for texts; {given.file} has series")
        model = SequenceClassifier(
            encoder=None if given.encoder is None else _ENCODERS[given.encoder](),
            hidden=given.hidden or [32],
            seed=given.seed,
            **asked,
        )
    if given.out.endswith(_PACK):
        _go_on(given, Pack.of(model, X, y))
        return
    model.fit(X, y, executors=_executors(given))
    _report(model.result_)
    _save(model, given.out)


def _info_of_run(pack: Pack) -> list[tuple[str, object]]:
    options = pack.options
    held_out = options["held_out"] if pack.held_out is None else len(pack.held_out)
    size = 0 if pack.checkpoint is None else len(pack.checkpoint)
    names = ("learner", "optimizer", "rate", "batch_size", "precision", "dropout", "clip_norm", "seed")
    return [
        ("run", f"checkpoint of {size} bytes" if size else "not begun yet"),
        ("asked", f"{options['iterations']} iterations"),
        ("samples", f"{len(pack.set)}, {len(pack.set.target_of_step)} steps; held out: {held_out}"),
        ("options", ", ".join(f"{name} {options[name]}" for name in names)),
        *([("frozen", ", ".join(pack.freeze))] if pack.freeze else []),
    ]


def _info(given: argparse.Namespace) -> None:
    pack = Pack.load(given.file) if is_safetensors(given.file) else None
    model = load(given.file) if pack is None else pack.model
    lines: list[tuple[str, object]] = [("type", type(model).__name__)]
    network: Network | None = model if isinstance(model, Network) else getattr(model, "network_", None)
    if not isinstance(model, Network):
        lines += [("encoder", model.encoder), ("hidden", ", ".join(map(str, model.hidden)))]
    if isinstance(model, (SequenceClassifier, SequenceTagger)):
        lines.append(("labels", ", ".join(map(str, model.classes_))))
    lines.append(("network", "not fitted yet" if network is None else network))
    if pack is not None:
        lines += _info_of_run(pack)
    for name, value in lines:
        _say(f"{name:8} {value}")


def _classify(given: argparse.Namespace) -> None:
    model = _open(given.file)
    if not isinstance(model, SequenceClassifier):
        raise TypeError(f"{given.file} holds a {type(model).__name__}, expected a SequenceClassifier")
    places = places_of(model.classes_.tolist())
    for text, labels, row in zip(given.text, model.predict(given.text), model.predict_proba(given.text), strict=True):
        # A classifier of several labels may say none.
        said = [f"{label} ({row[places[key(label)]]:.3f})" for label in np.atleast_1d(labels).tolist()]
        _say(f"{text}: {', '.join(said)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engram_rnn", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="go on with a packed run, or train a classifier on labelled samples")
    train.add_argument(
        "file",
        help="a pack; or samples: CSV (text,label, or a label and steps, as the first row says or else the number of "
        "columns) or JSON, as the workbench",
    )
    train.add_argument("samples", nargs="?", help="where file is a model: what it learns further")
    train.add_argument("--out", default="model.json", help="where the model goes, or to .engram the run (%(default)s)")
    train.add_argument("--epochs", type=int, help="in all (default: as the pack says, or 100)")
    train.add_argument("--rate", type=float, help="learning rate (default: 0.01)")
    train.add_argument("--hidden", type=int, nargs="+", help="cells of each layer (default: 32)")
    train.add_argument("--encoder", choices=_ENCODERS, help="for texts (default: bits)")
    train.add_argument("--validation", type=float, help="share held out (default: 0.1, of fewer than 10 samples none)")
    train.add_argument("--threads", type=int, help="default: as many as there is work for")
    train.add_argument("--workers", type=int, help="train on Ray with so many workers (default: this process alone)")
    train.add_argument("--address", help="of a Ray cluster, which may grow (default: one that is started here)")
    train.add_argument("--seed", type=int, help="fixes all that is random")
    train.add_argument("--quiet", action="store_true", help="say nothing while it trains")
    train.set_defaults(run=_train)
    info = commands.add_parser("info", help="say what a file of a model or of a packed run holds")
    info.add_argument("file")
    info.set_defaults(run=_info)
    classify = commands.add_parser("classify", help="the labels of texts")
    classify.add_argument("file")
    classify.add_argument("text", nargs="+")
    classify.set_defaults(run=_classify)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives the exit code: 2 where something given is wrong, 128 and its number for a signal."""
    given = _parser().parse_args(arguments)
    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        # What is ignored, as in the background, goes on to be.
        heard = [each for each in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(each) != signal.SIG_IGN]
        before = {number: signal.signal(number, _stop) for number in heard}
    try:
        given.run(given)
    except KeyboardInterrupt as stopped:
        _say(f"{given.command}: stopped", sys.stderr)
        return 128 + int(next(iter(stopped.args), signal.SIGINT))
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        _say(f"{given.command}: {error}", sys.stderr)
        return 2
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    return 0


if __name__ == "__main__":
    sys.exit(main())
