/**
 * The engine's book against the venue's answer over REST, at the same sequence number, in virtual time. Used by the test of the
 * recorded day and by its benchmark.
 */
import { BUY, type DecimalStep, type Nanos, SELL, type Side } from '../../src/core/index.ts'
import { tapTransport, type Transport } from '../../src/venues/index.ts'
import type { VirtualEngine } from '../../workers/virtual-engine.ts'
import type { VirtualTransport } from '../../workers/virtual-transport.ts'

const DEPTH = 50
/** Pushes, the way back and the picture of the book (every 100 ms) are through by then. */
const SETTLE_NS = 150e6
/** A minute in which the book never stood still for so long gets so many tries. */
const TRIES_MAX = 60
const RETRY_NS = 500e6
const ANSWER_MS = 1000

interface RestBookRow {
  readonly b: readonly (readonly [string, string])[]
  readonly a: readonly (readonly [string, string])[]
  readonly seq: number
}

export interface AuditTotals {
  /** Minutes that were audited. */
  audited: number
  /** Minutes in which the book moved past the answer at every try: nothing was compared. */
  missed: number
  equal: number
  /** Where the two differed, in words. */
  readonly differences: string[]
}

/** Audits the one symbol of a virtual Bybit engine. Give `wrap` to the engine as its `wrapTransport`. */
export class BookAudit {
  readonly totals: AuditTotals = { audited: 0, missed: 0, equal: 0, differences: [] }
  #wire: VirtualTransport | null = null
  #sequence = -1

  /** Puts a tap on the wire that reads the cross sequence off every book frame. */
  readonly wrap = (inner: VirtualTransport): Transport => {
    this.#wire = inner
    return tapTransport(inner, {
      opened: () => {},
      sent: () => {},
      lost: () => {},
      answer: () => {},
      frame: (_connection, bytes) => {
        const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
        if (text.startsWith('{"topic":"orderbook.')) this.#sequence = Number(/"seq":(\d+)/.exec(text)![1])
      },
    })
  }

  /** Runs the engine to `untilNs`, with one audit in every whole minute of virtual time. */
  run(engine: VirtualEngine, symbol: string, untilNs: Nanos): void {
    for (let atNs = 60e9; atNs <= untilNs; atNs += 60e9) {
      engine.runUntil(atNs)
      this.#minute(engine, symbol)
    }
    engine.runUntil(Math.max(untilNs, engine.time.nowNs()))
  }

  #minute(engine: VirtualEngine, symbol: string): void {
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const rest = this.#ask(engine, symbol)
      engine.runUntil(engine.time.nowNs() + SETTLE_NS)
      // A frame beyond the answer has been applied: the engine's book of that moment is gone.
      if (this.#sequence <= rest.seq) {
        this.#compare(engine, symbol, rest)
        return
      }
      engine.runUntil(engine.time.nowNs() + RETRY_NS)
    }
    this.totals.missed++
  }

  #ask(engine: VirtualEngine, symbol: string): RestBookRow {
    let body: string | null = null
    const url = `http://exchange.invalid/v5/market/orderbook?category=linear&symbol=${symbol}&limit=${DEPTH}`
    this.#wire!.request({ method: 'GET', url, headers: {}, body: null, deadlineMs: ANSWER_MS }, (outcome) => {
      if (outcome.kind === 'failure') throw new Error(`no audit: ${outcome.reason}`)
      body = outcome.body
    })
    while (body === null) engine.time.step()
    return (JSON.parse(body) as { result: RestBookRow }).result
  }

  #compare(engine: VirtualEngine, symbol: string, rest: RestBookRow): void {
    this.totals.audited++
    const instrument = engine.instruments.find((one) => one.symbol === symbol)!
    const reader = engine.memory.registry.readPicture(instrument.index)
    const found = reader.read() && reader.value.valid === 1
    const picture = reader.value
    const ours = (side: Side): string => {
      const [ticks, lots, count] = side === BUY ? [picture.bidTicks, picture.bidLots, picture.bidLevels] : [picture.askTicks, picture.askLots, picture.askLevels]
      return Array.from({ length: count }, (_, i) => `${picture.f64[ticks + i]}:${picture.f64[lots + i]}`).join(' ')
    }
    const theirs = (levels: RestBookRow['b'], tick: DecimalStep, lot: DecimalStep): string => levels.map(([price, size]) => `${tick.parse(price)}:${lot.parse(size)}`).join(' ')
    const { tick, lot } = instrument
    const pairs = [[ours(BUY), theirs(rest.b, tick, lot)], [ours(SELL), theirs(rest.a, tick, lot)]] as const
    const wrong = pairs.filter(([mine, their]) => mine !== their)
    if (found && rest.b.length > 0 && wrong.length === 0) this.totals.equal++
    else this.totals.differences.push(`${(engine.time.nowNs() / 1e9).toFixed(3)} s, sequence ${rest.seq} and ${this.#sequence}, ${found ? 'valid' : 'no valid book'}: ${wrong.map(([mine, their]) => `${mine.slice(0, 200)} | ${their.slice(0, 200)}`).join(' ; ')}`)
  }
}
