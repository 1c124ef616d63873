"""Losses, gradients and optimiser steps of small networks as PyTorch computes them, in float64. Writes training.json.

Run: python3 test/golden/training.py (needs torch; made with 2.15.0).
PyTorch has its own gate orders and matrix layouts; what is written is in those of src/model/training/autodiff.
"""
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

random = torch.Generator().manual_seed(20)


def draw(*shape, scale=1.0):
    """Numbers that float32 holds exactly."""
    return (torch.randn(*shape, generator=random) * scale).to(torch.float32).to(torch.float64)


def numbers(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().reshape(-1).tolist()]


def tensor(value):
    return {"shape": list(value.shape), "values": numbers(value)}


def case(family, inputs, wanted, function):
    """The loss is the sum of all outputs, each times a number of its own, unless the function gives a scalar already."""
    live = {name: value.clone().requires_grad_(name in wanted) for name, value in inputs.items()}
    output = function(*live.values())
    if output.dim() > 0:
        inputs = {**inputs, "seed": draw(*output.shape)}
        output = (output * inputs["seed"]).sum()
    output.backward()
    return {
        "family": family,
        "inputs": {name: tensor(value) for name, value in inputs.items()},
        "loss": float(output.detach()),
        "gradients": {name: numbers(live[name].grad) for name in wanted},
    }


