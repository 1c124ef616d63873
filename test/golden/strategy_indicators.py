"""Independent reference of the indicators of the strategies: TA-Lib for the parabolic SAR, plain Python for SuperTrend, the choppiness
index and the volume profile, each written from its definition over whole columns, without any state that is carried along.

Series as in indicators.py: one from a seed and stretches of recorded candles. Writes strategy_indicators.json.
Run: python3 test/golden/strategy_indicators.py DATA_FOLDER (needs numpy and TA-Lib).
"""
import csv
import gzip
import json
import math
import pathlib
import sys

import numpy as np
import talib

BARS = 480
STEP = 7
RECORDED = [
    ("candles/bybit_linear/BTCUSDT_5m.csv.gz", 1000),
    ("candles/bybit_linear/APEUSDT_5m.csv.gz", 20000),
    ("candles/binance_usdm/LAYERUSDT_1m.csv.gz", 0),
    ("candles/okx_swap/BTC-USDT-SWAP_1m_202601.csv.gz", 5000),
]


def synthetic():
    rng = np.random.default_rng(79)
    close = 2000 * np.exp(np.cumsum(rng.normal(0, 0.002, BARS)))
    close[200:270] = close[199]
    opened = np.concatenate([[close[0]], close[:-1]])
    high = np.maximum(opened, close) * (1 + np.abs(rng.normal(0, 0.001, BARS)))
    low = np.minimum(opened, close) * (1 - np.abs(rng.normal(0, 0.001, BARS)))
    volume = rng.lognormal(3, 1, BARS)
    high[205:265] = low[205:265] = opened[205:265] = close[205:265]
    volume[210:275] = 0
    return [np.round(x, 2) for x in (opened, high, low, close)] + [np.round(volume, 3)]


def recorded(folder, path, first):
    with gzip.open(folder / path, "rt") as file:
        rows = list(csv.reader(file))[1 + first : 1 + first + BARS]
    return [np.array([float(row[i]) for row in rows]) for i in range(1, 6)]


def super_trend(high, low, close, period, multiplier):
    atr = talib.ATR(high, low, close, period)
    middle = (high + low) / 2
    upper = middle + multiplier * atr
    lower = middle - multiplier * atr
    line = np.full(len(close), np.nan)
    up = None
    for i in range(period, len(close)):
        if up is None:
            up = bool(close[i] > middle[i])
        else:
            if not (upper[i] < upper[i - 1] or close[i - 1] > upper[i - 1]):
                upper[i] = upper[i - 1]
            if not (lower[i] > lower[i - 1] or close[i - 1] < lower[i - 1]):
                lower[i] = lower[i - 1]
            if up and close[i] < lower[i]:
                up = False
            elif not up and close[i] > upper[i]:
                up = True
        line[i] = lower[i] if up else upper[i]
    return line


def choppiness(high, low, close, period):
    out = np.full(len(close), np.nan)
    ranges = [math.nan] + [max(high[i], close[i - 1]) - min(low[i], close[i - 1]) for i in range(1, len(close))]
    for i in range(period, len(close)):
        window = slice(i - period + 1, i + 1)
        width = max(high[window]) - min(low[window])
        if width <= 0:
            out[i] = 100
        else:
            out[i] = min(100, max(0, 100 * math.log10(math.fsum(ranges[i - period + 1 : i + 1]) / width) / math.log10(period)))
    return out


def profile(high, low, volume, bins, share):
    """Point of control and value area of one window, by the overlap of each bar with each bin."""
    bottom, top = min(low), max(high)
    if top <= bottom or sum(volume) <= 0:
        return [math.nan] * 3
    height = (top - bottom) / bins
    place = lambda price: min(bins - 1, max(0, math.floor((price - bottom) / height)))
    held = [[] for _ in range(bins)]
    for h, l, v in zip(high, low, volume):
        a, b = place(l), place(h)
        if a == b or h <= l:
            held[a].append(v)
            continue
        for k in range(a, b + 1):
            upper = h if k == b else min(h, bottom + (k + 1) * height)
            held[k].append(max(0.0, upper - max(l, bottom + k * height)) * v / (h - l))
    sums = [math.fsum(x) for x in held]
    control = max(range(bins), key=lambda k: (sums[k], -k))
    first = last = control
    inside = sums[control]
    goal = share * math.fsum(volume)
    while inside < goal and (first > 0 or last < bins - 1):
        above = sums[last + 1] if last < bins - 1 else -1
        below = sums[first - 1] if first > 0 else -1
        if above >= below:
            last += 1
            inside += sums[last]
        else:
            first -= 1
            inside += sums[first]
    return [bottom + (control + 0.5) * height, bottom + first * height, bottom + (last + 1) * height]


def values(opened, high, low, close, volume):
    del opened
    out = {
        "sar": talib.SAR(high, low, 0.02, 0.2),
        "sar_fast": talib.SAR(high, low, 0.05, 0.3),
        "super_trend": super_trend(high, low, close, 10, 3),
        "super_trend_near": super_trend(high, low, close, 7, 1.5),
        "choppiness": choppiness(high, low, close, 14),
    }
    period = 60
    rows = [profile(high[i - period + 1 : i + 1], low[i - period + 1 : i + 1], volume[i - period + 1 : i + 1], 24, 0.7) if i >= period - 1 else [math.nan] * 3 for i in range(len(close))]
    for k, name in enumerate(["point_of_control", "value_low", "value_high"]):
        out[name] = np.array([row[k] for row in rows])
    return out


def tell(bars, extra):
    columns = values(*bars)
    rows = sorted(set(range(0, BARS, STEP)) | {BARS - 1})
    number = lambda x: None if math.isnan(x) else float(x)
    return {**extra, "rows": rows, "values": {name: [number(column[i]) for i in rows] for name, column in columns.items()}}


def main():
    folder = pathlib.Path(sys.argv[1])
    bars = synthetic()
    series = [tell(bars, {"bars": [[float(x[i]) for x in bars] for i in range(BARS)]})]
    for path, first in RECORDED:
        series.append(tell(recorded(folder, path, first), {"file": path, "from": first, "count": BARS}))
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps({"talib": talib.__ta_version__.decode().split(" ")[0], "series": series}, separators=(",", ":")) + "\n")


main()
