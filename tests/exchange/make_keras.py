"""Makes vectors/keras.json.gz: real Keras models in all of Keras' files, and what these models answer.

Run with keras, torch and h5py installed: KERAS_BACKEND=torch python tests/exchange/make_keras.py [folder]
24 random shapes: 1 or 2 layers of one kind (LSTM, GRU with reset_after or without), one direction or two, with biases or
without, with an embedding or without, gates of sigmoids or hard sigmoids, 0 to 2 dense layers, Sequential or functional;
two sequences of different lengths each.
"""

import base64
import gzip
import json
import os
import pathlib
import random
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy
from keras import layers

random.seed(11)
keras.utils.set_random_seed(11)


def case(index):
    kind = ["lstm", "gru", "gruResetBefore"][index % 3]
    shape = {
        "kind": kind,
        "inputs": random.randint(2, 6),
        "embedding": random.choice([0, 3]),
        "hidden": [random.randint(1, 5) for _ in range(random.randint(1, 2))],
        "bidirectional": random.random() < 0.5,
        "bias": random.random() < 0.7,
        "dense": [[], [2], [4, 3]][index % 3 - 1],
        "activation": random.choice(["linear", "sigmoid", "softmax", "tanh", "hard_sigmoid"]),
        "gates": random.choice(["sigmoid", "hard_sigmoid"]),
        "functional": index % 5 in (1, 3),
    }
    chain = [keras.Input((None,) if shape["embedding"] else (None, shape["inputs"]))]
    if shape["embedding"]:
        chain.append(layers.Embedding(shape["inputs"], shape["embedding"]))
    last_only = index % 2 == 0
    pooling = index % 4 == 3
    for at, units in enumerate(shape["hidden"]):
        options = {
            "return_sequences": not last_only or at + 1 < len(shape["hidden"]),
            "use_bias": shape["bias"],
            "recurrent_activation": shape["gates"],
        }
        layer = layers.LSTM(units, **options) if kind == "lstm" else layers.GRU(units, reset_after=kind == "gru", **options)
        chain.append(layers.Bidirectional(layer) if shape["bidirectional"] else layer)
        chain.append(layers.Dropout(0.1))
    if pooling:
        chain.append((layers.GlobalMaxPooling1D if index % 8 == 3 else layers.GlobalAveragePooling1D)())
    for at, units in enumerate(shape["dense"]):
        chain.append(layers.Dense(units, activation=shape["activation"] if at + 1 == len(shape["dense"]) else "relu"))
    if shape["functional"]:
        tensor = chain[0]
        for layer in chain[1:]:
            tensor = layer(tensor)
        model = keras.Model(chain[0], tensor)
    else:
        model = keras.Sequential(chain)
    # Biases start at 0, which would tell nothing of their order.
    for weight in model.weights:
        weight.assign(numpy.random.normal(0, 0.6, weight.shape))
    sequences, outputs = [], []
    for _ in range(2):
        length = random.randint(1, 9)
        if shape["embedding"]:
            steps = numpy.random.randint(0, shape["inputs"], (length,))
        else:
            steps = numpy.random.normal(0, 1, (length, shape["inputs"]))
        sequences.append(steps.tolist())
        outputs.append(numpy.asarray(model(steps[None], training=False).detach())[0].tolist())
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("model.keras", "model.h5", "model.weights.h5"):
            path = pathlib.Path(folder) / name
            model.save_weights(path) if name == "model.weights.h5" else model.save(path)
            files[name] = base64.b64encode(path.read_bytes()).decode()
    return {
        "shape": shape,
        "lastOnly": last_only or pooling,
        "config": model.to_json(),
        "files": files if index < 6 else {"model.keras": files["model.keras"]},
        "sequences": sequences,
        "outputs": outputs,
    }


made = {"keras": keras.__version__, "cases": [case(index) for index in range(24)]}
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("vectors")
(folder / "keras.json.gz").write_bytes(gzip.compress(json.dumps(made).encode(), mtime=0))
