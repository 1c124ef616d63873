import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { FIRST_UPDATE_ID } from './frames.ts'

const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const BYBIT = join(DATA, 'ws_bybit_v5/2024-12-01_XRPUSDT_ob500.data.gz')
const OKX = join(DATA, 'ws_okx_v5/okx_v5_ws_20220513.log.gz')

const linesOf = (path: string): string[] => gunzipSync(readFileSync(path)).toString('latin1').split(/\r?\n/).filter((line) => line !== '')

/** XRPUSDT on Bybit, snapshot and 49 deltas of 500 levels, under the name of the depth that the venue serves now; null without the data. */
export function recordedBybit(): Buffer[] | null {
  if (!existsSync(BYBIT)) return null
  return linesOf(BYBIT).map((line) => Buffer.from(line.replace('"orderbook.500.', '"orderbook.1000.')))
}

interface OkxBook {
  readonly arg: { instId: string }
  readonly data: { seqId?: number; prevSeqId?: number }[]
}

/**
 * BTC-USDT on OKX, snapshot and updates of 400 levels, from before the venue numbered its books: under the name of the
 * swap, and with the numbers that it sends now; null without the data.
 */
export function recordedOkx(): Buffer[] | null {
  if (!existsSync(OKX)) return null
  const frames = linesOf(OKX).flatMap((line) => {
    const at = line.indexOf('{"arg":{"channel":"books","instId":"BTC-USDT"}')
    return at < 0 ? [] : [JSON.parse(line.slice(at)) as OkxBook]
  })
  return frames.map((frame, i) => {
    frame.arg.instId = 'BTC-USDT-SWAP'
    frame.data[0]!.seqId = FIRST_UPDATE_ID + 3 * i
    frame.data[0]!.prevSeqId = i === 0 ? -1 : FIRST_UPDATE_ID + 3 * (i - 1)
    return Buffer.from(JSON.stringify(frame))
  })
}
