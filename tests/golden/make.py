"""Makes lstm.json and gru.json: what PyTorch's nn.LSTM and nn.GRU compute, for tests/golden.rs.

Run with PyTorch installed (any recent version): python tests/golden/make.py
Two stacked layers of 4 and 3 units over 3 inputs, 2 classes read from the last step, sequences of
different lengths, double precision. Of b_hh only what engram has too learns, the rest is 0: nothing of
an LSTM's, the candidate's of a GRU (its last third).
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
INPUTS, HIDDEN, CLASSES, LENGTHS, RATE = 3, (4, 3), 2, (6, 5, 3, 1), 0.01


def make(cell, file):
    torch.manual_seed(20)
    layers = [cell(INPUTS, HIDDEN[0], batch_first=True), cell(HIDDEN[0], HIDDEN[1], batch_first=True)]
    head = nn.Linear(HIDDEN[1], CLASSES)
    free = [2 * size if cell is nn.GRU else 4 * size for size in HIDDEN]
    for layer, start in zip(layers, free):
        layer.bias_hh_l0.data[:start] = 0
        # Adam leaves alone what has no gradient.
        layer.bias_hh_l0.register_hook(lambda gradient, start=start: gradient.index_fill(0, torch.arange(start), 0))

    sequences = [torch.randn(length, INPUTS) for length in LENGTHS]
    labels = torch.tensor([0, 1, 1, 0])

    def named():
        for index, layer in enumerate(layers):
            yield f"weight_ih_{index}", layer.weight_ih_l0
            yield f"weight_hh_{index}", layer.weight_hh_l0
            yield f"bias_{index}", layer.bias_ih_l0
            if cell is nn.GRU:
                yield f"bias_hh_{index}", layer.bias_hh_l0
        yield "weight_head", head.weight
        yield "bias_head", head.bias

    def logits():
        last = []
        for sequence in sequences:
            values = sequence.unsqueeze(0)
            for layer in layers:
                values, _ = layer(values)
            last.append(head(values[0, -1]))
        return torch.stack(last)

    def snapshot():
        return {name: value.detach().tolist() for name, value in named()}

    golden = {
        "torch": torch.__version__,
        "hidden": HIDDEN,
        "rate": RATE,
        "sequences": [sequence.tolist() for sequence in sequences],
        "labels": labels.tolist(),
        "parameters": snapshot(),
    }
    optimizer = torch.optim.Adam([value for _, value in named()], lr=RATE)
    for step in range(5):
        optimizer.zero_grad()
        outputs = logits()
        loss = nn.functional.cross_entropy(outputs, labels)
        loss.backward()
        if step == 0:
            golden["probabilities"] = outputs.softmax(1).tolist()
            golden["loss"] = loss.item()
            golden["gradients"] = {name: value.grad.tolist() for name, value in named()}
        optimizer.step()
    golden["after_five_steps"] = snapshot()
    pathlib.Path(__file__).with_name(file).write_text(json.dumps(golden, indent=1))


make(nn.LSTM, "lstm.json")
make(nn.GRU, "gru.json")
