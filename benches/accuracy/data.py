"""Real sequence sets out of wheels on PyPI: python3 data.py FOLDER writes FOLDER/NAME.json for each,
{train: [[steps, label]], test: [...]}, steps as rows of channels.

The series are .ts files of the UCR and UEA archives in sktime's wheel, the 8x8 digits (Alpaydin & Kaynak
1998) a .csv.gz in scikit-learn's. A wheel is downloaded and read, not installed.
"""

import csv
import gzip
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

SERIES = [
    "ACSF1",
    "ArrowHead",
    "BasicMotions",
    "GunPoint",
    "ItalyPowerDemand",
    "JapaneseVowels",
    "OSULeaf",
    "PLAID",
]
# Of the 1,797 digits, in the file's order, as many are trained on.
TRAINED_DIGITS = 1400


def wheel(requirement):
    """A wheel from PyPI, open as an archive."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", folder, requirement]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return zipfile.ZipFile(io.BytesIO(next(pathlib.Path(folder).glob("*.whl")).read_bytes()))


def series_of(text):
    """The cases of a .ts file: channels apart by colons, the label last."""
    body = text[text.index("@data") + 5 :]
    cases = []
    for line in filter(None, map(str.strip, body.splitlines())):
        *channels, label = line.split(":")
        values = [[float(value) for value in channel.split(",")] for channel in channels]
        cases.append([list(map(list, zip(*values, strict=True))), label])
    return cases


def series():
    archive = wheel("sktime==1.2.0")
    for name in SERIES:
        path = f"sktime/datasets/data/{name}/{name}"
        yield name, {part: series_of(archive.read(f"{path}_{part.upper()}.ts").decode()) for part in ["train", "test"]}


def digits():
    """Images as 8 rows of 8 brightnesses from 0 to 1."""
    packed = wheel("scikit-learn==1.9.1").read("sklearn/datasets/data/digits.csv.gz")
    cases = []
    for row in csv.reader(io.StringIO(gzip.decompress(packed).decode())):
        *pixels, label = [int(float(value)) for value in row]
        cases.append([[[pixel / 16 for pixel in pixels[at : at + 8]] for at in range(0, 64, 8)], str(label)])
    yield "digits", {"train": cases[:TRAINED_DIGITS], "test": cases[TRAINED_DIGITS:]}


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for source in [series, digits]:
    for name, parts in source():
        (folder / f"{name}.json").write_text(json.dumps(parts))
