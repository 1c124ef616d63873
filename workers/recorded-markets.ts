import { closeSync, openSync, readSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import { fail, type WallMs } from '../src/core/index.ts'
import { type Contract, defaultContracts, loadTape, RecordedMarket, recordedContracts } from '../src/exchange/index.ts'
import { recordings } from './exchange-messages.ts'

const HEAD_BYTES = 64 * 1024

/** The captures of each symbol as markets that play once, at the speed of virtual time. @throws RM_REPLAY_FILES, RM_EXCHANGE_CAPTURE_* */
export async function recordedMarkets(files: readonly string[], symbols: readonly string[], loop: boolean): Promise<RecordedMarket[]> {
  return Promise.all(
    recordings(files, symbols).map(async ({ symbol, files: own }) => {
      const contract = contractOf(symbol)
      return new RecordedMarket(await loadTape(own, contract), { contract, speed: 1, loop })
    }),
  )
}

/** Contract that a recorded symbol trades under. @throws RM_REPLAY_FILES */
export function contractOf(symbol: string): Contract {
  return [...recordedContracts, ...defaultContracts].find((one) => one.symbol === symbol) ?? fail('RM_REPLAY_FILES', { missing: `contract of ${symbol}`, foreign: 'none' })
}

/** When a capture begins: the receive clock of its first line, µs (16 digits) or ns (19 digits). @throws RM_REPLAY_FILES */
export function captureStartMs(file: string): WallMs {
  const head = Buffer.alloc(HEAD_BYTES)
  const fd = openSync(file, 'r')
  const length = readSync(fd, head, 0, HEAD_BYTES, 0)
  closeSync(fd)
  const bytes = head.subarray(0, length)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes).subarray(0, 40).toString('latin1')
  const digits = /^(\d{16}|\d{19}) /.exec(text)?.[1]
  return digits === undefined ? fail('RM_REPLAY_FILES', { missing: 'none', foreign: `${file} (no receive time in its first line)` }) : Number(digits.slice(0, 13))
}

/** Symbols that the names of captures speak of, for runs that were not told their pairs. */
export function symbolsIn(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((file) => /(?:^|[^a-z0-9])([a-z0-9]+usdt)(?:[^a-z0-9]|$)/i.exec(file.split('/').at(-1)!)?.[1]?.toUpperCase() ?? []))]
}
