"""Makes ctc.json: what PyTorch's nn.CTCLoss computes, for tests/golden.rs.

Run with PyTorch installed (any recent version): python tests/golden/make_ctc.py
Losses of lists of symbols (the blank is the last output), and their gradients with respect to the states before the
softmax, in double precision: of lists that are empty, of one symbol, with repetitions, as long as the steps allow, and
in long and certain sequences.
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(23)


def case(steps, outputs, symbols, scale=1.0):
    states = (torch.randn(steps, outputs) * scale).requires_grad_()
    loss = nn.CTCLoss(blank=outputs - 1, reduction="none")(
        states.log_softmax(1)[:, None, :],
        torch.tensor([symbols], dtype=torch.long).reshape(1, -1),
        torch.tensor([steps]),
        torch.tensor([len(symbols)]),
    )
    loss.sum().backward()
    return {
        "states": states.tolist(),
        "list": symbols,
        "loss": loss.item(),
        "gradient": states.grad.tolist(),
    }


golden = {
    "made_with": f"torch {torch.__version__}",
    "cases": [
        case(1, 2, [0]),
        case(1, 3, []),
        case(5, 3, []),
        case(5, 3, [1]),
        case(7, 4, [0, 1, 2]),
        case(7, 4, [2, 2, 0]),
        case(7, 4, [1, 1, 1, 1]),
        case(5, 6, [4, 3, 2, 1, 0]),
        case(40, 11, [7, 1, 1, 9, 0, 3]),
        case(40, 11, [7, 1, 1, 9, 0, 3], scale=20.0),
        case(200, 5, [0, 1, 2, 3, 3, 2, 1, 0] * 4, scale=3.0),
    ],
}
pathlib.Path(__file__).with_name("ctc.json").write_text(json.dumps(golden) + "\n")
