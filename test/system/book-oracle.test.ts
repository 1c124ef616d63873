import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/index.ts'
import { drawFaults, FAULT_KINDS, parseFaultPlan, parseFaultRates, type FaultKind, type FaultNames, type FaultPlan, type FaultRates } from '../../src/exchange/front/index.ts'
import type { SocketHandlers, Transport } from '../../src/venues/index.ts'
import type { VirtualEngine } from '../../workers/virtual-engine.ts'
import { BookOracle } from './book-oracle.ts'
import { eagerConfig, generated, virtualStart } from './virtual-run.ts'

type Venue = 'bybit' | 'okx'
const VENUES: readonly Venue[] = ['bybit', 'okx']
/** From here on the engine trades; faults begin. */
const WARM_NS = 16e9
const EVERY_NS = 1.2e9
const TIMES = 7
/** After the last fault every symbol must be live and right within this. */
const HEALED_NS = 25e9

interface Scene {
  readonly engine: VirtualEngine
  readonly oracle: BookOracle
  readonly faults: FaultPlan
  readonly names: FaultNames
  /** The topic of a book. */
  readonly book: string
}

function scene(venue: Venue, seed: number, symbols: readonly string[] = ['BTCUSDT'], wrapTransport?: (inner: Transport) => Transport): Scene {
  const { engine } = virtualStart(eagerConfig(symbols, venue), generated(symbols, seed), wrapTransport === undefined ? {} : { wrapTransport })
  const names = engine.front.faultNames(50)
  return { engine, oracle: new BookOracle(engine), faults: engine.front.faults, names, book: names.books.find((one) => one.includes('BTC'))! }
}

/** Ends the faults; then every book must be live and right, and none may ever have been wrong. */
function healAndJudge({ engine, oracle, faults }: Scene): void {
  faults.heal()
  const late = oracle.untilAllAgree(engine.time.nowNs() + HEALED_NS)
  expect(oracle.wrong).toEqual([])
  expect(late, 'symbols whose book is not right again in time').toEqual([])
  expect(oracle.checked.ticks).toBeGreaterThan(40)
  expect(oracle.checked.vectors).toBeGreaterThan(40)
  expect(oracle.checked.cells).toBeGreaterThan(1000)
  const rows = Array.from({ length: 1 + 3 * engine.instruments.length }, (_, row) => engine.record.table.read(row))
  expect(rows.map((row) => row.restarts)).toEqual(rows.map(() => 0))
  engine.stop()
}

const struck = (faults: FaultPlan, what: string): number => (faults.describe()['framesHit'] as Record<string, number>)[what] ?? 0

const frame = (action: 'drop' | 'duplicate' | 'reorder' | 'delay', more: Parameters<FaultPlan['frames']['arm']>[2] = {}) => ({ faults, names }: Scene, round: number): void => faults.frames.arm(action, 1 + (round % 3), { match: names.bookMark, ...more })

const FAULTS: Readonly<Record<string, { readonly arm: (scene: Scene, round: number) => void; readonly breaks: boolean }>> = {
  'dropped frames': { arm: frame('drop'), breaks: true },
  'duplicated frames': { arm: frame('duplicate'), breaks: false },
  'reordered frames': { arm: frame('reorder'), breaks: true },
  'delayed frames': { arm: frame('delay', { delayMs: 900 }), breaks: false },
  'skipped updates': { arm: ({ faults, book }) => faults.skipUpdates(book, 2), breaks: true },
  'a snapshot in the middle': { arm: ({ faults, book }) => faults.resnapshot(book), breaks: false },
  'numbers that begin anew': { arm: ({ faults, book }) => faults.resnapshot(book, true), breaks: false },
  'numbers that begin anew behind a lost update': {
    arm: ({ faults, book }) => {
      faults.skipUpdates(book, 1)
      faults.resnapshot(book, true)
    },
    breaks: true,
  },
  'a snapshot that changes places with the update behind it': {
    arm: ({ faults, book, names }) => {
      faults.resnapshot(book)
      faults.frames.arm('reorder', 1, { match: names.bookMark })
    },
    breaks: true,
  },
  'connections cut': { arm: ({ faults }) => faults.dropConnections('public'), breaks: true },
  'half-open silence': { arm: ({ faults }, round) => void (round % 4 === 0 && faults.frames.silence('public', 3000 + 500 * round)), breaks: true },
  'a slow line': { arm: ({ faults }) => faults.frames.slow('public', 20_000, 700), breaks: false },
  'a stalled book': { arm: ({ faults, book }, round) => faults.stall(book, 200 * round), breaks: false },
  'a REST replica that lags': { arm: ({ faults }, round) => faults.replica.lag(500 * round), breaks: false },
  'a storm: connections cut and refused': {
    arm: ({ faults }) => {
      faults.refuseConnections('public', 1200)
      faults.dropConnections('public')
    },
    breaks: true,
  },
}

