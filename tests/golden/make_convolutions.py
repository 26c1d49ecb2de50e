"""Makes convolutions.json: what PyTorch computes for causal dilated convolutions, for tests/golden.rs.

Run with PyTorch installed (any recent version): python tests/golden/make_convolutions.py
Two convolutions over 3 inputs (4 filters of width 3, 3 filters of width 2 and dilation 2), rectified, alone and below
an LSTM of 4 units, with mean and maximum over time, 2 classes, double precision. A filter's weights are listed from
this step back, (filters, taps x sources), as engram has them. b_hh of the LSTM is 0 and does not learn.
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
INPUTS, HIDDEN, CLASSES, LENGTHS, RATE, STEPS = 3, 4, 2, (3, 6, 1, 5), 0.01, 5
CONVOLUTIONS = [(4, 3, 1), (3, 2, 2)]
LABELS = torch.tensor([0, 1, 1, 0])


def case(recurrent, sequences):
    layers, below = [], INPUTS
    for filters, width, dilation in CONVOLUTIONS:
        layers.append(nn.Conv1d(below, filters, width, dilation=dilation))
        below = filters
    lstm = nn.LSTM(below, HIDDEN) if recurrent else None
    read = HIDDEN if recurrent else below
    head = nn.Linear(2 * read, CLASSES)
    if recurrent:
        lstm.bias_hh_l0.data.zero_()
        lstm.bias_hh_l0.requires_grad_(False)

    def named():
        for index, layer in enumerate(layers):
            yield f"weight_conv_{index}", layer.weight
            yield f"bias_conv_{index}", layer.bias
        if recurrent:
            yield "weight_ih_0", lstm.weight_ih_l0
            yield "weight_hh_0", lstm.weight_hh_l0
            yield "bias_0", lstm.bias_ih_l0
        yield "weight_head", head.weight
        yield "bias_head", head.bias

    def pooled(sequence):
        # (1, channels, steps), padded in front alone, so that no step sees a later one.
        steps = sequence.T[None]
        for layer, (_, width, dilation) in zip(layers, CONVOLUTIONS, strict=True):
            steps = layer(nn.functional.pad(steps, ((width - 1) * dilation, 0))).relu()
        hidden = steps[0].T
        if recurrent:
            hidden, _ = lstm(hidden[:, None])
            hidden = hidden[:, 0]
        return torch.cat([hidden.mean(0), hidden.amax(0)])

    def rows(name, of):
        # PyTorch's last tap is this step.
        return of.flip(2).permute(0, 2, 1).flatten(1) if name.startswith("weight_conv") else of

    def table(of):
        return {name: rows(name, of(parameter)).tolist() for name, parameter in named()}

    optimizer = torch.optim.Adam([parameter for _, parameter in named()], lr=RATE)
    found = {"recurrent": recurrent, "parameters": table(lambda p: p.data)}
    for step in range(STEPS):
        output = torch.stack([head(pooled(sequence)) for sequence in sequences])
        optimizer.zero_grad()
        nn.functional.cross_entropy(output, LABELS).backward()
        if step == 0:
            found["probabilities"] = output.softmax(1).tolist()
            found["gradients"] = table(lambda p: p.grad)
        optimizer.step()
    return found | {"after_five_steps": table(lambda p: p.data)}


torch.manual_seed(23)
sequences = [torch.randn(length, INPUTS) for length in LENGTHS]
golden = {
    "made_with": f"torch {torch.__version__}",
    "rate": RATE,
    "sequences": [sequence.tolist() for sequence in sequences],
    "labels": LABELS.tolist(),
    "cases": [case(recurrent, sequences) for recurrent in (False, True)],
}
pathlib.Path(__file__).with_name("convolutions.json").write_text(json.dumps(golden, indent=1) + "\n")
