"""Independent reference of the price levels: swing points by NumPy, clusters by scikit-learn's DBSCAN.

Windows of recorded candles, stored with their values in ticks and lots, and lists of numbers made from a seed. Writes dbscan.json.
Run: python3 test/golden/dbscan.py DATA_FOLDER (needs numpy and scikit-learn).
"""
import csv
import gzip
import json
import pathlib
import sys

import numpy as np
from sklearn.cluster import DBSCAN

CANDLES = 240
SWING = 3
EPS_RANGES = 0.5
MIN_TOUCHES = 2
HALF_LIFE = 120
# File, first candle, decimals of the tick, decimals of the lot.
RECORDED = [
    ("candles/binance_usdm/BTCUSDT_1m.csv.gz", 1000, 1, 3),
    ("candles/binance_usdm/ETHUSDT_1m.csv.gz", 20000, 2, 3),
    ("candles/binance_usdm/LAYERUSDT_1m.csv.gz", 5000, 5, 1),
    ("candles/okx_swap/BTC-USDT-SWAP_1m_202601.csv.gz", 9000, 1, 4),
    ("candles/binance_usdm/XRPUSDT_1m.csv.gz", 30000, 4, 1),
]


def window(folder, name, first, tick, lot):
    with gzip.open(folder / name, "rt") as file:
        rows = [row for row in csv.reader(file) if row[0].isdigit()][first : first + CANDLES]
    return [[int(r[0])] + [round(float(v) * 10**tick) for v in r[1:5]] + [round(float(r[5]) * 10**lot)] for r in rows]


def swings(candles):
    """(candle, price) of highs and lows that top SWING candles on each side; of equal ones the first. High before low."""
    high = [c[2] for c in candles]
    low = [c[3] for c in candles]
    points = []
    for i in range(SWING, len(candles) - SWING):
        if high[i] > max(high[i - SWING : i]) and high[i] >= max(high[i + 1 : i + SWING + 1]):
            points.append((i, high[i]))
        if low[i] < min(low[i - SWING : i]) and low[i] <= min(low[i + 1 : i + SWING + 1]):
            points.append((i, low[i]))
    return points


def labels(values, eps, min_points):
    return DBSCAN(eps=eps, min_samples=min_points).fit(np.array(values, float).reshape(-1, 1)).labels_.tolist()


def levels(candles):
    points = swings(candles)
    ranges = [max(c[2], b[4]) - min(c[3], b[4]) for b, c in zip(candles, candles[1:])]
    names = labels([p for _, p in points], EPS_RANGES * float(np.mean(ranges)), MIN_TOUCHES)
    mean = float(np.mean([c[5] for c in candles]))
    out = []
    for name in range(max(names) + 1):
        own = [p for p, n in zip(points, names) if n == name]
        volume = float(np.mean([candles[i][5] for i, _ in own])) / mean
        age = len(candles) - 1 - own[-1][0]
        strength = (1 - 2.0 ** (1 - len(own))) * volume / (volume + 0.5) * 2.0 ** (-age / HALF_LIFE)
        prices = [p for _, p in own]
        out.append({"priceTicks": float(np.mean(prices)), "lowTicks": min(prices), "highTicks": max(prices), "touches": len(own), "volume": volume, "lastTouchMs": candles[own[-1][0]][0], "strength": strength})
    return out


def main():
    folder = pathlib.Path(sys.argv[1])
    rng = np.random.default_rng(7)
    lists = []
    for _ in range(60):
        count = int(rng.integers(1, 80))
        values = rng.integers(0, int(rng.integers(5, 400)), count).tolist()
        eps = float(rng.choice([1, 2, 2.5, 5, 7.25]))
        points = int(rng.integers(1, 6))
        lists.append({"values": values, "eps": eps, "minPoints": points, "labels": labels(values, eps, points)})
    recorded = []
    for name, first, tick, lot in RECORDED:
        candles = window(folder, name, first, tick, lot)
        recorded.append({"name": name, "candles": candles, "swings": len(swings(candles)), "levels": levels(candles)})
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps({"lists": lists, "recorded": recorded}, separators=(",", ":")) + "\n")


main()