describe.each(VENUES)('no wrong book is ever used, on %s', (venue) => {
  it.each(Object.entries(FAULTS))('under %s, and the right one is back after it', (_name, { arm, breaks }) => {
    const stage = scene(venue, 11)
    stage.oracle.runUntil(WARM_NS)
    expect(stage.oracle.agrees(0) || stage.oracle.checked.ticks > 0).toBe(true)
    for (let round = 0; round < TIMES; round++) {
      arm(stage, round)
      stage.oracle.runUntil(WARM_NS + (round + 1) * EVERY_NS)
    }
    healAndJudge(stage)
    if (breaks) expect(stage.oracle.resyncs.length).toBeGreaterThan(0)
  })

  it('under frames cut at any byte with their connection (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4000), { minLength: 5, maxLength: 5 }), fc.integer({ min: 1, max: 1000 }), (places, seed) => {
        const stage = scene(venue, seed)
        stage.oracle.runUntil(WARM_NS)
        for (const at of places) {
          stage.faults.frames.arm('cut', 1, { match: stage.names.bookMark, at })
          stage.oracle.runUntil(stage.engine.time.nowNs() + 1e9)
          // The cut connection is back, and its first snapshot may be cut as well.
          stage.faults.frames.arm('cut', 1, { match: stage.names.bookMark, at: at * 7 })
          stage.oracle.runUntil(stage.engine.time.nowNs() + 1e9)
        }
        expect(struck(stage.faults, 'cut')).toBeGreaterThan(3)
        healAndJudge(stage)
      }),
      { numRuns: 2, seed: 20 },
    )
  })

  it('under bytes that turned into something else, wherever a digit did not turn into another digit', () => {
    let damaged = 0
    const random = new Random(9)
    const stage = scene(venue, 12, ['BTCUSDT'], (inner) =>
      onPublicBooks(inner, (text, hit) => {
        if (hit % 12 !== 0) return text
        const at = random.below(text.length)
        const turned = String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7)))
        if (isDigit(text[at]!) && isDigit(turned)) return text
        damaged++
        return text.slice(0, at) + turned + text.slice(at + 1)
      }),
    )
    stage.oracle.runUntil(60e9)
    expect(damaged).toBeGreaterThan(10)
    healAndJudge(stage)
  })

  it.each([1, 2, 3, 4])('under everything at once, as seed %i draws it', (seed) => {
    const stage = scene(venue, 100 + seed, ['BTCUSDT', 'XRPUSDT'])
    stage.oracle.runUntil(WARM_NS)
    const playing = stage.engine.front.playFaults(drawFaults(seed, mixture(), stage.names))
    stage.oracle.runUntil(WARM_NS + 25e9)
    expect(playing.toJSON().length).toBeGreaterThan(15)
    expect(new Set(playing.toJSON().map((step) => step.action)).size).toBeGreaterThan(5)
    playing.heal()
    healAndJudge(stage)
  })
})

