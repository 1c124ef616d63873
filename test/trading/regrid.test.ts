import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, money, SELL, type Side } from '../../src/core/index.ts'
import { apply, createState, type FillBooked, openingRecords, compileRules, type TradingState } from '../../src/trading/index.ts'
import { ExchangeDesk, SYMBOL } from './support/exchange-desk.ts'
import { instruments, settings } from './support/world.ts'

/** Books that are counted on one grid of prices and sizes, and go on being counted on another (F24). */
const NAME = 'AAAUSDT'
const when = { atMs: 1_700_000_000_000, atNs: 1 }
const rules = compileRules(settings, instruments)

interface Trade {
  readonly side: Side
  /** In units of 0.1 and 0.01, which lie on every grid here. */
  readonly price: number
  readonly size: number
}

const GRIDS = [
  { tick: '0.1', lot: '0.01' },
  { tick: '0.05', lot: '0.005' },
  { tick: '0.0125', lot: '0.01' },
  { tick: '0.02', lot: '0.00001' },
] as const

function started(grid: { readonly tick: string; readonly lot: string }): TradingState {
  const state = createState()
  apply(state, { kind: 'epoch-started', ...when, epoch: 1, account: 'test', plan: rules.plan, planBySymbol: {} })
  apply(state, { kind: 'instrument-seen', ...when, symbol: NAME, symbolIndex: 0, ...grid })
  return state
}

function book(state: TradingState, { side, price, size }: Trade, n: number): void {
  const { tick, lot, ledger } = state.symbols.get(NAME)!
  const lots = money(size).mul('0.01').div(lot).toNumber()
  const beforeLots = ledger.signedLots
  const fill: FillBooked = {
    kind: 'fill-booked', ...when, executionId: `e${n}`, clientId: '', venueId: 'v', symbol: NAME, side, priceTicks: money(price).mul('0.1').div(tick).toNumber(), priceText: null, lots,
    fee: '0.0123', feeCoin: null, realised: null, maker: false, type: 'trade', note: '', source: 'stream', timeMs: when.atMs + n, beforeLots, afterLots: beforeLots + (side === BUY ? lots : -lots),
  } as FillBooked
  apply(state, fill)
}

