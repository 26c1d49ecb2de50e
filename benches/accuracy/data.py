"""Real sequence sets from packages, as JSON: {name: {train: [[steps, label]], test: [...]}}.

JapaneseVowels (Kudo, Toyama & Shimbo 1999) and ItalyPowerDemand (Keogh & others 2006) lie as .ts files
in sktime's wheel, the 8x8 digits (Alpaydin & Kaynak 1998) in scikit-learn's.
"""

import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

SKTIME = "sktime==1.2.0"


def series_of(text):
    """The cases of a .ts file: channels apart by colons, the label last."""
    body = text[text.index("@data") + 5 :]
    cases = []
    for line in filter(None, map(str.strip, body.splitlines())):
        *channels, label = line.split(":")
        values = [[float(value) for value in channel.split(",")] for channel in channels]
        cases.append([list(map(list, zip(*values))), label])
    return cases


def from_wheel(names):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", folder, SKTIME]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wheel = zipfile.ZipFile(io.BytesIO(next(pathlib.Path(folder).glob("*.whl")).read_bytes()))
        for name in names:
            parts = {}
            for part in ["train", "test"]:
                path = f"sktime/datasets/data/{name}/{name}_{part.upper()}.ts"
                parts[part] = series_of(wheel.read(path).decode())
            yield name, parts


def digits():
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    cases = [[(image / 16).reshape(8, 8).tolist(), str(label)] for image, label in zip(images, labels)]
    return {"train": cases[:1400], "test": cases[1400:]}


sets = dict(from_wheel(["JapaneseVowels", "ItalyPowerDemand"]))
sets["digits"] = digits()
print(json.dumps(sets))
