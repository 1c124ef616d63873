"""Independent reference of the 25 candle features and of Amihud illiquidity, in NumPy, over recorded and made candles.

For recorded candles only the place and the values are stored. Writes candle_features.json.
Run: python3 test/golden/candle_features.py DATA_FOLDER (needs numpy).
"""
import csv
import gzip
import json
import pathlib
import sys

import numpy as np

RECORDED = [("candles/bybit_linear/BTCUSDT_5m.csv.gz", 4000, "0.1", "0.001"), ("candles/bybit_linear/ADAUSDT_5m.csv.gz", 9000, "0.0001", "0.1"), ("candles/okx_swap/BTC-USDT-SWAP_1m_202601.csv.gz", 12000, "0.1", "0.0001")]
BARS = 160
STEP = 7
N = 20


def made():
    rng = np.random.default_rng(25)
    close = np.round(2 * np.exp(np.cumsum(rng.normal(0, 0.01, BARS))), 4)
    close[60:95] = close[59]
    opened = np.round(np.concatenate([[2.0], close[:-1]]) * (1 + rng.normal(0, 0.001, BARS)), 4)
    opened[60:95] = close[59]
    high = np.round(np.maximum(opened, close) + np.abs(rng.normal(0, 0.01, BARS)), 4)
    low = np.round(np.minimum(opened, close) - np.abs(rng.normal(0, 0.01, BARS)), 4)
    high[65:90] = low[65:90] = close[59]
    volume = np.round(rng.lognormal(5, 1, BARS), 1)
    volume[65:92] = 0
    return [opened, high, low, close, volume]


def recorded(folder, path, first):
    with gzip.open(folder / path, "rt") as file:
        rows = list(csv.reader(file))[1 + first : 1 + first + BARS]
    return [np.array([float(row[i]) for row in rows]) for i in range(1, 6)]


def at(i, o, h, l, c, v):
    """Values of the forming candle i; all before it are closed."""
    typical = (h + l + c) / 3
    window = slice(i - N + 1, i + 1)
    returns = np.log(c[1:] / c[:-1])
    width, body = h[i] - l[i], abs(c[i] - o[i])
    upper, lower = h[i] - max(o[i], c[i]), min(o[i], c[i]) - l[i]
    klass = 0.5 * np.log(h[window] / l[window]) ** 2 - (2 * np.log(2) - 1) * np.log(c[window] / o[window]) ** 2
    mean_volume = v[i - N : i].mean()
    body_before = c[i - 1] - o[i - 1]
    covers = max(o[i], c[i]) >= max(o[i - 1], c[i - 1]) and min(o[i], c[i]) <= min(o[i - 1], c[i - 1]) and (c[i] - o[i]) * body_before < 0
    closed = slice(i - N, i)
    with_volume = v[closed] > 0
    amihud = np.abs(np.log(c[closed] / c[i - N - 1 : i - 1]))[with_volume] / (typical[closed] * v[closed])[with_volume]
    return {
        "open": o[i], "high": h[i], "low": l[i], "close": c[i], "volume": v[i], "typical_price": typical[i],
        "returns": c[i] / c[i - 1] - 1, "log_returns": returns[i - 1], "high_low_range": width / c[i], "close_open_diff": (c[i] - o[i]) / o[i],
        "upper_shadow": upper / c[i], "lower_shadow": lower / c[i], "body_size": body / c[i],
        "realized_volatility": np.sqrt((returns[i - N : i] ** 2).mean()),
        "parkinson_volatility": np.sqrt((np.log(h[window] / l[window]) ** 2).mean() / (4 * np.log(2))),
        "garman_klass_volatility": np.sqrt(max(0.0, klass.mean())),
        "volume_ma_ratio": v[i] / mean_volume if mean_volume > 0 else 0.0,
        "volume_change_rate": v[i] / v[i - 1] - 1 if v[i - 1] > 0 else 0.0,
        "price_volume_trend": (v[window] * np.expm1(returns[i - N : i])).sum(),
        "volume_weighted_price": np.average(typical[window], weights=v[window]) if v[window].sum() > 0 else typical[i],
        "money_flow": typical[i] * v[i],
        "doji_strength": 1 - body / width if width > 0 else 0.0,
        "hammer_strength": max(0.0, lower - max(2 * body, upper)) / width if width > 0 else 0.0,
        "engulfing_strength": np.sign(c[i] - o[i]) * (body - abs(body_before)) / body if covers else 0.0,
        "gap_size": (o[i] - c[i - 1]) / c[i - 1],
        "amihud_illiquidity": amihud.mean() * 1e6 if len(amihud) else 0.0,
    }


def tell(bars, extra):
    rows = list(range(N + 2, BARS, STEP))
    return {**extra, "rows": rows, "values": [{k: float(x) for k, x in at(i, *bars).items()} for i in rows]}


def main():
    folder = pathlib.Path(sys.argv[1])
    bars = made()
    series = [tell(bars, {"tick": "0.0001", "lot": "0.1", "bars": [[float(x[i]) for x in bars] for i in range(BARS)]})]
    for path, first, tick, lot in RECORDED:
        series.append(tell(recorded(folder, path, first), {"file": path, "from": first, "count": BARS, "tick": tick, "lot": lot}))
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({"series": series}, separators=(",", ":")) + "\n")


main()
