"""The sequence cases in PyTorch: one case, as JSON, in; one line of JSON out."""

import json
import sys
import time

ENOUGH = 0.4


def main():
    task = json.loads(sys.argv[1])
    try:
        import torch
    except ImportError:
        return {"failed": "absent"}
    torch.set_num_threads(task.get("threads", 1))
    torch.manual_seed(1)
    T, I, H, C, B = (task["shape"][key] for key in "TIHCB")
    lstm = torch.nn.LSTM(I, H, batch_first=True)
    head = torch.nn.Linear(H, C)
    inputs = torch.rand(B, T, I)
    targets = torch.arange(B) % C
    optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.001)
    loss_of = torch.nn.CrossEntropyLoss()

    def train():
        optimizer.zero_grad()
        hidden, _ = lstm(inputs)
        loss_of(head(hidden[:, -1]), targets).backward()
        torch.nn.utils.clip_grad_norm_([*lstm.parameters(), *head.parameters()], 1.0)
        optimizer.step()

    def infer():
        with torch.no_grad():
            hidden, _ = lstm(inputs)
            torch.softmax(head(hidden[:, -1]), 1)

    work = {"train": train, "infer": infer}[task["kind"]]

    def seconds(batches):
        start = time.perf_counter()
        for _ in range(batches):
            work()
        return time.perf_counter() - start

    batches, taken = 1, seconds(1)
    while taken < ENOUGH / 2:
        batches *= 2
        taken = seconds(batches)
    wanted = max(1, round(batches * ENOUGH / taken))
    return {"seconds": seconds(wanted) / wanted / B, "version": torch.__version__}


print(json.dumps(main()))
