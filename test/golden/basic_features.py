"""Independent reference of the 15 basic order-book features, in NumPy double precision.

Makes books from its own seed, computes every feature from decimal prices and sizes by the textbook formula, and
writes books and features to basic_features.json. Run: python3 test/golden/basic_features.py (needs numpy).
"""
import json
import pathlib

import numpy as np

SEED = 110
GRIDS = [("0.1", "0.001"), ("0.0001", "1"), ("0.05", "0.01"), ("0.00000001", "100")]
BOOKS_PER_GRID = 12
LEVELS = 10


def side(rng, best, direction, tick, lot):
    gaps = np.concatenate([[0], rng.integers(1, 7, LEVELS - 1)])
    ticks = best + direction * np.cumsum(gaps)
    lots = np.maximum(1, np.round(rng.lognormal(6, 2, LEVELS))).astype(np.int64)
    return ticks, lots, ticks * float(tick), lots * float(lot)


def vwap(prices, sizes, count):
    return float(np.average(prices[:count], weights=sizes[:count]))


def features(bid, bid_size, ask, ask_size, bid_total, ask_total):
    mid = (bid[0] + ask[0]) / 2
    return {
        "bid_ask_spread_abs": None,  # filled by the caller from whole ticks: the difference of floats cancels digits
        "bid_ask_spread_rel": None,
        "mid_price": mid,
        "micro_price": (bid[0] * ask_size[0] + ask[0] * bid_size[0]) / (bid_size[0] + ask_size[0]),
        "vwap_bid_5": vwap(bid, bid_size, 5),
        "vwap_ask_5": vwap(ask, ask_size, 5),
        "vwap_bid_10": vwap(bid, bid_size, 10),
        "vwap_ask_10": vwap(ask, ask_size, 10),
        "depth_bid_5": float(np.sum(bid_size[:5])),
        "depth_ask_5": float(np.sum(ask_size[:5])),
        "depth_bid_10": float(np.sum(bid_size)),
        "depth_ask_10": float(np.sum(ask_size)),
        "total_bid_volume": bid_total,
        "total_ask_volume": ask_total,
        "book_depth_ratio": bid_total / ask_total,
    }


def main():
    rng = np.random.default_rng(SEED)
    cases = []
    for tick, lot in GRIDS:
        for _ in range(BOOKS_PER_GRID):
            mid = int(rng.integers(2_000, 2_000_000))
            spread = int(rng.integers(1, 12))
            bid_ticks, bid_lots, bid, bid_size = side(rng, mid, -1, tick, lot)
            ask_ticks, ask_lots, ask, ask_size = side(rng, mid + spread, 1, tick, lot)
            bid_more, ask_more = (int(rng.integers(0, 10_000_000)) for _ in range(2))
            bid_total = int(bid_lots.sum()) + bid_more
            ask_total = int(ask_lots.sum()) + ask_more
            values = features(bid, bid_size, ask, ask_size, bid_total * float(lot), ask_total * float(lot))
            values["bid_ask_spread_abs"] = spread * float(tick)
            values["bid_ask_spread_rel"] = spread * float(tick) / values["mid_price"]
            cases.append({
                "tick": tick, "lot": lot,
                "bidTicks": bid_ticks.tolist(), "bidLots": bid_lots.tolist(),
                "askTicks": ask_ticks.tolist(), "askLots": ask_lots.tolist(),
                "bidLotsTotal": bid_total, "askLotsTotal": ask_total,
                "names": list(values), "values": [float(v) for v in values.values()],
            })
    names = cases[0]["names"]
    for case in cases:
        assert case.pop("names") == names
    out = pathlib.Path(__file__).with_suffix(".json")
    rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    out.write_text('{"seed":%d,"names":%s,"cases":[\n%s\n]}\n' % (SEED, json.dumps(names), rows))


if __name__ == "__main__":
    main()
