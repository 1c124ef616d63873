"""Distances of distributions by SciPy and NumPy, on samples that the test makes again by the same integers.

    python -m venv venv && venv/bin/pip install numpy scipy && venv/bin/python test/golden/drift.py

writes drift.json.
"""

import json
import pathlib

import numpy as np
from scipy.stats import ks_2samp

BASELINE, CURRENT = 50_000, 10_000
MASK = 0xFFFFFFFF


def uniforms(seed, count):
    """Numbers in [0, 1) of the generator of Numerical Recipes, 32 bits; only the upper 24 are used, so float32 holds them."""
    out, state = np.empty(count), seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) & MASK
        out[i] = (state >> 8) / 16777216
    return out


def f32(x):
    return np.asarray(x, dtype=np.float32).astype(np.float64)


# name: (baseline, current), from two streams of uniforms
CASES = {
    "same": (lambda u: u, lambda u: u),
    "steps_same": (lambda u: np.floor(u * 10), lambda u: np.floor(u * 10)),
    "steps_moved": (lambda u: np.floor(u * 10), lambda u: np.floor(u * 10) + 1),
    "steps_between": (lambda u: np.floor(u * 10), lambda u: np.floor(u * 10) + 0.5),
    "shifted": (lambda u: u, lambda u: u * 0.75 + 0.25),
    "squared": (lambda u: u, lambda u: u * u),
    "apart": (lambda u: u, lambda u: u + 2),
    "constant": (lambda u: u * 0 + 3, lambda u: u * 0 + 3),
    "mostly_zero": (lambda u: np.where(u < 0.9, 0, u), lambda u: np.where(u < 0.6, 0, u)),
}


def psi(baseline, current):
    edges = np.unique(np.sort(baseline)[np.ceil(np.arange(1, 10) * len(baseline) / 10).astype(int) - 1])
    before = np.bincount(np.searchsorted(edges, baseline, side="left"), minlength=len(edges) + 1) / len(baseline)
    now = np.bincount(np.searchsorted(edges, current, side="left"), minlength=len(edges) + 1) / len(current)
    before, now = np.maximum(before, 1e-4), np.maximum(now, 1e-4)
    return float(np.sum((now - before) * np.log(now / before)))


def main():
    first, second = uniforms(1, BASELINE), uniforms(2, CURRENT)
    found = {}
    for name, (baseline, current) in CASES.items():
        a, b = f32(baseline(first)), f32(current(second))
        found[name] = {"ks": float(ks_2samp(a, b).statistic), "psi": psi(a, b)}
    (pathlib.Path(__file__).parent / "drift.json").write_text(json.dumps(found, indent=2) + "\n")


main()
