import { describe, expect, it } from 'vitest'
import { BUY, Random, SELL } from '../../src/core/index.ts'
import type { SocketHandlers, Transport } from '../../src/venues/index.ts'
import { eagerConfig, generated, virtualStart } from './virtual-run.ts'

type Damage = (frame: string, random: Random) => string | Buffer

/** What a broken or hostile venue may send instead of a frame. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  'cut off in the middle': (frame, random) => frame.slice(0, random.below(frame.length)),
  'one byte changed': (frame, random) => {
    const bytes = Buffer.from(frame)
    bytes[random.below(bytes.length)] = random.below(256)
    return bytes
  },
  'a size below zero': (frame) => frame.replace(/(\["[\d.]+",)"(\d[\d.]*)"/, '$1"-$2"'),
  'a size that is no number': (frame) => frame.replace(/(\["[\d.]+",)"\d[\d.]*"/, '$1"NaN"'),
  'numbers where text belongs': (frame) => frame.replace(/\["([\d.]+)","([\d.]+)"/, '[$1,$2'),
  'another topic': (frame) => frame.replace(/"topic":"[^"]*"/, '"topic":"orderbook.50.NOBODY"').replace(/"instId":"[^"]*"/, '"instId":"NOBODY-USDT-SWAP"'),
  'no object at all': () => '[]',
  'bytes that are no text': () => Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  'five megabytes': () => `{"topic":"${'x'.repeat(5_000_000)}"}`,
  nothing: () => '',
}

/** Lets every n-th public frame arrive damaged. */
class DamagingTransport implements Transport {
  readonly #inner: Transport
  readonly #damage: Damage
  readonly #random = new Random(5)
  readonly #every: number
  #frames = 0
  damaged = 0
  active = true

  constructor(inner: Transport, damage: Damage, every: number) {
    this.#inner = inner
    this.#damage = damage
    this.#every = every
  }

  socket(url: string, handlers: SocketHandlers): ReturnType<Transport['socket']> {
    if (!url.includes('/public')) return this.#inner.socket(url, handlers)
    return this.#inner.socket(url, {
      open: () => handlers.open(),
      close: (code, reason) => handlers.close(code, reason),
      message: (frame) => {
        const text = Buffer.from(frame).toString()
        if (!this.active || !(text.includes('"topic"') || text.includes('"data":')) || ++this.#frames % this.#every !== 0) return handlers.message(frame)
        this.damaged++
        handlers.message(Buffer.from(this.#damage(text, this.#random)))
      },
    })
  }

  request(...args: Parameters<Transport['request']>): void {
    this.#inner.request(...args)
  }
}

describe.each(['bybit', 'okx'] as const)('an engine on a venue that sends rubbish, %s', (venue) => {
  it.each(Object.entries(DAMAGES))('stays alive, counts it, and has the right book afterwards: %s', (_name, damage) => {
    const symbols = ['BTCUSDT']
    let transport: DamagingTransport | null = null
    const { engine, logs } = virtualStart(eagerConfig(symbols, venue), generated(symbols, 11), {
      wrapTransport: (inner) => (transport = new DamagingTransport(inner, damage, 40)),
    })
    engine.runUntil(60e9)
    transport!.active = false
    engine.runUntil(95e9)

    expect(transport!.damaged).toBeGreaterThan(10)
    const counted = [...engine.record.counts.keys()].filter((key) => /bad_frame|gap|resync/.test(key))
    expect(counted.length, `counted: ${[...engine.record.counts.keys()].join(', ')}`).toBeGreaterThan(0)
    const errors = logs.filter((line) => line.level === 'error').map((line) => `${line.actor} ${JSON.stringify(line.data)}`)
    expect(errors).toEqual([])
    for (let row = 0; row < 4; row++) expect(engine.record.table.read(row).restarts).toBe(0)

    const cell = engine.memory.registry.readTick(0)
    expect(cell.read()).toBe(true)
    expect(cell.value.bookValid).toBe(1)
    // Frames are under way between the two: they agree at a moment at which none is.
    const ticks = new Float64Array(1)
    const lots = new Float64Array(1)
    let agreed = false
    for (let step = 0; step < 200 && !agreed; step++) {
      engine.runUntil(engine.time.nowNs() + 10e6)
      cell.read()
      engine.exchange.levels('BTCUSDT', BUY, 1, ticks, lots)
      const bidAgrees = cell.value.bidTicks === ticks[0] && cell.value.bidLots === lots[0]
      engine.exchange.levels('BTCUSDT', SELL, 1, ticks, lots)
      agreed = bidAgrees && cell.value.askTicks === ticks[0] && cell.value.askLots === lots[0]
    }
    expect(agreed).toBe(true)
    engine.stop()
  })
})
