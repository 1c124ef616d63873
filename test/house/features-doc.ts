import { channelRange, FEATURE_TABLE, type FeatureChannel } from '../../src/features/index.ts'

export const FEATURES_DOC = 'docs/features.md'

const CHANNELS: readonly (readonly [FeatureChannel, string, string])[] = [
  ['orderbook', 'Order book', 'Taken from the book as it is after a message, and from what messages and public trades did before. `bid_i`, `ask_i` are prices of levels, best first; `q` are their sizes. A subscript `₋₁` is the value at the book record before.'],
  ['candle', 'Candle', 'One-minute candles. `o h l c v` are those of the forming candle, so these values move within the minute; a subscript `₋₁` is the closed candle before. When the minute is over the last value is the value of the closed candle.'],
  ['indicator', 'Indicator', 'Over the same candles, the forming one included as if it closed now. Conventions of TA-Lib: first values, seeds and flat markets are its own; every one is held against native TA-Lib on recorded candles to 1e-9.'],
]

const NEEDS = `# Features

One vector is ${FEATURE_TABLE.length} numbers per symbol, in this order. Names and order are a contract: they are written into every data set and every
model, and a model with other names is refused. This page is written by \`make docs\` from the table that the program itself uses
(\`src/features/table-*.ts\`).

- **Units.** Prices in quote currency, sizes in base coin, whatever the venue counts in. Computed in whole ticks and lots, scaled once.
- **Time** is the venue's: of the matching engine where the message has it. Nothing here depends on our clock, so live, replay and
  training give the same vector for the same events, and the same vector twice is the same bytes.
- **Windows** of time are kept in steps and move by whole steps; windows of records, trades and candles move one by one. Where fewer
  have come so far than the window holds, those are used once the warm-up is over.
- **Warm-up.** A value that lacks what it needs is NaN. A vector is used for trading only when all ${FEATURE_TABLE.length} are finite; there are no defaults.
  Ten levels a side and 50 closed candles are needed for a whole vector.
- **After a restart** the averages whose weights fall without an end begin with the 200 candles that are held. On recorded candles
  the values at the 200th are off those of a process that was never stopped by, at most and at the median, relative: \`rsi_28\` 6e-3
  and 2e-4, \`ema_50\` 2e-4 and 4e-6, \`adx\` 6e-5 and 3e-6; \`plus_di\`, \`minus_di\`, \`rsi_14\` and \`atr_14\` 1e-5 and 2e-7; \`macd\` and its lines 1e-7
  of the price. A hundred candles more take \`rsi_28\` to 7e-5, after three hundred more everything is within 1e-7. Windows are exact at once.
- **A gap in the book** ends everything that stems from the book: its windows begin anew. Trades and candles go on.
- **Division by zero** has a defined result, in the table. A vector with a value that is not finite after warm-up is not published; the
  log names the features.
- Source "definition": the formula is the whole story. "Over the window, not since the start": a line that others accumulate from the
  first bar is taken over the last 50, so that it does not depend on when a process was started.

`

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The page of all features, from the table. */
export function featuresDoc(): string {
  const sections = CHANNELS.map(([channel, title, words]) => {
    const { from, count } = channelRange(channel)
    const rows = FEATURE_TABLE.slice(from, from + count).map(
      (entry, i) => `| ${from + i} | \`${entry.name}\` | ${[entry.formula, entry.unit, entry.window, entry.warmUp, entry.range, entry.zeroDivision, entry.source].map(cell).join(' | ')} |`,
    )
    return `## ${title} (${count})\n\n${words}\n\n| place | name | formula | unit | window | needs | range | when nothing divides | source |\n|---|---|---|---|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return NEEDS + sections.join('\n')
}
