import { BookChain, type BookEvent, type CaptureEvent, parseSteps, type SizeUnit, type TextLevel, type TradeEvent } from '../../../capture/index.ts'
import { BUY, type DecimalStep, fail, type Lots, type PriceTicks, SELL, type Side, type WallMs } from '../../../core/index.ts'
import type { Contract } from '../../port.ts'
import { EventTape, tapeEvent } from './event-tape.ts'

const NS_PER_SECOND = 1e9

/**
 * The book and the trades of one recorded instrument as an event tape.
 *
 * - The tape begins with the first snapshot; what came before it is in it or left out.
 * - Deltas must follow on each other by the rule of their venue; a connection that the recorder says was lost may leave a gap.
 * - A snapshot behind the first one becomes the changes that it makes, levels that are gone before all others.
 * - Best prices and tickers are left out: they run ahead of the book and would contradict it. Mark prices too: the exchange
 *   makes its own. Trades from before the recording, and merged trades beside single ones, would count twice.
 * - Sizes in contracts become base coin: exactly, or at the price of the level for inverse contracts, and never nothing.
 */
export class TapeBuilder {
  readonly tape = new EventTape()
  readonly #contract: Contract
  readonly #symbol: string
  readonly #unit: SizeUnit
  readonly #unitValue: number
  /** Levels by side of a book that may get more than one snapshot. */
  readonly #shown: readonly [Map<PriceTicks, Lots>, Map<PriceTicks, Lots>] = [new Map(), new Map()]
  readonly #chain: BookChain
  #stream = ''
  #file = ''
  #originS = 0
  #originNs = 0
  #begun = false
  #lastNs = 0
  #events = 0
  /** Line of the event at hand, for errors. */
  #line = 0
  #plainTrades = false

  /** @param symbol the recorded name of the instrument */
  constructor(contract: Contract, symbol: string, unit: SizeUnit) {
    this.#contract = contract
    this.#symbol = symbol
    this.#unit = unit
    this.#unitValue = Number(unit.value)
    this.#chain = new BookChain({
      apply: (event) => this.#apply(event),
      gap: ({ event, expected, actual }) => fail('RM_CAPTURE_GAP', { file: this.#file, line: event.line, symbol, expected, actual }),
    })
  }

