"""Held-out accuracy of aeon's MiniRocketClassifier: python3 rocket.py FOLDER NAME... prints a line of JSON per set and seed.

FOLDER has what data.py writes. aeon takes series of one length: shorter ones are padded with zeros.
"""

import json
import pathlib
import sys
import time

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.datasets import load_from_ts_file

SEEDS = range(1, 6)


def arrays(cases, steps):
    series = np.zeros((len(cases), len(cases[0]), steps), dtype=np.float32)
    for into, case in zip(series, cases, strict=True):
        into[:, : case.shape[1]] = case
    return series


for name in sys.argv[2:]:
    files = [str(pathlib.Path(sys.argv[1], f"{name}_{part}.ts")) for part in ["TRAIN", "TEST"]]
    (trained, labels), (held_out, answers) = map(load_from_ts_file, files)
    steps = max(case.shape[1] for case in [*trained, *held_out])
    inputs, unseen = arrays(trained, steps), arrays(held_out, steps)
    for seed in SEEDS:
        start = time.perf_counter()
        model = MiniRocketClassifier(random_state=seed).fit(inputs, labels)
        seconds = time.perf_counter() - start
        accuracy = float(np.mean(model.predict(unseen) == answers))
        print(json.dumps({"set": name, "seed": seed, "accuracy": accuracy, "seconds": seconds}), flush=True)
