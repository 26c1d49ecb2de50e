"""Has onnx, onnxruntime and PyTorch judge what real.mjs has written: python tests/exchange/real.py <folder>"""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime
import torch
from load_engram import Engram

folder = pathlib.Path(sys.argv[1])
cases = json.loads((folder / "cases.json").read_text())
TOLERANCE = 1e-5
worst = {"onnxruntime": 0.0, "torch": 0.0}


def compare(library, name, actual, expected):
    difference = float(numpy.abs(numpy.asarray(actual) - numpy.asarray(expected)).max())
    worst[library] = max(worst[library], difference)
    if not difference <= TOLERANCE:
        sys.exit(f"{name}: {library} differs by {difference}")


for case in cases:
    path = str(folder / f"{case['file']}.onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    sequences, lengths = case["sequences"], [len(steps) for steps in case["sequences"]]
    pad = 0 if case["symbols"] else [0.0] * len(sequences[0][0])
    padded = [steps + [pad] * (max(lengths) - len(steps)) for steps in sequences]
    given = numpy.array(padded, numpy.int64 if case["symbols"] else numpy.float32)
    name = "symbols" if case["symbols"] else "input"
    values = session.run(None, {name: given, "lengths": numpy.array(lengths, numpy.int32)})
    said = dict(zip([output.name for output in session.get_outputs()], values))
    for index, expected in enumerate(case["outputs"]):
        if "output" in said:
            compare("onnxruntime", case["name"], said["output"][index][: lengths[index]], expected)
        compare("onnxruntime", case["name"], said["last"][index], expected[-1])
    if not case["pytorch"]:
        continue
    model = Engram(str(folder / f"{case['file']}.safetensors")).eval()
    right = 0
    with torch.no_grad():
        for index, (steps, expected) in enumerate(zip(sequences, case["outputs"])):
            tensor = torch.tensor([steps], dtype=torch.int64 if case["symbols"] else torch.float32)
            outputs = model(tensor)[0]
            compare("torch", case["name"], outputs, expected if outputs.ndim == 2 else expected[-1])
            last = outputs[-1] if outputs.ndim == 2 else outputs
            right += "labels" in case and int(last.argmax()) == case["labels"][index]
    if "labels" in case and right / len(sequences) != case["accuracy"]:
        sys.exit(f"{case['name']}: accuracy {right / len(sequences)} in PyTorch, {case['accuracy']} in engram")

counts = f"{len(cases)} ONNX models, {sum(case['pytorch'] for case in cases)} PyTorch modules"
print(f"{counts}: largest differences {worst['onnxruntime']:.1e} and {worst['torch']:.1e}")
