import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { RingmasterError, VirtualTime } from '../../src/core/index.ts'
import { type FreshPrice, type FreshnessLimits, PURPOSES, type PriceRefusal, PriceReader, type Purpose, RegistryMemory, freshnessLimits } from '../../src/market/index.ts'
import { WALL_ORIGIN_MS } from './hand-context.ts'
import { openEntries } from './open-entries.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof RingmasterError ? error.code : String(error)
  }
  return 'no error'
}

interface Told {
  readonly receiveNs?: number
  readonly venueTimeMs?: number
  readonly clockOffsetMs?: number
  readonly bookValid?: number
  readonly source?: number
  readonly bidTicks?: number
  readonly askTicks?: number
}

function write(registry: RegistryMemory, symbol: number, told: Told = {}): void {
  const writer = registry.writeTick(symbol)
  const tick = writer.begin()
  tick.bidTicks = told.bidTicks ?? 1000
  tick.askTicks = told.askTicks ?? 1001
  tick.bidLots = 5
  tick.askLots = 6
  tick.lastTicks = 1000
  tick.markTicks = 1000.5
  tick.receiveNs = told.receiveNs ?? 0
  tick.venueTimeMs = told.venueTimeMs ?? WALL_ORIGIN_MS
  tick.venueBaseMs = WALL_ORIGIN_MS + (told.clockOffsetMs ?? 0)
  tick.bookValid = told.bookValid ?? 1
  tick.source = told.source ?? 1
  tick.updateId = 9
  tick.tickSequence = 3
  writer.end()
  openEntries(registry, symbol)
}

const at = (ms: number): VirtualTime => {
  const time = new VirtualTime(WALL_ORIGIN_MS)
  time.runUntil(ms * 1e6)
  return time
}

