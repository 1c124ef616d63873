import { describe, expect, it } from 'vitest'
import { fail, type Instrument } from '../../src/core/index.ts'
import { listing } from '../../workers/listing.ts'
import { instruments } from './support/world.ts'

const ask =
  (bad: Readonly<Record<string, () => never>>) =>
  async (symbols: readonly string[]): Promise<readonly Instrument[]> => {
    for (const symbol of symbols) bad[symbol]?.()
    return symbols.map((symbol, index) => ({ ...instruments[0]!, symbol, index }))
  }
const unknown = (symbol: string) => () => fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: 3 })
const halted = (symbol: string) => () => fail('RM_VENUE_SYMBOL_NOT_TRADING', { symbol, status: 'Closed' })

describe('F24 symbols that a venue does not trade', () => {
  it('are left out with what is said of them, and the others are numbered without a gap', async () => {
    const { instruments: found, leftOut } = await listing(['A', 'B', 'C', 'D'], ask({ B: unknown('B'), D: halted('D') }))
    expect(found.map(({ symbol, index }) => [symbol, index])).toEqual([['A', 0], ['C', 1]])
    expect(leftOut.map(({ symbol, error }) => [symbol, error.code])).toEqual([['B', 'RM_VENUE_SYMBOL_UNKNOWN'], ['D', 'RM_VENUE_SYMBOL_NOT_TRADING']])
  })

  it('stop a start when they are all that was asked for', async () => {
    await expect(listing(['B'], ask({ B: unknown('B') }))).rejects.toThrow('symbol B is not among the 3 linear instruments')
    await expect(listing(['B', 'D'], ask({ B: unknown('B'), D: halted('D') }))).rejects.toThrow('symbol B')
  })

  it('are told from a question that failed, and from an answer about a symbol that nobody asked for', async () => {
    await expect(listing(['A'], ask({ A: () => fail('RM_VENUE_REQUEST', { path: '/x', reason: 'timeout' }) }))).rejects.toThrow('RM_VENUE_REQUEST')
    await expect(listing(['A'], ask({ A: unknown('Z') }))).rejects.toThrow('symbol Z')
  })
})
