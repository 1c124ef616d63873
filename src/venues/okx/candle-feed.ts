import { fail, type Nanos, RingmasterError, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { Kline, MarketHandler } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import type { OkxContract } from './contracts.ts'
import { isPong, parseFrame, readCandle } from './decode/index.ts'
import { intervalMsOf } from './intervals.ts'
import type { OkxSettings } from './settings.ts'
import { isObject, show } from '../common/json.ts'

const PREFIX = 'candle'
const EXCERPT_BYTES = 200

/**
 * Candles of one symbol: the venue serves them on an address of their own. A lost candle connection says nothing about
 * the book; it is counted and made anew, and whoever needs the candles between asks REST.
 */
export class CandleFeed {
  readonly #services: VenueServices
  readonly #settings: OkxSettings
  readonly #instId: string
  readonly #link: Link
  readonly #unacknowledged = new Set<string>()
  #contract: OkxContract | null = null
  #handler: MarketHandler | null = null
  #deadline: Timer | null = null

  /** @throws RM_VENUE_SETTING for an interval that the venue does not have. */
  constructor(instId: string, services: VenueServices, url: string, settings: OkxSettings) {
    for (const name of settings.klineIntervals) if (intervalMsOf(name) === null) fail('RM_VENUE_SETTING', { name: 'klineIntervals', actual: name, expected: 'intervals of the venue' })
    this.#services = services
    this.#settings = settings
    this.#instId = instId
    this.#link = new Link(services, 'okx-business', url, settings.publicLink, {
      connecting: () => {},
      opened: () => this.#opened(),
      frame: (bytes, receiveNs) => this.#frame(bytes, receiveNs),
      lost: () => this.#deadline?.cancel(),
      ping: () => 'ping',
    })
  }

  start(contract: OkxContract, handler: MarketHandler): void {
    this.#contract = contract
    this.#handler = handler
    if (this.#settings.klineIntervals.length > 0) this.#link.start()
  }

  pause(): void {
    this.#link.pause()
  }

  resume(): void {
    this.#link.resume()
  }

  stop(): void {
    this.#handler = null
    this.#deadline?.cancel()
    this.#link.stop()
  }

  #opened(): void {
    const { ackMs, klineIntervals } = this.#settings
    const channels = klineIntervals.map((name) => `${PREFIX}${name}`)
    this.#unacknowledged.clear()
    for (const channel of channels) this.#unacknowledged.add(channel)
    this.#deadline?.cancel()
    this.#deadline = this.#services.timers.after(ackMs, () => this.#link.fail(`subscription not complete after ${ackMs} ms`))
    this.#link.send(JSON.stringify({ id: 'candles', op: 'subscribe', args: channels.map((channel) => ({ channel, instId: this.#instId })) }))
  }

  #frame(bytes: Uint8Array, receiveNs: Nanos): void {
    const handler = this.#handler
    const contract = this.#contract
    if (handler === null || contract === null || isPong(bytes)) return
    let klines: readonly Kline[]
    try {
      klines = this.#read(bytes, contract)
    } catch (error) {
      this.#services.count('okx_bad_frame', error instanceof RingmasterError ? error.code : 'foreign')
      handler.onBadFrame(error, Buffer.from(bytes.subarray(0, EXCERPT_BYTES)).toString('latin1'))
      // A refused subscription does not become right by waiting for it.
      if (error instanceof RingmasterError && error.code === 'RM_VENUE_SUBSCRIBE') this.#link.fail(error.message)
      return
    }
    for (const kline of klines) handler.onKline(kline, receiveNs)
  }

  #read(bytes: Uint8Array, contract: OkxContract): readonly Kline[] {
    const frame = parseFrame(bytes)
    const arg = frame['arg']
    const channel = isObject(arg) ? arg['channel'] : undefined
    const event = frame['event']
    if (event === 'error') return fail('RM_VENUE_SUBSCRIBE', { op: 'subscribe', topics: [...this.#unacknowledged].join(','), text: `${String(frame['code'])} ${String(frame['msg'])}` })
    if (event !== undefined) {
      if (event === 'subscribe' && typeof channel === 'string' && this.#unacknowledged.delete(channel) && this.#unacknowledged.size === 0) {
        this.#deadline?.cancel()
        this.#link.settled()
      }
      return []
    }
    if (typeof channel !== 'string' || !this.#settings.klineIntervals.includes(channel.slice(PREFIX.length)) || !channel.startsWith(PREFIX)) {
      return fail('RM_VENUE_FRAME_TOPIC', { topic: show(channel), expected: `candles of ${this.#settings.klineIntervals.join(',')}` })
    }
    const instId = isObject(arg) ? arg['instId'] : undefined
    if (instId !== this.#instId) fail('RM_VENUE_FRAME_SYMBOL', { topic: channel, actual: show(instId), expected: this.#instId })
    const data = frame['data']
    if (!Array.isArray(data)) return fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'data', actual: show(data), expected: 'a list' })
    return data.map((row: unknown) => readCandle(row, contract, intervalMsOf(channel.slice(PREFIX.length))!, channel))
  }
}
