"""Held-out accuracy of aeon's MiniRocketClassifier: python3 rocket.py FOLDER NAME... prints a line of JSON per set and seed.

FOLDER has what data.py writes. aeon takes series of one length: shorter ones are padded with zeros.
"""

import json
import pathlib
import sys
import time

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier

SEEDS = range(1, 6)


def arrays(cases, steps):
    series = np.zeros((len(cases), len(cases[0][0][0]), steps), dtype=np.float32)
    for into, (rows, _) in zip(series, cases, strict=True):
        into[:, : len(rows)] = np.array(rows).T
    return series, np.array([label for _, label in cases])


for name in sys.argv[2:]:
    parts = json.loads(pathlib.Path(sys.argv[1], f"{name}.json").read_text())
    steps = max(len(rows) for part in parts.values() for rows, _ in part)
    (inputs, labels), (unseen, answers) = (arrays(parts[part], steps) for part in ["train", "test"])
    for seed in SEEDS:
        start = time.perf_counter()
        model = MiniRocketClassifier(random_state=seed).fit(inputs, labels)
        seconds = time.perf_counter() - start
        accuracy = float(np.mean(model.predict(unseen) == answers))
        print(json.dumps({"set": name, "seed": seed, "accuracy": accuracy, "seconds": seconds}), flush=True)
