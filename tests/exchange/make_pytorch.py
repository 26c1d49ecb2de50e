"""Makes vectors/pytorch.json.gz: state dicts of real nn.LSTM and nn.GRU models, and what these models answer.

Run with PyTorch and safetensors installed: python tests/exchange/make_pytorch.py [folder]
20 random shapes of each kind: 1 or 2 layers, one direction or two, with biases or without, with an embedding or
without, with a linear module or without; two sequences of different lengths each.
"""

import base64
import gzip
import json
import pathlib
import random
import sys

import torch
from safetensors.torch import save
from torch import nn

random.seed(7)
torch.manual_seed(7)


class Model(nn.Module):
    def __init__(self, kind, inputs, embedding, hidden, layers, bidirectional, bias, outputs):
        super().__init__()
        self.embedding = nn.Embedding(inputs, embedding) if embedding else None
        options = {"num_layers": layers, "bidirectional": bidirectional, "bias": bias, "batch_first": True}
        self.rnn = kind(embedding or inputs, hidden, **options)
        self.fc = nn.Linear(hidden * (2 if bidirectional else 1), outputs, bias=bias) if outputs else None

    def forward(self, steps):
        values = steps if self.embedding is None else self.embedding(steps)
        values, _ = self.rnn(values)
        return values if self.fc is None else self.fc(values)


def case(kind):
    shape = {
        "inputs": random.randint(2, 6),
        "embedding": random.choice([0, 7, 8]),
        "hidden": random.randint(1, 5),
        "layers": random.randint(1, 2),
        "bidirectional": random.random() < 0.5,
        "bias": random.random() < 0.7,
        "outputs": random.choice([0, 1, 3]),
    }
    model = Model(kind, **shape).eval()
    sequences, outputs = [], []
    for _ in range(2):
        length = random.randint(1, 9)
        if shape["embedding"]:
            steps = torch.randint(shape["inputs"], (length,))
        else:
            steps = torch.randn(length, shape["inputs"])
        sequences.append(steps.tolist())
        outputs.append(model(steps.unsqueeze(0))[0].tolist())
    file = base64.b64encode(save(model.state_dict())).decode()
    return {"kind": kind.__name__, "shape": shape, "file": file, "sequences": sequences, "outputs": outputs}


with torch.no_grad():
    cases = [case(kind) for kind in (nn.LSTM, nn.GRU) for _ in range(20)]
made = {"torch": torch.__version__, "cases": cases}
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("vectors")
(folder / "pytorch.json.gz").write_bytes(gzip.compress(json.dumps(made).encode(), mtime=0))
