"""What is written down holds: examples run, and options are documented as the engine's table says."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
import typing

import pytest
from support import ROOT

import engram_rnn
from engram_rnn import _engine
from engram_rnn.models import parameters
from engram_rnn.training import options

MODULES = [
    importlib.import_module(name)
    for _, name, _ in pkgutil.walk_packages(engram_rnn.__path__, "engram_rnn.")
    if not name.endswith("__main__")
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_examples_of_a_module_run(module):
    assert doctest.testmod(module).failed == 0


BLOCKS = [
    (f"{path}, block {number}", code)
    for path in ("README.md", "python/README.md")
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```$", (ROOT / path).read_text(), re.M | re.S), 1)
]


@pytest.mark.parametrize(("name", "code"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_the_blocks_of_the_readmes_run(name, code, tmp_path):
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def fields(declared):
    # Names that modules import for types only.
    return set(typing.get_type_hints(declared, localns={"Encoder": engram_rnn.Encoder}))


def test_every_option_of_the_engines_table_is_declared():
    assert fields(options.NetworkOptions) == set(options.OPTION_NAMES)
    assert fields(options.EngineOptions) == set(parameters.ENGINE_NAMES)


@pytest.mark.parametrize(
    ("declared", "defaults"),
    [
        (parameters.ModelParameters, parameters.MODEL),
        (parameters.LabelledParameters, parameters.LABELLED),
        (parameters.ClassifierParameters, parameters.CLASSIFIER),
        (parameters.GeneratorParameters, parameters.GENERATOR),
        (parameters.PredictorParameters, parameters.PREDICTOR),
        (parameters.RegressorParameters, parameters.REGRESSOR),
        (parameters.TranscriberParameters, parameters.TRANSCRIBER),
    ],
)
def test_every_parameter_is_declared(declared, defaults):
    assert fields(declared) == set(defaults)


def test_choices_are_declared_as_the_engine_knows_them():
    hints = typing.get_type_hints(options.NetworkOptions, vars(options))
    for name, entry in _engine.OPTIONS.items():
        if entry["kind"] == "choice":
            assert list(typing.get_args(hints[name])) == entry["words"]


def test_no_module_is_longer_than_500_lines():
    for path in (ROOT / "python").rglob("*"):
        if path.suffix in {".py", ".pyi", ".rs"}:
            assert len(path.read_text().splitlines()) <= 500, path


# From the ground up; those on one line may know each other.
FLOORS = [
    {"_engine"},
    {"errors", "arithmetic", "convolution", "dense_json", "documented", "safetensors", "storage"},
    {"training", "network_json"},
    {"encoders"},
    {"network"},
    {"topology"},
    {"models"},
    {"ray"},
    {"files"},
    {"pack"},
    {"samples"},
    {"__init__"},
    {"__main__"},
]


def test_no_import_leads_to_a_higher_floor():
    package = ROOT / "python/engram_rnn"

    def floor(name):
        return next(index for index, names in enumerate(FLOORS) if name in names)

    for path in package.rglob("*.py"):
        room, *rest = path.relative_to(package).with_suffix("").parts
        for dots, target in re.findall(r"^\s*from (\.+)([\w.]*) import", path.read_text(), re.M):
            if len(dots) > len(rest):
                others = [target.split(".")[0]] if target else re.findall(r"from \.+ import (\w+)", path.read_text())
                for other in filter(None, others):
                    known = other if any(other in names for names in FLOORS) else "__init__"
                    assert floor(known) <= floor(room), f"{path} imports {other}"
