"""Makes readouts.json: what PyTorch computes for nn.LSTM with a read-out, for tests/golden.rs.

Run with PyTorch installed (any recent version): python tests/golden/make_readouts.py
Two stacked layers of 4 units over 3 inputs, in one direction and in both, each sequence read out in one of four
ways, 2 classes, double precision. Sequences are of different lengths and packed, so that padding counts nowhere.
b_hh is 0 and does not learn, since engram has one bias.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
INPUTS, HIDDEN, CLASSES, LENGTHS, RATE, STEPS = 3, 4, 2, (3, 6, 1, 5), 0.01, 5
LABELS = torch.tensor([0, 1, 1, 0])


def case(readout, bidirectional, sequences):
    lstm = nn.LSTM(INPUTS, HIDDEN, num_layers=2, bidirectional=bidirectional)
    read = HIDDEN * (2 if bidirectional else 1)
    head = nn.Linear(read, CLASSES)
    score = nn.Linear(read, 1, bias=False)
    for name, parameter in lstm.named_parameters():
        if name.startswith("bias_hh"):
            parameter.data.zero_()
            parameter.requires_grad_(False)

    def named():
        for name, parameter in lstm.named_parameters():
            if not name.startswith("bias_hh"):
                yield name.replace("bias_ih", "bias").replace("_l", "_"), parameter
        yield "weight_head", head.weight
        yield "bias_head", head.bias
        if readout == "attention":
            yield "weight_score", score.weight

    def logits():
        packed, (last, _) = lstm(pack_sequence(sequences, enforce_sorted=False))
        # (steps, sequences, read)
        hidden, lengths = pad_packed_sequence(packed)
        there = (torch.arange(hidden.shape[0])[:, None] < lengths[None, :])[:, :, None]
        if readout == "last":
            pooled = torch.cat([last[-2], last[-1]], 1) if bidirectional else last[-1]
        elif readout == "mean":
            pooled = (hidden * there).sum(0) / lengths[:, None]
        elif readout == "max":
            pooled = hidden.masked_fill(~there, -torch.inf).amax(0)
        else:
            share = score(hidden).masked_fill(~there, -torch.inf).softmax(0)
            pooled = (share * hidden).sum(0)
        return head(pooled)

    def table(of):
        return {name: of(parameter).tolist() for name, parameter in named()}

    optimizer = torch.optim.Adam([parameter for _, parameter in named()], lr=RATE)
    found = {"readout": readout, "bidirectional": bidirectional, "parameters": table(lambda p: p.data)}
    for step in range(STEPS):
        output = logits()
        optimizer.zero_grad()
        nn.functional.cross_entropy(output, LABELS).backward()
        if step == 0:
            found["probabilities"] = output.softmax(1).tolist()
            found["gradients"] = table(lambda p: p.grad)
        optimizer.step()
    return found | {"after_five_steps": table(lambda p: p.data)}


torch.manual_seed(21)
sequences = [torch.randn(length, INPUTS) for length in LENGTHS]
cases = [
    case(readout, bidirectional, sequences)
    for bidirectional in (False, True)
    for readout in ("last", "mean", "max", "attention")
]
golden = {
    "made_with": f"torch {torch.__version__}",
    "rate": RATE,
    "sequences": [sequence.tolist() for sequence in sequences],
    "labels": LABELS.tolist(),
    "cases": cases,
}
pathlib.Path(__file__).with_name("readouts.json").write_text(json.dumps(golden, indent=1) + "\n")
