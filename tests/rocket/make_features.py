"""Features of aeon's MiniRocket for given kernels: python3 make_features.py writes vectors/features.json.

Needs aeon 1.6.0. Numbers are base64 of little-endian doubles, in which those of single precision are exact.
"""

import base64
import json
import pathlib

import numpy as np
from aeon.transformations.collection.convolution_based import MiniRocket

# (series, channels, steps, features)
SHAPES = [(4, 1, 150, 420), (3, 1, 24, 252), (3, 1, 9, 84), (4, 3, 100, 420), (3, 12, 29, 168)]


def text(numbers):
    return base64.b64encode(np.ascontiguousarray(numbers, dtype="<f8").tobytes()).decode()


cases = []
for seed, (series, channels, steps, features) in enumerate(SHAPES):
    random = np.random.default_rng(seed)
    inputs = random.standard_normal((series, channels, steps)).cumsum(axis=2).astype(np.float32)
    rocket = MiniRocket(n_kernels=features, random_state=seed)
    made = rocket.fit_transform(inputs)
    counts, indices, dilations, per_dilation, biases = rocket.parameters
    cases.append(
        {
            "channels": channels,
            "steps": steps,
            "inputs": text(inputs),
            "dilations": np.stack([dilations, per_dilation], axis=1).ravel().tolist(),
            "counts": text(counts),
            "list": text(indices),
            "biases": text(biases),
            "features": text(made),
        }
    )
pathlib.Path(__file__).with_name("vectors").joinpath("features.json").write_text(json.dumps(cases) + "\n")
