import { fail, type DecimalStep, type Lots, type PriceTicks } from '../../../core/index.ts'
import type { Contract } from '../../port.ts'
import { EventTape, tapeEvent } from './event-tape.ts'

type Level = readonly [price: string, quantity: string]

interface Depth {
  readonly e: 'depthUpdate'
  readonly s: string
  /** First and last update id of the message; futures also name the last one of the message before. */
  readonly U: number
  readonly u: number
  readonly pu?: number
  readonly b: readonly Level[]
  readonly a: readonly Level[]
}

interface Trade {
  readonly e: 'trade'
  readonly p: string
  readonly q: string
  /** The buyer was the maker: somebody sold. */
  readonly m: boolean
}

interface Snapshot {
  readonly lastUpdateId: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  readonly symbol?: string
}

const NS_PER_SECOND = 1e9

/**
 * Binance raw captures (`<receive time> <JSON>` per line: depth differences, trades, one REST snapshot) to an event tape.
 *
 * - Receive times are microseconds (16 digits) or nanoseconds (19); the second of these does not fit a number and is split.
 * - Differences before the snapshot wait for it; those it already contains are dropped; then the chain of update ids must hold:
 *   futures `pu` = last `u`, spot `U` = last `u` + 1. Follow-on files continue the chain of the file before.
 * - Trades before the snapshot are dropped. Best-price messages (`bookTicker`) are left out: they run ahead of the depth
 *   stream and would contradict it. Mark price messages are left out: the exchange makes its own mark.
 * - Coin-margined quantities are contracts of 100 USD (BTC) or 10 USD and become base coin at the price of the level.
 */
export class CaptureParser {
  readonly tape = new EventTape()
  readonly #contract: Contract
  readonly #waiting: { readonly timeNs: number; readonly depth: Depth; readonly file: string; readonly line: number }[] = []
  #originS = -1
  #originNs = 0
  /** Last update id applied; −1 before the snapshot. */
  #last = -1
  /** The first difference after a snapshot overlaps it instead of following it. */
  #overlaps = false
  #lines = 0
  /** USD of one contract of a coin-margined capture; 0 when quantities are base coin. */
  #contractUsd = 0

  constructor(contract: Contract) {
    this.#contract = contract
  }

  /** @throws RM_EXCHANGE_CAPTURE_LINE, RM_EXCHANGE_CAPTURE_GAP */
  line(text: string, file: string, line: number): void {
    this.#lines++
    const space = text.indexOf(' ')
    const timeNs = this.#time(space < 0 ? '' : text.slice(0, space), file, line)
    let message: { readonly stream?: string; readonly data?: Depth | Trade | { readonly e?: 'other' } } & Partial<Snapshot>
    try {
      message = JSON.parse(text.slice(space + 1)) as typeof message
    } catch (error) {
      fail('RM_EXCHANGE_CAPTURE_LINE', { file, line, problem: 'no JSON after the receive time' }, error)
    }
    if (typeof message !== 'object' || message === null) fail('RM_EXCHANGE_CAPTURE_LINE', { file, line, problem: 'no message' })
    const coin = /^(\w+?)usd_perp(@|$)/i.exec(message.stream ?? message.symbol ?? '')
    if (coin !== null) this.#contractUsd = coin[1].toUpperCase() === 'BTC' ? 100 : 10
    if (message.lastUpdateId !== undefined) this.#snapshot(timeNs, message as Snapshot, file, line)
    else if (message.data?.e === 'depthUpdate') this.#depth(timeNs, message.data, file, line)
    else if (message.data?.e === 'trade') this.#trade(timeNs, message.data, file, line)
    else if (message.data === undefined) fail('RM_EXCHANGE_CAPTURE_LINE', { file, line, problem: 'neither a stream message nor a snapshot' })
  }

