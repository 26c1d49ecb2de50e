"""Trains nn.LSTM, a read-out and a linear layer: python3 pytorch.py SETS, a JSON file {name: {train, test, classes}}
of encoded sets; jobs come as lines of JSON, and a line with the accuracies goes out for each.

First weights are PyTorch's own with 1 more on the forget gates' biases (Jozefowicz & others 2015).
"""

import json
import sys
import time

import torch
from torch.nn.utils.rnn import pad_sequence

torch.set_num_threads(1)


class Part:
    """Sequences of a set side by side, padded at their ends: steps (N, T, inputs), lengths (N), labels (N)."""

    def __init__(self, cases):
        self.steps = pad_sequence([torch.tensor(steps, dtype=torch.float32) for steps, _ in cases], batch_first=True)
        self.lengths = torch.tensor([len(steps) for steps, _ in cases])
        self.labels = torch.tensor([label for _, label in cases])

    def batches(self, order, size):
        for chosen in order.split(size):
            lengths = self.lengths[chosen]
            yield self.steps[chosen, : lengths.max()], lengths, self.labels[chosen]


def reversed_within(sequences, lengths):
    """Every sequence of (B, T, features) from its own end to its start; the padding stays behind it."""
    steps = torch.arange(sequences.shape[1])
    mirrored = lengths[:, None] - 1 - steps
    places = torch.where(mirrored >= 0, mirrored, steps)
    return sequences.gather(1, places[:, :, None].expand_as(sequences))


class Classifier(torch.nn.Module):
    """What nn.LSTM(bidirectional=True) computes of packed sequences, on padded ones, which PyTorch is ten times
    faster at: padding follows what it must not change, so it has only to be kept out of the read-out."""

    def __init__(self, inputs, hidden, ways, classes, readout):
        super().__init__()
        self.directions = torch.nn.ModuleList(torch.nn.LSTM(inputs, hidden, batch_first=True) for _ in range(ways))
        self.score = torch.nn.Linear(ways * hidden, 1) if readout == "attention" else None
        self.head = torch.nn.Linear(ways * hidden, classes)
        self.readout = readout
        with torch.no_grad():
            for lstm in self.directions:
                lstm.bias_ih_l0[hidden : 2 * hidden] += 1

    def forward(self, steps, lengths):
        """Logits (B, classes) of steps (B, T, inputs), of which every sequence has as many as its length says."""
        forward, *backward = self.directions
        outputs = [forward(steps)[0]]
        outputs += [lstm(reversed_within(steps, lengths))[0] for lstm in backward]
        if self.readout == "last":
            # The end of each direction, as h_n has it: the first step, for the one that comes from the end.
            ends = torch.arange(len(lengths)), lengths - 1
            return self.head(torch.cat([output[ends] for output in outputs], 1))
        outputs = torch.cat([outputs[0], *(reversed_within(output, lengths) for output in outputs[1:])], 2)
        padding = (torch.arange(outputs.shape[1]) >= lengths[:, None])[:, :, None]
        if self.readout == "mean":
            read = outputs.masked_fill(padding, 0).sum(1) / lengths[:, None]
        elif self.readout == "max":
            read = outputs.masked_fill(padding, -torch.inf).amax(1)
        else:
            weights = self.score(outputs).masked_fill(padding, -torch.inf).softmax(1)
            read = (weights * outputs).sum(1)
        return self.head(read)


def accuracy(model, part):
    with torch.no_grad():
        right = 0
        for steps, lengths, labels in part.batches(torch.arange(len(part.labels)), 256):
            right += (model(steps, lengths).argmax(1) == labels).sum().item()
        return right / len(part.labels)


def run(train, test, classes, job):
    torch.manual_seed(job["seed"])
    started = time.monotonic()
    model = Classifier(train.steps.shape[2], job["hidden"], job["ways"], classes, job["readout"])
    optimizer = torch.optim.Adam(model.parameters(), lr=job["rate"])
    loss_of = torch.nn.CrossEntropyLoss()
    for _ in range(job["epochs"]):
        for steps, lengths, labels in train.batches(torch.randperm(len(train.labels)), job["batch"]):
            optimizer.zero_grad()
            loss_of(model(steps, lengths), labels).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    seconds = round(time.monotonic() - started, 2)
    return {"heldOut": accuracy(model, test), "trained": accuracy(model, train), "seconds": seconds}


def main():
    with open(sys.argv[1]) as file:
        sets = {
            name: (Part(encoded["train"]), Part(encoded["test"]), encoded["classes"])
            for name, encoded in json.load(file).items()
        }
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(run(*sets[job["set"]], job)), flush=True)


if __name__ == "__main__":
    main()
