"""Independent reference of the 50 order-book features, in plain Python and NumPy, from scratch at every sampled record.

Reads a recorded capture of a thin market (NEXOUSDT, depth differences and trades), keeps the book in dictionaries and the
whole history in lists, and computes every feature by its formula over that history. Only places and values are stored.
Writes book_features.json. Run: python3 test/golden/book_features.py DATA_FOLDER (needs numpy).
"""
import gzip
import json
import math
import pathlib
import sys
from decimal import Decimal

import numpy as np

FILE = "l2_binance_raw/binance_spot_nexousdt_20240723.raw.gz"
TICK, LOT = Decimal("0.001"), Decimal("0.01")
CLUSTER = 2000.0
EVERY = 37


def steps(text, step):
    return int(Decimal(text) / step)


class Reference:
    def __init__(self):
        self.bids, self.asks = {}, {}
        self.records = []  # (time, bid, bid lots, ask, ask lots, mid)
        self.added = []  # (time, side, lots)
        self.births = {}
        self.lifetimes = []
        self.trades = []  # (time, sign, price, lots, mid before, large)
        self.first = None
        self.delta5 = []

    def top(self, side, count):
        keys = sorted(self.bids, reverse=True) if side == "b" else sorted(self.asks)
        book = self.bids if side == "b" else self.asks
        return [(k, book[k]) for k in keys[:count]]

    def depth(self, time, bids, asks, snapshot):
        changes = []
        for side, levels, book in (("b", bids, self.bids), ("a", asks, self.asks)):
            for price, lots in levels:
                before = book.get(price, 0)
                changes.append((side, price, before, lots))
                if lots == 0:
                    book.pop(price, None)
                else:
                    book[price] = lots
        near = {}
        for side in "ba":
            top = self.top(side, 10)
            near[side] = top[-1][0]
        for side, price, before, lots in changes if not snapshot else []:
            is_near = price >= near["b"] if side == "b" else price <= near["a"]
            if is_near and lots > before:
                self.added.append((time, side, lots - before))
            if before == 0 and lots > 0:
                self.births[side, price] = time
            if before > 0 and lots == 0:
                born = self.births.pop((side, price), None)
                if is_near and born is not None:
                    self.lifetimes.append(time - born)
        (bid, bid_lots), (ask, ask_lots) = self.top("b", 1)[0], self.top("a", 1)[0]
        if self.first is None:
            self.first = time
        self.records.append((time, bid, bid_lots, ask, ask_lots, (bid + ask) / 2))
        five = sum(q for _, q in self.top("b", 5)) - sum(q for _, q in self.top("a", 5))
        self.delta5.append(five)

    def trade(self, time, sign, price, lots):
        before = [t[3] for t in self.trades[-100:]]
        large = len(before) >= 20 and lots >= 3 * sum(before) / len(before)
        mid = self.records[-1][5] if self.records else math.nan
        self.trades.append((time, sign, price, lots, mid, large))

    def features(self):
        tick, lot = float(TICK), float(LOT)
        now = self.records[-1][0]
        bids, asks = self.top("b", 50), self.top("a", 50)
        b, a = np.array(bids, float), np.array(asks, float)
        bid, ask, mid = b[0, 0], a[0, 0], (b[0, 0] + a[0, 0]) / 2
        out = {}

        def vwap(x, n):
            return (x[:n, 0] * x[:n, 1]).sum() / x[:n, 1].sum() * tick

        total_b, total_a = sum(self.bids.values()), sum(self.asks.values())
        d5b, d5a, d10b, d10a = b[:5, 1].sum(), a[:5, 1].sum(), b[:10, 1].sum(), a[:10, 1].sum()
        out["bid_ask_spread_abs"] = (ask - bid) * tick
        out["bid_ask_spread_rel"] = (ask - bid) / mid
        out["mid_price"] = mid * tick
        out["micro_price"] = (bid * a[0, 1] + ask * b[0, 1]) / (b[0, 1] + a[0, 1]) * tick
        out["vwap_bid_5"], out["vwap_ask_5"] = vwap(b, 5), vwap(a, 5)
        out["vwap_bid_10"], out["vwap_ask_10"] = vwap(b, 10), vwap(a, 10)
        out["depth_bid_5"], out["depth_ask_5"] = d5b * lot, d5a * lot
        out["depth_bid_10"], out["depth_ask_10"] = d10b * lot, d10a * lot
        out["total_bid_volume"], out["total_ask_volume"] = total_b * lot, total_a * lot
        out["book_depth_ratio"] = total_b / total_a
        out["imbalance_5"] = (d5b - d5a) / (d5b + d5a)
        out["imbalance_10"] = (d10b - d10a) / (d10b + d10a)
        out["imbalance_total"] = (total_b - total_a) / (total_b + total_a)
        pb, pa = b[:10, 1] / (mid - b[:10, 0]), a[:10, 1] / (a[:10, 0] - mid)
        out["price_pressure"] = (pb - pa).sum() / (pb + pa).sum()
        out["volume_delta_5"] = (self.delta5[-1] - self.delta5[-2]) * lot

        def inside(time, width, count):
            return time // width > now // width - count

        def seconds(first, window, width):
            return min(window, max(width, now - first)) / 1000

        ofi = 0
        for old, new in zip(self.records, self.records[1:]):
            if not inside(new[0], 100, 100):
                continue
            ofi += new[2] * (new[1] >= old[1]) - old[2] * (new[1] <= old[1])
            ofi += -new[4] * (new[3] <= old[3]) + old[4] * (new[3] >= old[3])
        out["order_flow_imbalance"] = ofi * lot
        s10 = seconds(self.first, 10_000, 100)
        for name, side in (("bid_intensity", "b"), ("ask_intensity", "a")):
            out[name] = sum(q for t, s, q in self.added if s == side and inside(t, 100, 100)) * lot / s10
        recent = [t for t in self.trades if inside(t[0], 1000, 60)]
        bought = sum(t[3] for t in recent if t[1] > 0)
        volume = sum(t[3] for t in recent)
        out["buy_sell_ratio"] = bought / volume if volume else 0.5
        large = [t for t in recent if t[5]]
        large_volume = sum(t[3] for t in large)
        out["smart_money_index"] = sum(t[1] * t[3] for t in large) / large_volume if large_volume else 0.0
        for name, side in (("bid", bids), ("ask", asks)):
            clusters = [(q, -i, p) for i, (p, q) in enumerate(side) if p * tick * q * lot >= CLUSTER]
            best = max(clusters) if clusters else (0, 0, side[0][0])
            out[f"largest_{name}_cluster_price"] = best[2] * tick
            out[f"largest_{name}_cluster_volume"] = best[0] * lot
        for name, side in (("bid", bids), ("ask", asks)):
            out[f"num_{name}_clusters"] = sum(p * tick * q * lot >= CLUSTER for p, q in side)
        levels = {}
        for name, side in (("support", b), ("resistance", a)):
            runs = np.convolve(side[:, 1], np.ones(5), "valid")
            at = int(np.argmax(runs))
            levels[name] = np.average(side[at : at + 5, 0], weights=side[at : at + 5, 1])
            out[f"{name}_level_1"] = levels[name] * tick
        out["distance_to_support"] = (mid - levels["support"]) / mid
        out["distance_to_resistance"] = (levels["resistance"] - mid) / mid
        lb, la = (b[:5, 0] * b[:5, 1]).sum() * tick * lot, (a[:5, 0] * a[:5, 1]).sum() * tick * lot
        out["liquidity_bid_5"], out["liquidity_ask_5"] = lb, la
        out["liquidity_asymmetry"] = (lb - la) / (lb + la)
        with_mid = [t for t in recent if not math.isnan(t[4])]
        out["effective_spread"] = (
            float(np.average([2 * t[1] * (t[2] - t[4]) / t[4] for t in with_mid], weights=[t[3] for t in with_mid])) if with_mid else out["bid_ask_spread_rel"]
        )
        out["kyle_lambda"] = self.kyle(now) * tick / lot
        changes = np.diff([t[2] for t in self.trades]).astype(float)
        pairs = np.stack([changes[1:], changes[:-1]])[:, -100:] if len(changes) > 1 else np.zeros((2, 0))
        out["roll_spread"] = math.nan
        if pairs.shape[1] >= 10:
            covariance = (pairs[0] * pairs[1]).mean() - pairs[0].mean() * pairs[1].mean()
            out["roll_spread"] = 2 * math.sqrt(max(0.0, -covariance)) * tick
        out["depth_imbalance_ratio"] = math.log(d10b / d10a)
        lived = np.array(self.lifetimes[-100:], float) / 1000
        out["level_ttl_avg"] = lived.mean() if len(lived) >= 10 else math.nan
        out["level_ttl_std"] = lived.std() if len(lived) >= 10 else math.nan
        mids = np.array([r[5] for r in self.records])
        returns = np.diff(np.log(mids))
        out["orderbook_volatility"] = returns[-100:].std() if len(returns) >= 20 else math.nan
        near = [r for r in self.records if inside(r[0], 100, 100)]
        out["update_frequency"] = len(near) / s10
        out["quote_intensity"] = sum(old[1:5] != new[1:5] for old, new in zip(self.records, self.records[1:]) if inside(new[0], 100, 100)) / s10
        out["trade_arrival_rate"] = len(recent) / seconds(self.first, 60_000, 1000)
        spreads = np.array([r[3] - r[1] for r in self.records], float)
        out["spread_volatility"] = spreads[-100:].std() * tick if len(returns) >= 20 else math.nan
        return out

    def kyle(self, now):
        first = min(self.records[0][0], self.trades[0][0] if self.trades else self.records[0][0]) // 1000
        rows = []
        last = math.nan
        events = sorted([(r[0], 0, r[5]) for r in self.records] + [(t[0], 1, t[1] * t[3]) for t in self.trades])
        by_second = {}
        for time, kind, value in events:
            by_second.setdefault(int(time // 1000), []).append((kind, value))
        mid = math.nan
        for second in range(int(first), int(now // 1000)):
            volume = 0
            for kind, value in by_second.get(second, []):
                if kind == 0:
                    mid = value
                else:
                    volume += value
            if not math.isnan(last):
                rows.append((volume, mid - last))
            last = mid
        rows = rows[-60:]
        if len(rows) < 10:
            return math.nan
        x, y = np.array(rows, float).T
        return 0.0 if np.var(x) == 0 else float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())


def main():
    folder = pathlib.Path(sys.argv[1])
    reference = Reference()
    rows = []
    depths = 0
    clock = 0
    with gzip.open(folder / FILE, "rt") as file:
        for line in file:
            stamp, text = line.split(" ", 1)
            message = json.loads(text)
            if "lastUpdateId" in message:
                clock = max(clock, int(stamp) // 1000)
                sides = [[(steps(p, TICK), steps(q, LOT)) for p, q in message[key]] for key in ("bids", "asks")]
                reference.depth(clock, *sides, True)
                continue
            data = message["data"]
            if data.get("e") == "depthUpdate":
                clock = max(clock, data["E"])
                reference.depth(clock, *[[(steps(p, TICK), steps(q, LOT)) for p, q in data[key]] for key in "ba"], False)
                depths += 1
                if depths > 100 and depths % EVERY == 0:
                    rows.append({"record": depths, "values": {k: None if math.isnan(v) else float(v) for k, v in reference.features().items()}})
            elif data.get("e") == "trade":
                clock = max(clock, data["T"])
                reference.trade(clock, -1 if data["m"] else 1, steps(data["p"], TICK), steps(data["q"], LOT))
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps({"file": FILE, "tick": str(TICK), "lot": str(LOT), "minClusterValue": CLUSTER, "rows": rows}, separators=(",", ":")) + "\n")
    print(len(rows), "rows")


main()
