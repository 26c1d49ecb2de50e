"""Loads a file of engram's toPyTorch as a torch.nn.Module."""

import torch
from safetensors import safe_open
from torch import nn

SQUASHES = {
    "LOGISTIC": torch.sigmoid,
    "TANH": torch.tanh,
    "IDENTITY": lambda values: values,
    "HLIM": lambda values: (values > 0).to(values.dtype),
    "RELU": torch.relu,
    "SOFTMAX": lambda values: values.softmax(-1),
    # PyTorch's own nn.Hardsigmoid has another slope.
    "HARD_SIGMOID": lambda values: (0.2 * values + 0.5).clamp(0, 1),
}


class Engram(nn.Module):
    def __init__(self, path):
        super().__init__()
        with safe_open(path, "pt") as file:
            about = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}
        hidden = [int(size) for size in about["engram.hidden"].split()]
        both = about["engram.bidirectional"] == "true"
        kind = nn.LSTM if about["engram.cell"] == "lstm" else nn.GRU
        self.embedding = nn.Embedding(*state["embedding.weight"].shape) if "embedding.weight" in state else None
        # Layers of one size are one module, others a module each.
        parts = [(hidden[0], len(hidden))] if "rnn.weight_ih_l0" in state else [(size, 1) for size in hidden]
        below = state["rnn.weight_ih_l0" if len(parts) == 1 else "rnn.0.weight_ih_l0"].shape[1]
        modules = []
        for size, count in parts:
            modules.append(kind(below, size, count, bidirectional=both, batch_first=True))
            below = size * (2 if both else 1)
        self.rnn = modules[0] if len(modules) == 1 else nn.ModuleList(modules)
        self.squashes = about["engram.squash"].split()
        heads = ["head"] if len(self.squashes) == 1 else [f"head.{index}" for index in range(len(self.squashes))]
        linear = [nn.Linear(*reversed(state[f"{name}.weight"].shape)) for name in heads]
        self.head = linear[0] if len(linear) == 1 else nn.ModuleList(linear)
        self.readout = about.get("engram.readout")
        self.score = nn.Linear(below, 1, bias=False) if self.readout == "attention" else None
        self.load_state_dict(state)

    def forward(self, steps):
        """(batch, steps) symbols, or (batch, steps, inputs), to (batch, steps, outputs), or with a read-out (batch, outputs)."""
        values = steps if self.embedding is None else self.embedding(steps)
        for module in self.rnn if isinstance(self.rnn, nn.ModuleList) else [self.rnn]:
            values, state = module(values)
        if self.readout == "last":
            hidden = state[0] if isinstance(state, tuple) else state
            values = torch.cat(list(hidden[-2:] if module.bidirectional else hidden[-1:]), -1)
        elif self.readout == "mean":
            values = values.mean(1)
        elif self.readout == "max":
            values = values.max(1).values
        elif self.readout == "attention":
            values = (values * self.score(values).softmax(1)).sum(1)
        heads = self.head if isinstance(self.head, nn.ModuleList) else [self.head]
        for head, squash in zip(heads, self.squashes):
            values = SQUASHES[squash](head(values))
        return values
