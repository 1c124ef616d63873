"""Independent reference of the 35 indicators: native TA-Lib where it has them, NumPy where it does not.

Series: one made from a seed (with a flat stretch, silent bars and jumps), stored with its values, and stretches of recorded
candles, of which only the place and the values are stored. Writes indicators.json.
Run: python3 test/golden/indicators.py DATA_FOLDER (needs numpy and TA-Lib).
"""
import csv
import gzip
import json
import pathlib
import sys

import numpy as np
import talib

WINDOW = 50
RECORDED = [
    ("candles/bybit_linear/BTCUSDT_5m.csv.gz", 1000),
    ("candles/bybit_linear/APEUSDT_5m.csv.gz", 20000),
    ("candles/binance_usdm/LAYERUSDT_1m.csv.gz", 0),
    ("candles/okx_swap/BTC-USDT-SWAP_1m_202601.csv.gz", 5000),
]
BARS = 480
STEP = 11


def synthetic():
    rng = np.random.default_rng(35)
    close = 60000 * np.exp(np.cumsum(rng.normal(0, 0.002, BARS)))
    close[200:270] = close[199]
    close[330:] *= 1.15
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


def rolling(values, function):
    out = np.full(len(values[0]), np.nan)
    for i in range(WINDOW - 1, len(out)):
        out[i] = function(*[v[i - WINDOW + 1 : i + 1] for v in values])
    return out


def nvi(close, volume):
    value = 1000.0
    for i in range(1, len(close)):
        if volume[i] < volume[i - 1]:
            value += value * (close[i] - close[i - 1]) / close[i - 1]
    return value


def vwap(typical, volume):
    return float(np.average(typical, weights=volume)) if volume.sum() > 0 else float(np.mean(typical))


def cmf(high, low, close, volume, period=20):
    width = high - low
    share = np.divide((close - low) - (high - close), width, out=np.zeros_like(width), where=width > 0)
    out = np.full(len(close), np.nan)
    for i in range(period - 1, len(close)):
        v = volume[i - period + 1 : i + 1]
        out[i] = (share[i - period + 1 : i + 1] * v).sum() / v.sum() if v.sum() > 0 else 0.0
    return out


def indicators(opened, high, low, close, volume):
    del opened
    typical = (high + low + close) / 3
    macd, signal, histogram = talib.MACD(close, 12, 26, 9)
    k, d = talib.STOCHF(high, low, close, fastk_period=14, fastd_period=3, fastd_matype=0)
    upper, middle, lower = talib.BBANDS(close, 20, 2, 2, 0)
    deviation = np.full(len(close), np.nan)
    for i in range(19, len(close)):
        deviation[i] = np.std(close[i - 19 : i + 1])
    spread = 2 * deviation
    flat = spread == 0
    percent = np.divide(close - middle + spread, 2 * spread, out=np.full(len(close), 0.5), where=~flat)
    percent[:19] = np.nan
    ema20 = talib.EMA(close, 20)
    atr10 = talib.ATR(high, low, close, 10)
    return {
        "sma_10": talib.SMA(close, 10), "sma_20": talib.SMA(close, 20), "sma_50": talib.SMA(close, 50),
        "ema_10": talib.EMA(close, 10), "ema_20": ema20, "ema_50": talib.EMA(close, 50),
        "macd": macd, "macd_signal": signal, "macd_histogram": histogram,
        "adx": talib.ADX(high, low, close, 14), "plus_di": talib.PLUS_DI(high, low, close, 14), "minus_di": talib.MINUS_DI(high, low, close, 14),
        "rsi_14": talib.RSI(close, 14), "rsi_28": talib.RSI(close, 28),
        "stochastic_k": k, "stochastic_d": d, "williams_r": talib.WILLR(high, low, close, 14), "cci": talib.CCI(high, low, close, 20),
        "momentum_10": talib.MOM(close, 10), "roc": talib.ROC(close, 10), "mfi": talib.MFI(high, low, close, volume, 14),
        "bollinger_upper": upper, "bollinger_middle": middle, "bollinger_lower": lower,
        "bollinger_width": 2 * spread / middle, "bollinger_pct": percent,
        "atr_14": talib.ATR(high, low, close, 14), "keltner_upper": ema20 + 2 * atr10, "keltner_lower": ema20 - 2 * atr10,
        "obv": rolling([close, volume], lambda c, v: talib.OBV(c, v)[-1]),
        "vwap": rolling([typical, volume], vwap),
        "ad_line": rolling([high, low, close, volume], lambda h, l, c, v: talib.AD(h, l, c, v)[-1]),
        "cmf": cmf(high, low, close, volume),
        "vpt": rolling([close, volume], lambda c, v: float((v[1:] * np.diff(c) / c[:-1]).sum())),
        "nvi": rolling([close, volume], nvi),
    }


def tell(bars, extra):
    values = indicators(*bars)
    rows = sorted(set(range(49, BARS, STEP)) | {BARS - 1})
    return {
        **extra,
        "first": {name: int(np.argmax(~np.isnan(column))) for name, column in values.items()},
        "rows": rows,
        "values": {name: [float(column[i]) for i in rows] for name, column in values.items()},
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    bars = synthetic()
    series = [tell(bars, {"bars": [[float(x[i]) for x in bars] for i in range(BARS)]})]
    for path, first in RECORDED:
        series.append(tell(recorded(folder, path, first), {"file": path, "from": first, "count": BARS}))
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps({"talib": talib.__ta_version__.decode().split(" ")[0], "series": series}, separators=(",", ":")) + "\n")


main()