def conv(x, weight, bias, dilation=1, causal=False):
    """x [steps, batch, in], weight [taps * in, out] tap after tap."""
    steps, batch, inputs = x.shape
    taps = weight.shape[0] // inputs
    kernel = weight.reshape(taps, inputs, -1).permute(2, 1, 0)
    reach = (taps - 1) * dilation
    pad = (reach, 0) if causal else (reach // 2, reach - reach // 2)
    return F.conv1d(F.pad(x.permute(1, 2, 0), pad), kernel, bias, dilation=dilation).permute(2, 0, 1)


def blocks(matrix, order, hidden):
    """Blocks of columns in another order."""
    return torch.cat([matrix[..., i * hidden : (i + 1) * hidden] for i in order], -1)


def lstm(x, weight, recurrent, bias):
    """Gates i, o, f, g; PyTorch has i, f, g, o."""
    hidden = recurrent.shape[0]
    order = [0, 2, 3, 1]
    names = {"weight_ih_l0": blocks(weight, order, hidden).T, "weight_hh_l0": blocks(recurrent, order, hidden).T, "bias_ih_l0": blocks(bias, order, hidden), "bias_hh_l0": torch.zeros(4 * hidden, dtype=torch.float64)}
    return torch.func.functional_call(nn.LSTM(x.shape[2], hidden, dtype=torch.float64), names, (x,))[0]


def gru(x, weight, recurrent, bias, recurrentBias):
    """Gates z, r, n; PyTorch has r, z, n."""
    hidden = recurrent.shape[0]
    order = [1, 0, 2]
    names = {"weight_ih_l0": blocks(weight, order, hidden).T, "weight_hh_l0": blocks(recurrent, order, hidden).T, "bias_ih_l0": blocks(bias, order, hidden), "bias_hh_l0": blocks(recurrentBias, order, hidden)}
    return torch.func.functional_call(nn.GRU(x.shape[2], hidden, dtype=torch.float64), names, (x,))[0]


def attention(states, weight, bias, vector):
    shares = torch.softmax(torch.tanh(states @ weight + bias) @ vector, 0)
    return (states * shares).sum(0)


def families():
    yield case("add", {"a": draw(3, 2, 4), "b": draw(4)}, ["a", "b"], lambda a, b: a + b)
    yield case("subtract", {"a": draw(2, 4), "b": draw(3, 1, 4)}, ["a", "b"], lambda a, b: a - b)
    yield case("multiply", {"a": draw(3, 2, 4), "b": draw(3, 1, 4)}, ["a", "b"], lambda a, b: a * b)
    yield case("sigmoid", {"a": draw(3, 5, scale=2)}, ["a"], torch.sigmoid)
    yield case("tanh", {"a": draw(3, 5, scale=2)}, ["a"], torch.tanh)
    yield case("relu", {"a": draw(4, 5)}, ["a"], torch.relu)
    yield case("softmax", {"a": draw(4, 3, 2, scale=2)}, ["a"], lambda a: torch.softmax(a, 1))
    yield case("mean", {"a": draw(4, 3, 2)}, ["a"], lambda a: a.mean((0, 2)))
    yield case("pool", {"a": draw(6, 2, 3)}, ["a"], lambda a: a.reshape(3, 2, 2, 3).mean(1))
    yield case("concat and split", {"a": draw(4, 2), "b": draw(4, 3)}, ["a", "b"], lambda a, b: torch.cat([a, b], 1)[:, 1:4])
    yield case("gemm", {"x": draw(5, 3), "weight": draw(3, 4), "bias": draw(4)}, ["x", "weight", "bias"], lambda x, weight, bias: x @ weight + bias)
    yield case("convolution", {"x": draw(7, 2, 3), "weight": draw(9, 4), "bias": draw(4)}, ["x", "weight", "bias"], conv)
    yield case("dilated causal convolution", {"x": draw(9, 2, 3), "weight": draw(9, 4), "bias": draw(4)}, ["x", "weight", "bias"], lambda x, weight, bias: conv(x, weight, bias, 4, True))
    yield case("convolution that reaches beyond both ends", {"x": draw(3, 2, 2), "weight": draw(6, 3), "bias": draw(3)}, ["x", "weight", "bias"], lambda x, weight, bias: conv(x, weight, bias, 8, True))
    yield case("lstm", {"x": draw(6, 2, 3), "weight": draw(3, 16, scale=0.6), "recurrent": draw(4, 16, scale=0.6), "bias": draw(16, scale=0.4)}, ["x", "weight", "recurrent", "bias"], lstm)
    yield case("gru", {"x": draw(6, 2, 3), "weight": draw(3, 12, scale=0.6), "recurrent": draw(4, 12, scale=0.6), "bias": draw(12, scale=0.4), "recurrentBias": draw(12, scale=0.4)}, ["x", "weight", "recurrent", "bias", "recurrentBias"], gru)
    yield case("attention", {"states": draw(5, 2, 4), "weight": draw(4, 3), "bias": draw(3), "vector": draw(3, 1)}, ["states", "weight", "bias", "vector"], attention)
    target = torch.zeros(5, 3, dtype=torch.float64)
    for row, (klass, weight) in enumerate([(0, 1.0), (2, 0.5), (1, 2.0), (1, 0.25), (0, 1.5)]):
        target[row, klass] = weight
    yield case("cross-entropy", {"logits": draw(5, 3, scale=2), "target": target}, ["logits"], lambda logits, target: (F.cross_entropy(logits, target.argmax(1), reduction="none") * target.sum(1)).mean())
    yield case("binary cross-entropy", {"logit": draw(6, 1, scale=3), "target": torch.tensor([[1.0], [0], [1], [0], [0], [1]], dtype=torch.float64)}, ["logit"], F.binary_cross_entropy_with_logits)
    yield case("huber", {"x": draw(7, 1, scale=2), "target": draw(7, 1)}, ["x"], F.huber_loss)
    mask = torch.tensor([[0, 1.25, 1.25, 0], [1.25, 1.25, 0, 1.25]], dtype=torch.float64)
    yield case("dropout by mask", {"x": draw(2, 4), "mask": mask}, ["x"], lambda x, mask: x * mask)


STEPS, BATCH, FEATURES, CHANNELS, HIDDEN, ATTENTION, DENSE = 8, 3, 4, (5, 6), 5, 3, 4
LAYERS = 4


def parameters(kind):
    """Names and values in the order of the flat vector."""
    out = {}

    def layer(name, inputs, outputs):
        out[f"{name}.weight"] = draw(inputs, outputs, scale=1.2 / math.sqrt(inputs))
        out[f"{name}.bias"] = draw(outputs, scale=0.2)

    width = 3 * FEATURES
    if kind != "linear":
        layer("conv1", 3 * FEATURES, CHANNELS[0])
        layer("conv2", 3 * CHANNELS[0], CHANNELS[1])
        if kind == "tcn":
            for i in range(LAYERS):
                layer(f"tcn{i}", 3 * (HIDDEN if i else CHANNELS[1]), HIDDEN)
        else:
            gates = (4 if kind == "lstm" else 3) * HIDDEN
            out[f"{kind}.weight"] = draw(CHANNELS[1], gates, scale=0.5)
            out[f"{kind}.recurrent"] = draw(HIDDEN, gates, scale=0.5)
            out[f"{kind}.bias"] = draw(gates, scale=0.3)
            if kind == "gru":
                out["gru.recurrentBias"] = draw(gates, scale=0.3)
        out["attention.weight"] = draw(HIDDEN, ATTENTION)
        out["attention.bias"] = draw(ATTENTION, scale=0.2)
        out["attention.vector"] = draw(ATTENTION, 1)
        layer("dense", 2 * HIDDEN, DENSE)
        width = DENSE
    layer("direction", width, 3)
    layer("confidence", width, 1)
    layer("return", width, 1)
    return out


def network(kind, pool):
    names = parameters(kind)
    theta = torch.cat([value.reshape(-1) for value in names.values()]).requires_grad_()
    w, at = {}, 0
    for name, value in names.items():
        w[name] = theta[at : at + value.numel()].reshape(value.shape)
        at += value.numel()
    x, mean, deviation = draw(BATCH, STEPS, FEATURES, scale=30) + 100, draw(FEATURES) + 100, draw(FEATURES).abs() * 8 + 2
    x, mean, deviation = (value.to(torch.float32).to(torch.float64) for value in (x, mean, deviation))
    classes = torch.tensor([2, 0, 1])
    class_weights = torch.tensor([1.5, 0.75, 1.25], dtype=torch.float64)
    movement = draw(BATCH, 1, scale=1.5)
    mask = torch.bernoulli(torch.full((BATCH, 2 * HIDDEN), 0.75, dtype=torch.float64), generator=random) / 0.75
    mask = mask.to(torch.float32).to(torch.float64)
    rows = ((x - mean) / deviation).clamp(-8, 8).permute(1, 0, 2)
    if kind == "linear":
        summary = torch.cat([rows[-1], rows[-10:].mean(0), rows.mean(0)], 1)
    else:
        y = torch.relu(conv(rows, w["conv1.weight"], w["conv1.bias"]))
        y = torch.relu(conv(y, w["conv2.weight"], w["conv2.bias"]))
        y = y.reshape(STEPS // pool, pool, BATCH, -1).mean(1)
        if kind == "lstm":
            y = lstm(y, w["lstm.weight"], w["lstm.recurrent"], w["lstm.bias"])
        elif kind == "gru":
            y = gru(y, w["gru.weight"], w["gru.recurrent"], w["gru.bias"], w["gru.recurrentBias"])
        else:
            for i in range(LAYERS):
                z = torch.relu(conv(y, w[f"tcn{i}.weight"], w[f"tcn{i}.bias"], 2 ** (i + 1), True))
                y = z + y if z.shape == y.shape else z
        context = attention(y, w["attention.weight"], w["attention.bias"], w["attention.vector"])
        summary = torch.relu((torch.cat([context, y[-1]], 1) * mask) @ w["dense.weight"] + w["dense.bias"])
    logits, k, r = (summary @ w[f"{head}.weight"] + w[f"{head}.bias"] for head in ("direction", "confidence", "return"))
    direction = (F.cross_entropy(logits, classes, reduction="none") * class_weights[classes]).mean()
    hit = ((logits - class_weights.log()).argmax(1) == classes).to(torch.float64).reshape(-1, 1)
    confidence = F.binary_cross_entropy_with_logits(k, hit)
    returns = F.huber_loss(r, movement)
    loss = direction + 0.2 * confidence + 0.5 * returns
    (gradient,) = torch.autograd.grad(loss, theta)
    return {
        "shape": {"kind": kind, "steps": STEPS, "features": FEATURES, "channels": CHANNELS, "pool": pool, "hidden": HIDDEN, "attention": ATTENTION, "dense": DENSE},
        "batch": BATCH,
        "names": list(names),
        "mean": numbers(mean), "deviation": numbers(deviation), "classWeights": numbers(class_weights),
        "x": numbers(x), "target": numbers(F.one_hot(classes, 3)), "movement": numbers(movement), "mask": numbers(mask), "theta": numbers(theta),
        "losses": [float(value.detach()) for value in (loss, direction, confidence, returns, hit.mean())],
        "gradient": numbers(gradient), "logits": numbers(logits), "confidence": numbers(torch.sigmoid(k)), "return": numbers(r),
    }


def optimiser():
    theta = draw(6).requires_grad_()
    start = numbers(theta)
    adam = torch.optim.AdamW([theta], lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.05)
    steps = []
    for scale in (0.1, 3, 0.2, 0.0, 20):
        gradient = draw(6, scale=scale)
        theta.grad = gradient.clone()
        norm = nn.utils.clip_grad_norm_([theta], 1.0)
        adam.step()
        steps.append({"gradient": numbers(gradient), "norm": float(norm), "theta": numbers(theta)})
    return {"start": start, "rate": 0.01, "weightDecay": 0.05, "clipNorm": 1, "steps": steps}


result = {
    "families": list(families()),
    "networks": [network("lstm", 2), network("lstm", 1), network("gru", 2), network("tcn", 2), network("linear", 1)],
    "optimiser": optimiser(),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