  /** The finished tape. @throws RM_EXCHANGE_CAPTURE_SNAPSHOT when no snapshot came. */
  finish(file: string): EventTape {
    if (this.#last < 0) fail('RM_EXCHANGE_CAPTURE_SNAPSHOT', { file, lines: this.#lines })
    return this.tape
  }

  #time(text: string, file: string, line: number): number {
    if (!/^(\d{16}|\d{19})$/.test(text)) fail('RM_EXCHANGE_CAPTURE_LINE', { file, line, problem: `receive time "${text}" has neither 16 nor 19 digits` })
    const seconds = Number(text.slice(0, 10))
    const nanos = Number(text.slice(10).padEnd(9, '0'))
    if (this.#originS < 0) {
      this.#originS = seconds
      this.#originNs = nanos
    }
    return (seconds - this.#originS) * NS_PER_SECOND + (nanos - this.#originNs)
  }

  #snapshot(timeNs: number, snapshot: Snapshot, file: string, line: number): void {
    if (this.#last >= 0) return
    this.#last = snapshot.lastUpdateId
    this.#overlaps = true
    // The tape begins here.
    this.#originS += Math.floor((timeNs + this.#originNs) / NS_PER_SECOND)
    this.#originNs = (timeNs + this.#originNs) % NS_PER_SECOND
    this.tape.push(0, tapeEvent.snapshot, 0, 0)
    this.#levels(0, tapeEvent.bid, snapshot.bids, file, line)
    this.#levels(0, tapeEvent.ask, snapshot.asks, file, line)
    this.tape.endMessage()
    for (const { depth, file: from, line: at } of this.#waiting) this.#apply(0, depth, from, at)
    this.#waiting.length = 0
  }

  #depth(timeNs: number, depth: Depth, file: string, line: number): void {
    if (this.#last < 0) this.#waiting.push({ timeNs, depth, file, line })
    else this.#apply(timeNs, depth, file, line)
  }

  #apply(timeNs: number, depth: Depth, file: string, line: number): void {
    const futures = depth.pu !== undefined
    if (this.#overlaps) {
      const first = futures ? this.#last : this.#last + 1
      if (depth.u < first) return
      if (depth.U > first) fail('RM_EXCHANGE_CAPTURE_GAP', { file, line, expected: `an update that contains ${first}`, actual: `${depth.U} to ${depth.u}` })
      this.#overlaps = false
    } else {
      const expected = futures ? this.#last : this.#last + 1
      const actual = futures ? depth.pu : depth.U
      if (actual !== expected) fail('RM_EXCHANGE_CAPTURE_GAP', { file, line, expected, actual })
    }
    this.#last = depth.u
    const before = this.tape.length
    this.#levels(timeNs, tapeEvent.bid, depth.b, file, line)
    this.#levels(timeNs, tapeEvent.ask, depth.a, file, line)
    if (this.tape.length > before) this.tape.endMessage()
  }

  #trade(timeNs: number, trade: Trade, file: string, line: number): void {
    if (this.#last < 0) return
    const ticks = this.#steps(trade.p, this.#contract.tick, 'price', file, line)
    const lots = this.#lots(trade.q, ticks, file, line)
    if (lots === 0) return
    this.tape.push(timeNs, trade.m ? tapeEvent.sell : tapeEvent.buy, ticks, lots)
    this.tape.endMessage()
  }

  #levels(timeNs: number, code: number, levels: readonly Level[], file: string, line: number): void {
    for (const [price, quantity] of levels) {
      const ticks = this.#steps(price, this.#contract.tick, 'price', file, line)
      this.tape.push(timeNs, code, ticks, this.#lots(quantity, ticks, file, line))
    }
  }

  #lots(quantity: string, ticks: PriceTicks, file: string, line: number): Lots {
    const usd = this.#contractUsd
    if (usd === 0) return this.#steps(quantity, this.#contract.lot, 'quantity', file, line)
    const contracts = Number(quantity)
    return contracts === 0 ? 0 : Math.max(1, Math.round((contracts * usd) / this.#contract.tick.toNumber(ticks) / this.#contract.lot.value))
  }

  #steps(text: string, step: DecimalStep, what: string, file: string, line: number): number {
    const steps = parseSteps(text, step)
    if (Number.isNaN(steps)) fail('RM_EXCHANGE_CAPTURE_LINE', { file, line, problem: `${what} "${text}" is not a multiple of ${step.text}` })
    return steps
  }
}

/** As `DecimalStep.tryParse` in one pass over the characters: a capture holds millions of these. */
export function parseSteps(text: string, step: DecimalStep): number {
  const { decimals } = step
  let mantissa = 0
  let digits = -1
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit === -2 && digits < 0 && i > 0) digits = 0
    else if (digit < 0 || digit > 9) return Number.NaN
    else if (digits < decimals) {
      mantissa = mantissa * 10 + digit
      if (digits >= 0) digits++
    } else if (digit !== 0) return Number.NaN
  }
  if (text === '' || digits === 0 && text.endsWith('.')) return Number.NaN
  for (let i = Math.max(0, digits); i < decimals; i++) mantissa *= 10
  const steps = mantissa / step.units
  return Number.isSafeInteger(steps) ? steps : Number.NaN
}
