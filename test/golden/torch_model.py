"""A small model of the contract, made and exported by PyTorch, with its answers to sixteen windows.

    python -m venv venv && venv/bin/pip install torch numpy onnx onnxscript && venv/bin/python test/golden/torch_model.py

writes torch_model.onnx (dynamic batch, one file), torch_model.npy (a row is a window of raw features and the five numbers of
its answer) and torch_model.json (what `ringmaster models import --meta` is given).
"""

import json
import pathlib

import numpy as np
import onnx
import torch
from torch import nn

STEPS, FEATURES, WINDOWS = 12, 4, 16
HERE = pathlib.Path(__file__).parent


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([100.0, 2.0, -1.0, 0.5]))
        self.register_buffer("deviation", torch.tensor([10.0, 0.5, 2.0, 0.25]))
        self.conv = nn.Conv1d(FEATURES, 6, 3, padding=1)
        self.lstm = nn.LSTM(6, 8, batch_first=True)
        self.score = nn.Linear(8, 1)
        self.direction = nn.Linear(8, 3)
        self.confidence = nn.Linear(8, 1)
        self.expected = nn.Linear(8, 1)

    def forward(self, x):
        x = torch.clamp((x - self.mean) / self.deviation, -8.0, 8.0)
        x = torch.relu(self.conv(x.transpose(1, 2))).transpose(1, 2)
        x, _ = self.lstm(x)
        weight = torch.softmax(self.score(x), dim=1)
        x = (x * weight).sum(dim=1)
        return self.direction(x), torch.sigmoid(self.confidence(x)), self.expected(x) * 0.001


def main():
    torch.manual_seed(20261124)
    net = Net().eval()
    random = np.random.default_rng(20261124)
    scale = net.deviation.numpy()
    windows = (net.mean.numpy() + scale * random.standard_normal((WINDOWS, STEPS, FEATURES)) * 1.5).astype(np.float32)
    with torch.no_grad():
        answers = np.concatenate([head.numpy() for head in net(torch.from_numpy(windows))], axis=1)
    torch.onnx.export(
        net,
        (torch.from_numpy(windows[:2]),),
        str(HERE / "torch_model.onnx"),
        input_names=["input"],
        output_names=["direction_logits", "confidence", "expected_return"],
        dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
        opset_version=18,
        external_data=False,
        dynamo=True,
    )
    # The exporter writes source lines and paths of this machine into every node.
    model = onnx.load(HERE / "torch_model.onnx")
    del model.metadata_props[:]
    for part in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer, model.graph]:
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, HERE / "torch_model.onnx")
    np.save(HERE / "torch_model.npy", np.concatenate([windows.reshape(WINDOWS, -1), answers], axis=1).astype(np.float32))
    meta = {
        "features": ["mid_price", "bid_ask_spread_abs", "imbalance_5", "depth_bid_5"],
        "steps": STEPS,
        "stepMs": 0,
        "thresholds": {"minProbability": 0.4, "minConfidence": 0.3},
        "label": {"horizonMs": 30000, "threshold": 0.001, "volatilityScale": None},
        "scaler": {"mean": net.mean.tolist(), "deviation": net.deviation.tolist(), "clip": 8},
    }
    (HERE / "torch_model.json").write_text(json.dumps(meta, indent=2) + "\n")


main()
