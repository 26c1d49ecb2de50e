"""Trains nn.LSTM and a linear layer on encoded sets; seeds and sets as JSON in, accuracies out."""

import json
import sys

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.set_num_threads(2)


def accuracy(task, seed):
    torch.manual_seed(seed)
    train, test = (
        [(torch.tensor(steps, dtype=torch.float32), label) for steps, label in task[part]] for part in ["train", "test"]
    )
    lstm = torch.nn.LSTM(train[0][0].shape[1], task["hidden"], batch_first=True)
    head = torch.nn.Linear(task["hidden"], task["classes"])
    parameters = [*lstm.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=task["rate"])
    loss_of = torch.nn.CrossEntropyLoss()

    def run(batch):
        lengths = torch.tensor([len(steps) for steps, _ in batch])
        packed = pack_padded_sequence(
            pad_sequence([steps for steps, _ in batch], batch_first=True), lengths, batch_first=True, enforce_sorted=False
        )
        _, (hidden, _) = lstm(packed)
        return head(hidden[-1]), torch.tensor([label for _, label in batch])

    for _ in range(task["epochs"]):
        order = torch.randperm(len(train)).tolist()
        for start in range(0, len(order), task["batch"]):
            optimizer.zero_grad()
            outputs, labels = run([train[index] for index in order[start : start + task["batch"]]])
            loss_of(outputs, labels).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
    with torch.no_grad():
        outputs, labels = run(test)
        return (outputs.argmax(1) == labels).float().mean().item()


task = json.load(sys.stdin)
print(json.dumps([accuracy(task, seed) for seed in task["seeds"]]))
