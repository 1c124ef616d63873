import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fail } from '../src/core/index.ts'
import type { FundingPayment, ReplayCandle } from '../src/strategies/replay/index.ts'

const HEADER = 'ts_ms,open,high,low,close,volume'
const FUNDING_HEADER = 'ts_ms,funding_rate'

/** Lines of a table as numbers, plain or packed with gzip. @throws RM_CANDLE_FILE */
function rowsOf(path: string, header: string): readonly (readonly number[])[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    return fail('RM_CANDLE_FILE', { path, problem: `cannot be read: ${(error as Error).message}` })
  }
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n')
  if (lines[0]!.trim() !== header) fail('RM_CANDLE_FILE', { path, problem: `begins with "${lines[0]}", expected "${header}"` })
  const width = header.split(',').length
  return lines.slice(1).map((line, i) => {
    const row = line.split(',').map(Number)
    if (row.length !== width || !row.every(Number.isFinite)) fail('RM_CANDLE_FILE', { path, problem: `line ${i + 2} is no row of ${width} numbers: "${line}"` })
    return row
  })
}

/** Candles of a file (ts_ms, open, high, low, close, volume), oldest first. @throws RM_CANDLE_FILE, also for one that is out of order or impossible */
export function readCandles(path: string): { readonly candles: readonly ReplayCandle[]; readonly intervalMs: number } {
  const candles = rowsOf(path, HEADER).map(([startMs, open, high, low, close, volume]) => ({ startMs: startMs!, open: open!, high: high!, low: low!, close: close!, volume: volume! }))
  if (candles.length < 2) fail('RM_CANDLE_FILE', { path, problem: 'has less than two candles' })
  let intervalMs = Number.POSITIVE_INFINITY
  for (const [i, { startMs, open, high, low, close, volume }] of candles.entries()) {
    if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume >= 0)) fail('RM_CANDLE_FILE', { path, problem: `line ${i + 2} is no candle` })
    if (i === 0) continue
    const step = startMs - candles[i - 1]!.startMs
    if (!(step > 0)) fail('RM_CANDLE_FILE', { path, problem: `line ${i + 2} is not later than the line before` })
    intervalMs = Math.min(intervalMs, step)
  }
  return { candles, intervalMs }
}

/** Funding of the same instrument, from the file that stands beside its candles; none where there is none. @throws RM_CANDLE_FILE */
export function readFunding(candlePath: string): readonly FundingPayment[] {
  const folder = dirname(candlePath)
  const instrument = basename(candlePath).replace(/_\d+m(?:_\d+)?\.csv(?:\.gz)?$/, '')
  const name = existsSync(folder) ? readdirSync(folder).find((one) => one.startsWith(`${instrument}_funding`)) : undefined
  return name === undefined ? [] : rowsOf(join(folder, name), FUNDING_HEADER).map(([atMs, rate]) => ({ atMs: atMs!, rate: rate! }))
}
