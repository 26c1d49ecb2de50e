"""The command line: `python -m engram_rnn train FILE`, `info FILE`, `classify FILE TEXT…`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import Encoder, Network, SequenceClassifier, SequenceTagger, load
from .samples import read_samples

_ENCODERS = {"bits": Encoder.bits, "bytes": Encoder.bytes, "tokens": Encoder.tokens}


def _train(given: argparse.Namespace) -> None:
    X, y = read_samples(given.file)  # noqa: N806
    if given.encoder is not None and not isinstance(X[0], str):
        raise ValueError(f"--encoder {given.encoder} is for texts; {given.file} has series")
    model = SequenceClassifier(
        encoder=None if given.encoder is None else _ENCODERS[given.encoder](),
        hidden=given.hidden,
        epochs=given.epochs,
        rate=given.rate,
        validation=given.validation,
        threads="auto" if given.threads is None else given.threads,
        seed=given.seed,
        log=not given.quiet,
    ).fit(X, y)
    result = model.result_
    for name, score in (("trained on", result.training), ("held out", result.validation)):
        if score is not None:
            print(f"{name}: error {score.error:.4g}, accuracy {score.accuracy:.3f}")
    if result.advice is not None:
        print(f"{result.advice}.")
    model.save(given.out)
    print(f"{given.out}: written; JavaScript opens it by SequenceClassifier.fromJSON")


def _info(given: argparse.Namespace) -> None:
    model = load(given.file)
    lines: list[tuple[str, object]] = [("type", type(model).__name__)]
    network: Network | None = model if isinstance(model, Network) else getattr(model, "network_", None)
    if not isinstance(model, Network):
        lines += [("encoder", model.encoder), ("hidden", ", ".join(map(str, model.hidden)))]
    if isinstance(model, (SequenceClassifier, SequenceTagger)):
        lines.append(("labels", ", ".join(map(str, model.classes_))))
    lines.append(("network", "not fitted yet" if network is None else network))
    for name, value in lines:
        print(f"{name:8} {value}")


def _classify(given: argparse.Namespace) -> None:
    model = load(given.file)
    if not isinstance(model, SequenceClassifier):
        raise TypeError(f"{given.file} holds a {type(model).__name__}, expected a SequenceClassifier")
    for text, probabilities in zip(given.text, model.predict_proba(given.text), strict=True):
        best = int(probabilities.argmax())
        print(f"{text}: {model.classes_[best]} ({probabilities[best]:.3f})")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engram_rnn", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a classifier on labelled samples")
    train.add_argument("file", help="CSV (text,label, or a label and steps) or JSON, as the workbench reads it")
    train.add_argument("--out", default="model.json", help="where the model goes (default: %(default)s)")
    train.add_argument("--epochs", type=int, default=100, help="default: %(default)s")
    train.add_argument("--rate", type=float, default=0.01, help="learning rate (default: %(default)s)")
    train.add_argument("--hidden", type=int, nargs="+", default=[32], help="cells of each layer (default: 32)")
    train.add_argument("--encoder", choices=_ENCODERS, help="for texts (default: bits)")
    train.add_argument("--validation", type=float, default=0.1, help="share held out (default: %(default)s)")
    train.add_argument("--threads", type=int, help="default: as many as there is work for")
    train.add_argument("--seed", type=int, help="fixes all that is random")
    train.add_argument("--quiet", action="store_true", help="say nothing while it trains")
    train.set_defaults(run=_train)
    info = commands.add_parser("info", help="say what a model file holds")
    info.add_argument("file")
    info.set_defaults(run=_info)
    classify = commands.add_parser("classify", help="the labels of texts")
    classify.add_argument("file")
    classify.add_argument("text", nargs="+")
    classify.set_defaults(run=_classify)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives the exit code: 2 where something given is wrong."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except (OSError, TypeError, ValueError) as error:
        print(f"{given.command}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