describe('F24 books on another grid', () => {
  it('come to the same money and the same size wherever in any row of trades the grid changes, finer or coarser', () => {
    const trades = fc.array(fc.record({ side: fc.constantFrom<Side>(BUY, SELL), price: fc.integer({ min: 1, max: 99_999 }), size: fc.integer({ min: 1, max: 500 }) }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(trades, fc.array(fc.tuple(fc.nat(20), fc.nat(GRIDS.length - 1)), { maxLength: 4 }), (rows, changes) => {
        const plain = started(GRIDS[0])
        const changing = started(GRIDS[0])
        rows.forEach((trade, n) => {
          for (const [at, grid] of changes) if (at === n) apply(changing, { kind: 'instrument-seen', ...when, symbol: NAME, symbolIndex: 0, ...GRIDS[grid]! })
          book(plain, trade, n)
          book(changing, trade, n)
        })
        const [a, b] = [plain, changing].map((state) => state.symbols.get(NAME)!)
        const sizeOf = (one: typeof a): string => money(one!.ledger.signedLots).mul(one!.lot).toFixed()
        expect(sizeOf(b)).toBe(sizeOf(a))
        expect(b!.ledger.net.toDecimalPlaces(20).toFixed()).toBe(a!.ledger.net.toDecimalPlaces(20).toFixed())
        expect(b!.ledger.costTickLots.mul(b!.unit).toDecimalPlaces(20).toFixed()).toBe(a!.ledger.costTickLots.mul(a!.unit).toDecimalPlaces(20).toFixed())
        expect(Math.abs(changing.exposure.total - plain.exposure.total)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })

  it('move levels between two coarse ticks to the side that leaves the position sooner', () => {
    const at = (side: Side) => {
      const state = started({ tick: '0.1', lot: '0.01' })
      book(state, { side, price: 1003, size: 10 }, 1)
      const { position } = state.symbols.get(NAME)!
      Object.assign(position!, { stopLossTicks: 1001, takeProfitTicks: 1008, trailedTicks: 1001, trailBehindTicks: 3, trailStepTicks: 1 })
      apply(state, { kind: 'instrument-seen', ...when, symbol: NAME, symbolIndex: 0, tick: '0.5', lot: '0.01' })
      return state.symbols.get(NAME)!.position!
    }
    expect(at(BUY)).toMatchObject({ stopLossTicks: 201, takeProfitTicks: 201, trailedTicks: 201, trailBehindTicks: 1, trailStepTicks: 1 })
    expect(at(SELL)).toMatchObject({ stopLossTicks: 200, takeProfitTicks: 202, trailedTicks: 200 })
  })

  it('keep the exact prices of what has closed already', () => {
    const state = started({ tick: '0.1', lot: '0.01' })
    book(state, { side: BUY, price: 1000, size: 10 }, 1)
    book(state, { side: SELL, price: 1001, size: 4 }, 2)
    apply(state, { kind: 'instrument-seen', ...when, symbol: NAME, symbolIndex: 0, tick: '0.5', lot: '0.02' })
    expect(state.symbols.get(NAME)!.position!.closes).toMatchObject([{ priceText: '100.1', priceTicks: 200, beforeLots: 5, afterLots: 3 }])
    expect(state.symbols.get(NAME)!.ledger.signedLots).toBe(3)
  })

  it('refuse a start on a lot in which what is held cannot be counted, with the size that is lost, and allow every other', () => {
    const state = started({ tick: '0.10', lot: '0.001' })
    book(state, { side: BUY, price: 1000, size: 5 }, 1)
    const on = (lot: string) => compileRules(settings, [{ ...instruments[0]!, lot: Object.assign(Object.create(Object.getPrototypeOf(instruments[0]!.lot) as object) as typeof instruments[0]['lot'], instruments[0]!.lot, { text: lot }) }, instruments[1]!])
    expect(() => openingRecords(on('0.04'), state, true, { ns: 1, wallMs: when.atMs, opens: true })).toThrow(/RM_INSTRUMENT_CHANGED: AAAUSDT .* lot 0\.04, in which 0\.05 of it/)
    expect(openingRecords(on('0.025'), state, true, { ns: 1, wallMs: when.atMs, opens: true }).filter((record) => record.kind === 'instrument-seen')).toHaveLength(2)
  })
})

describe.each([['bybit'], ['okx']] as const)('F24 an engine that comes back to another grid with a position (%s)', (venue) => {
  it.each([
    ['a finer tick', { tickSteps: 1 }],
    ['a coarser tick', { tickSteps: 10 }],
    ['a finer lot', { lotSteps: 1, minLots: 1 }],
  ])('goes on with it on %s: the same size, its stop kept, left by its own exit, and the money is the venue\'s to the last digit', (_what, change) => {
    const desk = new ExchangeDesk(venue)
    desk.exchange.operator.changeContract(SYMBOL, { tickSteps: 2, lotSteps: 2, minLots: 2 })
    desk.readInstruments()
    desk.start()
    desk.open()
    const size = desk.held
    const entry = desk.books.ledger.entryTicks.mul(desk.books.tick)
    desk.kill()
    desk.exchange.operator.changeContract(SYMBOL, change)
    desk.run(500)
    desk.readInstruments()
    desk.start()
    desk.run(2000)
    expect(desk.of('position-adopted')).toEqual([])
    expect(desk.books.frozen).toBeNull()
    expect(desk.held).toBe(size)
    expect(desk.books.ledger.entryTicks.mul(desk.books.tick).toFixed(6)).toBe(entry.toFixed(6))
    desk.until('its stop is known to rest', () => desk.books.stop.state === 'resting', 60_000)
    desk.until('it is left by the engine', () => desk.books.ledger.signedLots === 0 && desk.books.position === null)
    expect(desk.held).toBe(0)
    expect(desk.exchange.wallet('main').balance.toFixed()).toBe(money(10_000).add(desk.books.ledger.net).toFixed())
    desk.open()
    expect(desk.held).not.toBe(0)
    desk.stop()
  })
})