  /** Events of the next file. @returns what takes them: throws RM_CAPTURE_GRID, RM_CAPTURE_GAP */
  file(file: string): (event: CaptureEvent) => void {
    this.#file = file
    return (event) => {
      this.#events++
      if (event.kind === 'control') {
        if (event.what === 'lost' && (event.symbol === '' || event.symbol === this.#symbol)) this.#chain.lost()
        return
      }
      if (event.symbol !== this.#symbol) return
      if (event.kind === 'trade') this.#trade(event)
      else if (event.kind === 'book') {
        // A recording may hold several depths of one book: the one that comes first is played.
        if (this.#stream === '') this.#stream = event.stream
        if (event.stream === this.#stream) this.#chain.take(event)
      }
    }
  }

  /** The finished tape. @throws RM_CAPTURE_SNAPSHOT when no snapshot came. */
  finish(files: string): EventTape {
    if (!this.#begun) fail('RM_CAPTURE_SNAPSHOT', { file: files, events: this.#events })
    return this.tape
  }

  #apply(event: BookEvent): void {
    const { tape } = this
    this.#line = event.line
    if (!this.#begun) {
      this.#begin(event)
      tape.push(0, tapeEvent.snapshot, 0, 0)
      this.#levels(0, event)
      tape.endMessage()
      return
    }
    const timeNs = this.#time(event)
    const before = tape.length
    if (event.snapshot) this.#removeAbsent(timeNs, event)
    this.#levels(timeNs, event)
    if (tape.length > before) tape.endMessage()
  }

  #begin(event: BookEvent): void {
    this.#begun = true
    const [seconds, nanos] = timeOf(event)
    this.#originS = seconds
    this.#originNs = nanos
    this.tape.originMs = seconds * 1000 + Math.floor(nanos / 1e6)
  }

  /** Time since the first snapshot; never back, whatever the clocks of several files say. */
  #time(event: CaptureEvent): number {
    const [seconds, nanos] = timeOf(event)
    const timeNs = (seconds - this.#originS) * NS_PER_SECOND + (nanos - this.#originNs)
    if (timeNs > this.#lastNs) this.#lastNs = timeNs
    return this.#lastNs
  }

  #removeAbsent(timeNs: number, { bids, asks }: BookEvent): void {
    for (const [side, levels] of [[BUY, bids], [SELL, asks]] as const) {
      const kept = new Set(levels.map(([price]) => this.#ticks(price)))
      for (const ticks of [...this.#shown[side].keys()]) if (!kept.has(ticks)) this.#set(timeNs, side, ticks, 0)
    }
  }

  #levels(timeNs: number, { bids, asks, sync }: BookEvent): void {
    // A book that is snapshot once needs no memory of its levels.
    const remember = sync === 'stream'
    this.#side(timeNs, BUY, bids, remember)
    this.#side(timeNs, SELL, asks, remember)
  }

  #side(timeNs: number, side: Side, levels: readonly TextLevel[], remember: boolean): void {
    for (const [price, size] of levels) {
      const ticks = this.#ticks(price)
      const lots = this.#lots(size, ticks)
      if (remember) this.#set(timeNs, side, ticks, lots)
      else this.tape.push(timeNs, side === BUY ? tapeEvent.bid : tapeEvent.ask, ticks, lots)
    }
  }

  #set(timeNs: number, side: Side, ticks: PriceTicks, lots: Lots): void {
    const shown = this.#shown[side]
    if (shown.get(ticks) === lots) return
    if (lots === 0) shown.delete(ticks)
    else shown.set(ticks, lots)
    this.tape.push(timeNs, side === BUY ? tapeEvent.bid : tapeEvent.ask, ticks, lots)
  }

  #trade(event: TradeEvent): void {
    if (!event.aggregate) this.#plainTrades = true
    else if (this.#plainTrades) return
    if (!this.#chain.synced || event.history) return
    // With the snapshot in a file of its own, trades from before it come after it.
    const [seconds, nanos] = timeOf(event)
    if ((seconds - this.#originS) * NS_PER_SECOND + (nanos - this.#originNs) < 0) return
    this.#line = event.line
    const ticks = this.#ticks(event.price)
    const lots = this.#lots(event.size, ticks)
    if (lots === 0) return
    this.tape.push(this.#time(event), event.side === 'sell' ? tapeEvent.sell : tapeEvent.buy, ticks, lots)
    this.tape.endMessage()
  }

  #ticks(price: string): PriceTicks {
    return this.#steps(price, this.#contract.tick, 'price')
  }

  #lots(size: string, ticks: PriceTicks): Lots {
    const { lot, tick } = this.#contract
    if (this.#unit.in === 'base' && this.#unitValue === 1) return this.#steps(size, lot, 'quantity')
    const units = Number(size)
    if (!(units >= 0)) fail('RM_CAPTURE_GRID', { file: this.#file, line: this.#line, what: 'quantity', text: size, step: lot.text })
    if (units === 0) return 0
    const coins = this.#unit.in === 'base' ? units * this.#unitValue : (units * this.#unitValue) / tick.toNumber(ticks)
    return Math.max(1, Math.round(coins / lot.value))
  }

  #steps(text: string, step: DecimalStep, what: string): number {
    const steps = parseSteps(text, step)
    if (Number.isNaN(steps)) fail('RM_CAPTURE_GRID', { file: this.#file, line: this.#line, what, text, step: step.text })
    return steps
  }
}

/** Receive time where there is one, else the venue's time. */
function timeOf({ receiveS, receiveNs, venueMs }: { readonly receiveS: number; readonly receiveNs: number; readonly venueMs: WallMs }): readonly [seconds: number, nanos: number] {
  if (receiveS >= 0) return [receiveS, receiveNs]
  const seconds = Math.floor(venueMs / 1000)
  return [seconds, Math.round((venueMs - seconds * 1000) * 1e6)]
}