describe('the registry', () => {
  it('keeps every cell of every symbol apart', () => {
    const registry = RegistryMemory.create(3)
    const other = RegistryMemory.attach(registry.buffer, 3)
    for (let s = 0; s < 3; s++) {
      write(registry, s, { bidTicks: 100 + s, askTicks: 200 + s })
      const picture = registry.writePicture(s)
      const p = picture.begin()
      p.updateId = 50 + s
      p.f64[p.askLots + 199] = 70 + s
      picture.end()
      const stats = registry.writeStats(s)
      stats.begin().lastPrice = 60 + s
      stats.end()
      const position = registry.writePosition(s)
      position.begin().signedLots = -s
      position.end()
    }
    const account = registry.writeAccount()
    account.begin().balance = 12_345.5
    account.end()
    for (let s = 0; s < 3; s++) {
      const [tick, picture, stats, position] = [other.readTick(s), other.readPicture(s), other.readStats(s), other.readPosition(s)]
      expect([tick.read(), picture.read(), stats.read(), position.read()]).toEqual([true, true, true, true])
      expect([tick.value.bidTicks, tick.value.askTicks, picture.value.updateId, picture.value.f64[picture.value.askLots + 199], stats.value.lastPrice]).toEqual([100 + s, 200 + s, 50 + s, 70 + s, 60 + s])
      expect(position.value.signedLots).toBe(-s)
    }
    const reader = other.readAccount()
    expect(reader.read()).toBe(true)
    expect(reader.value.balance).toBe(12_345.5)
  })

  it('starts with nothing known: no statistics, no price', () => {
    const registry = RegistryMemory.create(1)
    const stats = registry.readStats(0)
    stats.read()
    expect([stats.value.lastPrice, stats.value.fundingRate, stats.value.updatedMs]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    const answer = new PriceReader(registry).priceFor(0, 'other', at(0))
    expect([answer.refused, answer.refused && answer.reason]).toEqual([true, 'none'])
  })

  it('is read by another thread through the same buffer', async () => {
    const registry = RegistryMemory.create(2)
    const code = `const { parentPort, workerData } = require('node:worker_threads')
      import(workerData.market).then(({ RegistryMemory }) => {
        const writer = RegistryMemory.attach(workerData.buffer, 2).writePosition(1)
        writer.begin().signedLots = 42
        writer.end()
        parentPort.postMessage('written')
      })`
    const worker = new Worker(code, { eval: true, workerData: { buffer: registry.buffer, market: new URL('../../src/market/index.ts', import.meta.url).href } })
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    const reader = registry.readPosition(1)
    expect(reader.read()).toBe(true)
    expect(reader.value.signedLots).toBe(42)
  })

  it('refuses foreign buffers and symbols it does not have, with coded errors', () => {
    const registry = RegistryMemory.create(2)
    expect(codeOf(() => RegistryMemory.create(0))).toBe('RM_REGISTRY_BUFFER')
    expect(codeOf(() => RegistryMemory.attach(registry.buffer, 3))).toBe('RM_REGISTRY_BUFFER')
    expect(codeOf(() => RegistryMemory.attach(new SharedArrayBuffer(8), 1))).toBe('RM_REGISTRY_BUFFER')
    expect(codeOf(() => RegistryMemory.attach(new SharedArrayBuffer(100_000), 1))).toBe('RM_REGISTRY_BUFFER')
    for (const symbol of [-1, 2, 0.5, Number.NaN]) expect(codeOf(() => registry.writeTick(symbol))).toBe('RM_REGISTRY_SYMBOL')
    expect(codeOf(() => new PriceReader(registry).priceFor(2, 'order', at(0)))).toBe('RM_REGISTRY_SYMBOL')
  })

  it('turns what a dead writer left half-written into "nothing known"', () => {
    const registry = RegistryMemory.create(1)
    write(registry, 0)
    registry.writeTick(0).begin().bidTicks = 5
    const prices = new PriceReader(registry)
    const torn = prices.priceFor(0, 'order', at(0))
    expect(torn.refused && torn.reason).toBe('torn')
    expect(registry.repairMarket(0)).toBe(1)
    const none = prices.priceFor(0, 'order', at(0))
    expect(none.refused && none.reason).toBe('none')
  })
})

describe('a price', () => {
  const limits: FreshnessLimits = { order: 1000, exit: 2000, signal: 3000, other: 5000 }

  it('is given up to exactly the limit of its purpose and refused one nanosecond later', () => {
    const registry = RegistryMemory.create(1)
    const prices = new PriceReader(registry)
    for (const purpose of PURPOSES) {
      const time = at(10_000)
      const receiveNs = time.nowNs() - limits[purpose] * 1e6
      const venueTimeMs = time.wallMs()
      write(registry, 0, { receiveNs, venueTimeMs })
      const fresh = prices.priceFor(0, purpose, time)
      expect([fresh.refused, fresh.ageMs, fresh.limitMs]).toEqual([false, limits[purpose], limits[purpose]])
      write(registry, 0, { receiveNs: receiveNs - 1, venueTimeMs })
      const stale = prices.priceFor(0, purpose, time)
      expect([stale.refused, stale.refused && stale.reason]).toEqual([true, 'stale'])
    }
  })

  it('is as old as the older of local receipt and venue time, the venue clock corrected', () => {
    const registry = RegistryMemory.create(1)
    const prices = new PriceReader(registry)
    const time = at(10_000)
    // Received just now, but made by the venue 1.5 s ago.
    write(registry, 0, { receiveNs: time.nowNs(), venueTimeMs: time.wallMs() - 1500 })
    const order = prices.priceFor(0, 'order', time)
    expect([order.refused && order.reason, order.ageMs]).toEqual(['stale', 1500])
    expect(prices.priceFor(0, 'exit', time).ageMs).toBe(1500)
    // The venue's clock runs 1.2 s behind ours: it is 0.3 s old in truth.
    write(registry, 0, { receiveNs: time.nowNs(), venueTimeMs: time.wallMs() - 1500, clockOffsetMs: -1200 })
    expect([prices.priceFor(0, 'order', time).refused, prices.priceFor(0, 'order', time).ageMs]).toEqual([false, 300])
    // Ahead of ours: it looks young, but has been lying here for 4 s.
    write(registry, 0, { receiveNs: time.nowNs() - 4e9, venueTimeMs: time.wallMs() + 5000, clockOffsetMs: 0 })
    expect(prices.priceFor(0, 'signal', time).ageMs).toBe(4000)
  })

  it('is refused, whatever its age, from an invalid, one-sided or crossed book and with an unknown venue clock', () => {
    const registry = RegistryMemory.create(1)
    const prices = new PriceReader(registry)
    const reasons = ([
      [{ bookValid: 0 }, 'invalid-book'],
      [{ bidTicks: -1 }, 'invalid-book'],
      [{ askTicks: -1 }, 'invalid-book'],
      [{ askTicks: 1000 }, 'invalid-book'],
      [{ askTicks: Number.NaN }, 'invalid-book'],
      [{ clockOffsetMs: Number.NaN }, 'clock-unknown'],
      [{ venueTimeMs: Number.NaN }, 'stale'],
      [{ receiveNs: Number.NaN }, 'stale'],
      [{ source: 0 }, 'none'],
    ] as const)
    for (const [told, reason] of reasons) {
      write(registry, 0, told)
      const answer = prices.priceFor(0, 'other', at(0))
      expect([told, answer.refused && answer.reason]).toEqual([told, reason])
    }
  })

  it('that was kept is blank after a refusal, so nobody can go on with it', () => {
    const registry = RegistryMemory.create(1)
    const prices = new PriceReader(registry)
    write(registry, 0)
    const kept = prices.priceFor(0, 'order', at(0))
    expect(kept.refused ? 0 : kept.bidTicks).toBe(1000)
    expect(prices.priceFor(0, 'order', at(1001)).refused).toBe(true)
    expect(kept.refused ? 0 : [kept.bidTicks, kept.askTicks, kept.lastTicks, kept.ageMs]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  })

  it('has limits that can only be tightened', () => {
    expect(freshnessLimits({ order: 400 })).toEqual({ ...limits, order: 400 })
    for (const bad of [1001, 0, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(codeOf(() => freshnessLimits({ order: bad }))).toBe('RM_FRESHNESS_LIMIT')
    expect(codeOf(() => new PriceReader(RegistryMemory.create(1), { ...limits, other: 60_000 }))).toBe('RM_FRESHNESS_LIMIT')
    const registry = RegistryMemory.create(1)
    write(registry, 0)
    expect(new PriceReader(registry, freshnessLimits({ order: 400 })).priceFor(0, 'order', at(401)).refused).toBe(true)
  })

  it('read for one purpose cannot be passed for another, nor a refusal, nor a look-alike: the compiler says so', () => {
    const registry = RegistryMemory.create(1)
    write(registry, 0)
    const prices = new PriceReader(registry)
    const place = (price: FreshPrice<'order'>): number => price.askTicks
    const answer: FreshPrice<'order'> | PriceRefusal = prices.priceFor(0, 'order', at(0))
    const signal = prices.priceFor(0, 'signal', at(0))
    const other: FreshPrice<Purpose> | PriceRefusal = prices.priceFor(0, 'other' as Purpose, at(0))
    // @ts-expect-error an answer may be a refusal
    void (() => place(answer))
    // @ts-expect-error a signal's price may be three seconds old
    if (!signal.refused) void (() => place(signal))
    // @ts-expect-error a purpose known only at run time is no 'order'
    if (!other.refused) void (() => place(other))
    // @ts-expect-error nobody but the reader makes fresh prices
    const forged: FreshPrice<'order'> = { refused: false, purpose: 'order', symbol: 0, bidTicks: 1, bidLots: 1, askTicks: 2, askLots: 1, lastTicks: 1, markTicks: 1, ageMs: 0, limitMs: 1000, venueTimeMs: 0, receiveNs: 0, source: 1, updateId: 1, tickSequence: 1 }
    expect(forged.askTicks).toBe(2)
    expect(answer.refused ? -1 : place(answer)).toBe(1001)
  })

  it('comes with what it was made of', () => {
    const registry = RegistryMemory.create(1)
    write(registry, 0)
    const price = prices(registry)
    expect(price).toMatchObject({ purpose: 'exit', bidTicks: 1000, bidLots: 5, askTicks: 1001, askLots: 6, lastTicks: 1000, markTicks: 1000.5, source: 1, updateId: 9, tickSequence: 3 })
    function prices(from: RegistryMemory): unknown {
      return new PriceReader(from).priceFor(0, 'exit', at(1))
    }
  })
})
