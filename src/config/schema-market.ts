import { z } from 'zod'
import { limits } from '../core/index.ts'
import { amount, between, pair, port, positive, setting, text, whole } from './fields.ts'

export const MODES = ['paper', 'live-data-paper', 'testnet', 'live', 'backtest'] as const
export type Mode = (typeof MODES)[number]

/** Where the market comes from: settings of the venue, the feeds and the built-in exchange. */
export const marketSections = {
  mode: setting(z.enum(MODES).default('paper'), 'How to run. This version runs paper (built-in exchange) and backtest; the others are refused.'),
  venue: setting(z.enum(['bybit', 'okx']).default('bybit'), 'Protocol spoken to the exchange: Bybit V5 or OKX V5.'),
  trading_pairs: setting(z.array(pair()).min(1).max(limits.symbolsMax).prefault(['BTCUSDT', 'ETHUSDT', 'XRPUSDT']), 'Symbols to trade. BTC-USDT and BTC/USDT are read as BTCUSDT.', {
    env: 'TRADING_PAIRS',
    allowed: `list of 1 to ${limits.symbolsMax} different USDT pairs`,
  }),
  book_depth: setting(z.union([z.literal(50), z.literal(200)]).default(50), 'Order-book levels subscribed per side.'),
  freshness: z
    .strictObject({
      order_ms: setting(whole(50, 60_000).default(1000), 'Oldest price, in ms, that an order may be placed on.'),
      exit_ms: setting(whole(50, 60_000).default(2000), 'Oldest price, in ms, for exit analysis and trailing stops.'),
      signal_ms: setting(whole(50, 60_000).default(3000), 'Oldest price, in ms, for signals.'),
      other_ms: setting(whole(50, 60_000).default(5000), 'Oldest price, in ms, for everything else.'),
    })
    .prefault({}),
  market_data: z
    .strictObject({
      audit_s: setting(whole(5, 86_400).default(60), 'Mean time, in seconds, from one comparison of a book with that of the venue by REST to the next.'),
      integrity_min: setting(between(0, 1).default(0.8), 'Integrity score of a book below which no entries are made on its symbol.'),
      integrity_resume: setting(between(0, 1).default(0.9), 'Integrity score from which entries are made again.'),
      rest_deadline_ms: setting(whole(100, 10_000).default(1500), 'Time for one answer of market data by REST, in ms.'),
      rest_in_flight: setting(whole(1, 5).default(5), 'Requests of market data by REST that may be in flight, over all symbols.'),
      rest_spacing_ms: setting(whole(100, 10_000).default(100), 'Shortest time between two of them, in ms.'),
      price_limits_s: setting(whole(30, 600).default(60), 'Oldest price limits of the venue that an entry may go by, in seconds.'),
      fallbacks_max: setting(whole(1, 1000).default(10), 'Exit prices taken by REST in a row; one more forces a new connection of the feed.'),
    })
    .prefault({}),
  exchange: z
    .strictObject({
      bybit_port: setting(port().default(8010), 'Port of the built-in exchange (Bybit V5 protocol) on 127.0.0.1; 0 takes any free one.'),
      okx_port: setting(port().default(8011), 'Port of the built-in exchange (OKX V5 protocol) on 127.0.0.1; 0 takes any free one.'),
      market: setting(z.enum(['generated', 'replay']).default('generated'), 'Market of the built-in exchange: made from a seed, or recorded files.'),
      seed: setting(whole(0, 4_294_967_295).default(1), 'Seed of the generated market and of simulated faults.'),
      manipulations_per_hour: setting(between(0, 120).default(6), 'Spoofing and layering that is planted into the generated market, an hour and symbol, and as many orders that only look like it; 0 for none.'),
      edges_per_hour: setting(between(0, 300).default(0), 'Events an hour and symbol after which the price of the generated market can be foretold, to show training something that can be learned; 0 for none.'),
      files: setting(z.array(text()).default([]), 'Recorded files for the replay market, in the order to play them.', { allowed: 'list of file names' }),
      speed: setting(positive(1000).default(1), 'Market seconds per real second.'),
      loop: setting(z.boolean().default(true), 'Start a replay again at its end.'),
      starting_balance: setting(amount({ zero: false }).prefault('100000'), 'Paper money at the start, in USDT.', { allowed: 'decimal amount above 0' }),
      api_key: setting(text().default('ringmaster-paper'), 'Key that the built-in exchange accepts.', { secret: true, allowed: 'text' }),
      api_secret: setting(text().default('paper-money-only'), 'Secret that requests to the built-in exchange are signed with.', { secret: true, allowed: 'text' }),
      faults: z
        .strictObject({
          per_minute: setting(z.array(z.string().regex(/^[a-z-]+=\d+(\.\d+)?$/)).default([]), 'Faults that the built-in exchange commits by itself, as kind=number a minute; empty for none. The kinds are in docs/exchange.md.', {
            allowed: 'list of kind=number',
          }),
          seed: setting(whole(0, 4_294_967_295).default(1), 'Seed from which those faults are drawn: the same seed, the same faults.'),
          plan: setting(z.array(text()).max(1).default([]), 'A printed plan of faults to play instead (`GET /control/plan`).', { allowed: 'list of one file name' }),
        })
        .prefault({}),
      passphrase: setting(text().default('paper-passphrase'), 'Passphrase of the key, which the OKX protocol wants beside the secret.', { secret: true, allowed: 'text' }),
    })
    .prefault({}),
  features: z
    .strictObject({
      min_cluster_volume: setting(positive(1_000_000_000).default(10_000), 'Value of a price level, in USDT, from which it counts as a cluster.', { env: 'MIN_CLUSTER_VOLUME' }),
    })
    .prefault({}),
  collect: z
    .strictObject({
      enabled: setting(z.boolean().default(false), 'Collect samples for training while the engine runs.'),
      every: setting(whole(1, 100_000).default(10), 'Every so many analyses of a symbol become a sample.'),
      dir: setting(text().default('./data/ml_training'), 'Folder of the collected data set.'),
      batch_samples: setting(whole(10, 1_000_000).default(10_000), 'Samples of one batch file.'),
    })
    .prefault({}),
  label: z
    .strictObject({
      threshold_percent: setting(between(0, 100).default(0.1), 'Movement, in percent, beyond which a label is up or down.'),
      volatility_scale: setting(between(0, 100).default(0), 'Above 0: the threshold is so many standard deviations of the movements instead.'),
      tolerance_s: setting(between(0, 600).default(6), 'How much later than its horizon the price of a label may be, in seconds.'),
      gap_s: setting(between(0.1, 3600).default(15), 'Distance of two samples, in seconds, across which nothing is labelled.'),
    })
    .prefault({}),
  strategy: z
    .strictObject({
      imbalance: z
        .strictObject({
          buy_threshold: setting(between(0.51, 0.99).default(0.75), 'Share of the bid side in the book from which the imbalance strategy buys.', { env: 'IMBALANCE_BUY_THRESHOLD' }),
          depth_levels: setting(whole(1, limits.tickLevels).default(5), 'Best levels of each side whose sizes are compared.'),
          cooldown_ms: setting(whole(0, 600_000).default(250), 'Shortest time from vote to vote of a symbol, in ms.'),
          repeat_ms: setting(whole(0, 600_000).default(2000), 'A vote that still stands is given again after so many ms.'),
          sell_threshold: setting(between(0.01, 0.49).default(0.25), 'Share of the bid side in the book below which the imbalance strategy sells.', { env: 'IMBALANCE_SELL_THRESHOLD' }),
        })
        .prefault({}),
      min_confidence: setting(between(0, 1).default(0.6), 'Smallest confidence that a decision needs to become an order.', { env: 'MIN_CONSENSUS_CONFIDENCE' }),
    })
    .prefault({}),
  model: z
    .strictObject({
      dir: setting(text().default('./data/models'), 'Folder of the model registry. Without a model the strategies decide alone.', { allowed: 'path of a folder' }),
      budget_ms: setting(positive(1000).default(10), 'Longest run of a model whose answer still counts, in ms; after it the strategies decide.'),
      reload_s: setting(positive(3600).default(1), 'How often a running engine looks whether another model was made active, in s.'),
      agree_gain: setting(between(0, 1).default(0.5), 'Where the strategies decide and the model agrees: so much of what their confidence lacks to 1 is made up for, times the confidence of the model.'),
      disagree: setting(z.enum(['hold', 'reduce']).default('hold'), 'Where it does not agree: nothing is done, or the confidence is reduced and must still be enough for a consensus.'),
      disagree_factor: setting(between(0, 1).default(0.5), 'By what the confidence is multiplied then.'),
      server: setting(z.boolean().default(true), 'Serve the models over HTTP, from the process of the gateway.'),
      server_host: setting(text().default('127.0.0.1'), 'Address that the model server listens on.'),
      server_port: setting(port().default(8001), 'Port of the model server; 0 takes any free one. A taken port keeps only the model server away.', { env: 'MODEL_SERVER_PORT' }),
      drift_fallback: setting(z.enum(['never', 'medium', 'high', 'critical']).default('high'), 'Drift from which on a model is not asked for decisions: the strategies decide.'),
    })
    .prefault({}),
}
