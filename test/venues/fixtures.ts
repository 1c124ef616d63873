import { existsSync, readFileSync } from 'node:fs'
import { DecimalStep, type Instrument } from '../../src/core/index.ts'

export const FIXTURES = process.env['RINGMASTER_FIXTURES'] ?? '../shared/reference/fixtures'
export const DATA = process.env['RINGMASTER_DATA'] ?? '../shared/data'
export const fixturesPresent = existsSync(`${FIXTURES}/bybit`)

/** A fixture file of the venue: one frame or a list of frames. */
export function framesOf(name: string): readonly Record<string, unknown>[] {
  const parsed = JSON.parse(readFileSync(`${FIXTURES}/bybit/${name}.json`, 'utf8')) as Record<string, unknown> | Record<string, unknown>[]
  return Array.isArray(parsed) ? parsed : [parsed]
}

export const bodyOf = (name: string): string => readFileSync(`${FIXTURES}/bybit/${name}.json`, 'utf8')

export const instrumentOf = (symbol: string, tick: string, lot: string, index = 0): Instrument => ({
  symbol, index, baseCoin: symbol.replace(/USDT$|PERP$/, ''), quoteCoin: 'USDT', tick: new DecimalStep(tick), lot: new DecimalStep(lot),
  minLots: 1, maxLots: 1_000_000, minNotional: '5', maxLeverage: 100,
})

export const BTC = instrumentOf('BTCUSDT', '0.10', '0.001')
export const ETH = instrumentOf('ETHUSDT', '0.01', '0.01', 1)

/** The bytes of a frame as the socket hands them over. */
export const bytesOf = (frame: unknown): Buffer => Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame))