describe('the oracle', () => {
  it('catches an adapter that was made to believe in a chain with a hole', () => {
    // What it would be if a gap of the numbering were not seen: now and then a frame is swallowed, and the next ones tell a chain without it.
    const stage = scene('okx', 11, ['BTCUSDT'], (inner) => {
      let last = ''
      return onPublicBooks(inner, (text, hit) => {
        const [, previous, now] = /"prevSeqId":(-?\d+),"seqId":(\d+)/.exec(text)!
        if (hit > 100 && hit % 20 === 0 && previous !== '-1') return null
        const told = hit > 100 && previous !== '-1' ? text.replace(`"prevSeqId":${previous}`, `"prevSeqId":${last}`) : text
        last = now!
        return told
      })
    })
    stage.oracle.runUntil(40e9)
    expect(stage.oracle.wrong.join('\n')).toMatch(/never published/)
    stage.engine.stop()
  })

  it('catches a digit that turned into another one, which no check of the wire can', () => {
    const stage = scene('bybit', 11, ['BTCUSDT'], (inner) => onPublicBooks(inner, (text, hit) => (hit > 100 && hit < 110 ? text.replace(/(\["\d+\.\d+","\d*\.?\d*)([1-8])"\]/, (_all, head: string, digit: string) => `${head}${Number(digit) + 1}"]`) : text)))
    stage.oracle.runUntil(15e9)
    expect(stage.oracle.wrong.join('\n')).toMatch(/never published/)
    stage.engine.stop()
  })

  it('catches decisions and orders on a book that is wrong', () => {
    // All prices are moved: a book that looks sound and never was.
    const stage = scene('bybit', 11, ['BTCUSDT'], (inner) => onPublicBooks(inner, (text, hit) => (hit > 60 ? text.replace(/(\["\d{5})(\.\d+",")/g, (_all, head: string, tail: string) => `["${Number(head.slice(2)) - 3000}${tail}`) : text)))
    stage.oracle.runUntil(20e9)
    const said = stage.oracle.wrong.join('\n')
    expect(said).toMatch(/tick \d+ \(kind/)
    expect(said).toMatch(/vector \d+ rests on tick/)
    stage.engine.stop()
  })
})

describe('faults from a seed', () => {
  const names: FaultNames = { books: ['orderbook.50.BTCUSDT'], bookMark: '"topic":"orderbook.' }
  const draw = (seed: number, rates: FaultRates, count: number): unknown[] => {
    const steps: unknown[] = []
    for (const step of drawFaults(seed, rates, names)) if (steps.push(step) === count) break
    return steps
  }

  it('are the same for the same seed, others for another, and one kind does not move the others', () => {
    expect(draw(3, mixture(), 200)).toEqual(draw(3, mixture(), 200))
    expect(draw(3, mixture(), 200)).not.toEqual(draw(4, mixture(), 200))
    const drops = (steps: unknown[]): unknown[] => steps.filter((step) => (step as { fields: { action?: string } }).fields.action === 'drop').slice(0, 5)
    expect(drops(draw(3, mixture(), 400))).toEqual(drops(draw(3, { 'drop-frames': mixture()['drop-frames']! }, 10)))
    expect(draw(3, {}, 1)).toEqual([])
  })

  it('come from the settings, none by default', () => {
    const struckBy = (more: Record<string, unknown>): number => {
      const config = eagerConfig(['BTCUSDT'])
      const faults = { ...config.exchange.faults, ...more }
      const { engine } = virtualStart({ ...config, exchange: { ...config.exchange, faults } }, generated(['BTCUSDT'], 5))
      engine.runUntil(10e9)
      engine.stop()
      return struck(engine.front.faults, 'drop')
    }
    expect([struckBy({}), struckBy({ per_minute: ['drop-frames=60'] }) > 3]).toEqual([0, true])
  })

  it('are refused by code when they cannot be read', () => {
    for (const text of ['melt=3', 'drop-frames', 'drop-frames=-1', 'drop-frames=x', '']) expect(() => parseFaultRates([text]), text).toThrow('RM_FAULT_RATE')
    for (const text of ['', '{}', '[5]', '[{"atMs":-1,"action":"heal","fields":{}}]', '[{"atMs":5,"action":"heal","fields":{}},{"atMs":4,"action":"heal","fields":{}}]', '[{"atMs":5,"action":5,"fields":{}}]', '[{"atMs":5,"action":"heal"}]'])
      expect(() => parseFaultPlan(text), text).toThrow('RM_FAULT_PLAN')
    expect(parseFaultRates(['drop-frames=6', 'silence=0.5'])).toEqual({ 'drop-frames': 6, silence: 0.5 })
  })

  it('play again from their print to the same journal, byte by byte', () => {
    const run = (steps: (scene: Scene) => Parameters<VirtualEngine['front']['playFaults']>[0]): { journal: Buffer; plan: string } => {
      const { engine, journal } = virtualStart(eagerConfig(['BTCUSDT']), generated(['BTCUSDT'], 5))
      const stage = { engine, faults: engine.front.faults, names: engine.front.faultNames(50) } as Scene
      const playing = engine.front.playFaults(steps(stage))
      engine.runUntil(20e9)
      const plan = JSON.stringify(playing)
      engine.stop()
      return { journal: Buffer.from(journal.bytes()), plan }
    }
    const first = run(({ names: own }) => drawFaults(8, mixture(), own))
    expect(first.plan.length).toBeGreaterThan(500)
    const again = run(() => parseFaultPlan(first.plan))
    expect(again.plan).toBe(first.plan)
    expect(again.journal.equals(first.journal)).toBe(true)
    const other = run(({ names: own }) => drawFaults(9, mixture(), own))
    expect(other.journal.equals(first.journal)).toBe(false)
  })
})

/** All kinds but damage: a digit that turned into another one cannot be told from a right one (see the oracle's own tests). */
function mixture(): FaultRates {
  const rates: Partial<Record<FaultKind, number>> = {}
  for (const kind of FAULT_KINDS) if (kind !== 'damage-frames' && kind !== 'maintenance') rates[kind] = kind === 'silence' || kind === 'refuse-connections' || kind === 'close-positions' ? 1 : 3
  return rates
}

const isDigit = (text: string): boolean => text >= '0' && text <= '9'

/** Passes every book frame of the public stream through `change`; null swallows it. @param change hears the frame and its number */
function onPublicBooks(inner: Transport, change: (text: string, hit: number) => string | null): Transport {
  let hits = 0
  return {
    request: (...args) => inner.request(...args),
    socket: (url, handlers: SocketHandlers) =>
      inner.socket(url, {
        open: () => handlers.open(),
        close: (code, reason) => handlers.close(code, reason),
        message: (bytes) => {
          const text = Buffer.from(bytes).toString()
          if (!/"(?:topic":"orderbook|channel":"books)/.test(text) || !/"data":/.test(text)) return handlers.message(bytes)
          const told = change(text, ++hits)
          if (told !== null) handlers.message(Buffer.from(told))
        },
      }),
  }
}
