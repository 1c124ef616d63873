import { createHash } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BookChain, type BookEvent, type CaptureEvent, groupCaptures, type IndexEntry, openCapture, type Packing, RecordingFiles, RecordingStamp, parseSteps } from '../../src/capture/index.ts'
import { BUY, type Instrument, Random, SELL, VirtualTime } from '../../src/core/index.ts'
import { BybitFront } from '../../src/exchange/bybit/index.ts'
import { createCounters, noLatency } from '../../src/exchange/front/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, VolatileLedger } from '../../src/exchange/index.ts'
import { OkxFront } from '../../src/exchange/okx/index.ts'
import { checkCaptures } from '../../src/market/capture-check/index.ts'
import { type BookUpdate, bybitUrlsAt, okxUrlsAt, type Transport } from '../../src/venues/index.ts'
import { type RecordedVenue, Recorder, type RecorderParts } from '../../workers/recorder.ts'
import { VirtualTransport } from '../../workers/virtual-transport.ts'

const ORIGIN_MS = 1_732_000_000_000
const venues: Readonly<Record<'bybit' | 'okx', RecordedVenue>> = {
  bybit: { name: 'bybit', urls: bybitUrlsAt('exchange.invalid', 80), bookDepth: 50 },
  okx: { name: 'okx', urls: okxUrlsAt('exchange.invalid', 80), bookDepth: 400 },
}

let root = ''
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'recorder-'))))
afterAll(() => rmSync(root, { recursive: true }))

/** A generated market behind one front, and a recorder on it, all on one virtual clock. */
class World {
  readonly time = new VirtualTime(ORIGIN_MS)
  readonly exchange: Exchange
  readonly recorder: Recorder
  readonly dir: string
  readonly told: string[] = []
  #cut: (() => void)[] = []

  constructor(venue: 'bybit' | 'okx', more: Partial<RecorderParts> = {}, symbols: readonly string[] = ['BTCUSDT', 'XRPUSDT']) {
    this.dir = mkdtempSync(join(root, `${venue}-`))
    const markets = symbols.map((symbol) => generatedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed: 4, startTicks: defaultStartTicks[symbol]!, rate: 60, historyMin: 2 }))
    this.exchange = new Exchange({ clock: this.time, timers: this.time, markets, ledger: new VolatileLedger(), startingBalance: '1000', defaultLeverage: '5' })
    const common = { exchange: this.exchange, clock: this.time, timers: this.time, random: new Random(1, 'front'), latency: noLatency, counters: createCounters() }
    const key = { apiKey: 'k', secret: 's', account: 'a' }
    const front = venue === 'okx' ? new OkxFront({ ...common, keys: [{ ...key, passphrase: 'p' }] }) : new BybitFront({ ...common, keys: [key], shuffleTopics: true })
    const wire = new VirtualTransport(front, this.time, { outMs: 1, inMs: 1 })
    const transport: Transport = {
      request: (request, done) => wire.request(request, done),
      socket: (url, handlers) => {
        const socket = wire.socket(url, handlers)
        if (!url.endsWith('/business')) this.#cut.push(() => socket.terminate())
        return socket
      },
    }
    this.exchange.start()
    this.recorder = new Recorder({
      venue: venues[venue], symbols, dir: this.dir, packing: 'gzip', rotateBytes: 1e9, rotateMs: null,
      transport, clock: this.time, timers: this.time, random: new Random(2, 'recorder'), count: () => {}, tell: (line) => void this.told.push(line), ...more,
    })
  }

  start(): void {
    this.recorder.start((error) => {
      if (error !== null) throw error
    })
  }

  cutConnections(): void {
    for (const cut of this.#cut.splice(0)) cut()
  }

  get index(): readonly IndexEntry[] {
    return readFileSync(join(this.dir, 'index.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as IndexEntry)
  }

  async stop(): Promise<void> {
    await this.recorder.stop('test')
    this.exchange.stop()
  }

  /** Recorded files as the reader groups them. */
  async groups(): Promise<Awaited<ReturnType<typeof groupCaptures>>> {
    const captures = []
    for (const { file } of this.index) captures.push(await openCapture(join(this.dir, file)))
    return groupCaptures(captures)
  }
}

/** Best levels of a side as whole ticks and lots. */
type Shown = readonly (readonly [number, number])[]

/** Books of one recording, rebuilt from its texts; one picture for each update id. */
async function picturesOf(groups: Awaited<ReturnType<typeof groupCaptures>>, symbol: string, instrument: Instrument, contractCoins: number, depth: number): Promise<Map<number, { readonly bids: Shown; readonly asks: Shown }>> {
  const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() }
  const pictures = new Map<number, { bids: Shown; asks: Shown }>()
  const apply = (event: BookEvent): void => {
    for (const side of ['bids', 'asks'] as const) {
      if (event.snapshot) sides[side].clear()
      for (const [price, size] of event[side]) {
        const ticks = parseSteps(price, instrument.tick)
        if (Number(size) === 0) sides[side].delete(ticks)
        else sides[side].set(ticks, Math.round((Number(size) * contractCoins) / instrument.lot.value))
      }
    }
    const best = (side: 'bids' | 'asks', sign: 1 | -1): Shown => [...sides[side]].sort((a, b) => sign * (a[0] - b[0])).slice(0, depth)
    pictures.set(event.lastId, { bids: best('bids', -1), asks: best('asks', 1) })
  }
  const chain = new BookChain({ apply, gap: ({ expected, actual }) => expect.unreachable(`gap: expected ${expected}, got ${actual}`) })
  for (const group of groups) {
    for (const capture of group) {
      await capture.read((event: CaptureEvent) => {
        if (event.kind === 'control' && event.what === 'lost') chain.lost()
        if (event.kind === 'book' && event.symbol === symbol) chain.take(event)
      })
    }
  }
  return pictures
}

/** Copies of the books that the engine's own feed decoded while it recorded. */
function collector(): { readonly pictures: Map<number, { bids: Shown; asks: Shown }>; readonly onBook: (update: BookUpdate) => void } {
  const sides = [new Map<number, number>(), new Map<number, number>()] as const
  const pictures = new Map<number, { bids: Shown; asks: Shown }>()
  const set = (side: Map<number, number>, ticks: Float64Array, lots: Float64Array, count: number): void => {
    for (let i = 0; i < count; i++) {
      if (lots[i] === 0) side.delete(ticks[i]!)
      else side.set(ticks[i]!, lots[i]!)
    }
  }
  return {
    pictures,
    onBook: (update) => {
      if (update.snapshot) for (const side of sides) side.clear()
      set(sides[BUY], update.bidTicks, update.bidLots, update.bidCount)
      set(sides[SELL], update.askTicks, update.askLots, update.askCount)
      const best = (side: Map<number, number>, sign: 1 | -1): Shown => [...side].sort((a, b) => sign * (a[0] - b[0])).slice(0, 20)
      pictures.set(update.updateId, { bids: best(sides[BUY], -1), asks: best(sides[SELL], 1) })
    },
  }
}

const BTC: Instrument = { symbol: 'BTCUSDT', index: 0, baseCoin: 'BTC', quoteCoin: 'USDT', tick: defaultContracts[0]!.tick, lot: defaultContracts[0]!.lot, minLots: 1, maxLots: 1, minNotional: '5', maxLeverage: 1 }

describe.each(['bybit', 'okx'] as const)('a recording of the %s front', (venue) => {
  const name = venue === 'okx' ? 'BTC-USDT-SWAP' : 'BTCUSDT'
  const coins = venue === 'okx' ? 0.01 : 1

  it('reads back without a gap, and its book is at every update the one that the feed built', async () => {
    const seen = collector()
    const world = new World(venue, { listen: (symbol) => (symbol === 'BTCUSDT' ? { onBook: seen.onBook } : {}) })
    world.start()
    world.time.runUntil(3e9)
    await world.stop()
    const groups = await world.groups()
    expect(groups).toHaveLength(1)
    const report = await checkCaptures(groups[0]!)
    expect(report).toMatchObject({ sound: true, gapCount: 0, faultCount: 0, knownGaps: 0, notes: [] })
    expect(report.symbols).toContain(name)
    expect(report.messages['trade']).toBeGreaterThan(5)
    const pictures = await picturesOf(groups, name, BTC, coins, 20)
    expect(pictures.size).toBeGreaterThan(20)
    expect(pictures).toEqual(seen.pictures)
  })

  it('has the instruments, the topics and the times in file and index', async () => {
    const world = new World(venue)
    world.start()
    world.time.runUntil(1e9)
    await world.stop()
    const [entry] = world.index
    expect(world.index).toHaveLength(1)
    const bytes = readFileSync(join(world.dir, entry!.file))
    expect(entry).toMatchObject({ venue, symbols: ['BTCUSDT', 'XRPUSDT'], bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), torn: false, firstNs: `${ORIGIN_MS}000000` })
    expect(entry!.topics).toContain(venue === 'okx' ? 'books:BTC-USDT-SWAP' : 'orderbook.50.BTCUSDT')
    expect(Number(entry!.lastNs.slice(0, 13)) - ORIGIN_MS).toBe(1000)
    const instruments: CaptureEvent[] = []
    let lines = 0
    await (await openCapture(join(world.dir, entry!.file))).read((event) => {
      lines = Math.max(lines, event.line)
      if (event.kind === 'instrument' && event.symbol === name && instruments.length === 0) instruments.push(event)
    })
    expect(lines).toBe(entry!.lines)
    expect(instruments[0]).toMatchObject(venue === 'okx' ? { tick: '0.1', lot: '0.1', unit: { in: 'base', value: '0.01' } } : { tick: '0.10', lot: '0.001', unit: { in: 'base', value: '1' } })
  })

  it('goes on over a rotation without losing a message, each part with the instruments at its head', async () => {
    const world = new World(venue, { rotateMs: 1000, packing: 'zstd' }, ['BTCUSDT'])
    world.start()
    world.time.runUntil(3.2e9)
    await world.stop()
    expect(world.index.length).toBeGreaterThanOrEqual(3)
    expect(world.index.every((entry) => entry.file.endsWith('.rec.zst') && entry.file.startsWith(`${venue}_BTCUSDT_`))).toBe(true)
    const groups = await world.groups()
    expect(groups).toHaveLength(1)
    expect(await checkCaptures(groups[0]!)).toMatchObject({ sound: true, gapCount: 0, knownGaps: 0, leftOut: { beforeSnapshot: 0 } })
    for (const capture of groups[0]!) {
      const kinds: string[] = []
      await capture.read((event) => void kinds.push(event.kind), 2)
      expect(kinds.slice(0, 2)).toEqual(['control', 'instrument'])
    }
    expect(readdirSync(world.dir).filter((file) => file.endsWith('.part') || file.endsWith('.tmp') || file.startsWith('.'))).toEqual([])
  })

  it('marks a lost connection, so that what is missing is a known gap', async () => {
    const world = new World(venue, {}, ['BTCUSDT'])
    world.start()
    world.time.runUntil(2e9)
    world.cutConnections()
    world.time.runUntil(6e9)
    await world.stop()
    expect(world.recorder.reconnects).toBe(1)
    const report = await checkCaptures((await world.groups())[0]!)
    expect(report).toMatchObject({ sound: true, gapCount: 0, knownGaps: 1 })
    expect(report.books[0]!.snapshots).toBe(2)
  })
})

describe('files of a recorder', () => {
  const set = (dir: string, packing: Packing = 'gzip') => ({ dir, venue: 'bybit', symbols: ['BTCUSDT'], packing })
  const head = '{"recorder":"begin","version":1,"venue":"bybit","symbols":["BTCUSDT"],"part":1}'
  const frame = (u: number): string => `{"topic":"orderbook.50.BTCUSDT","type":"${u === 1 ? 'snapshot' : 'delta'}","ts":1732000000000,"data":{"s":"BTCUSDT","b":[["100.0","${u}"]],"a":[["100.5","1"]],"u":${u + 10},"seq":${u}},"cts":1732000000000}`
  const stamp = (n: number): string => `${1_732_000_000_000 + n}000000`

  it.each(['gzip', 'zstd'] as const)('of a recorder that was killed inside a line are finished by the next one, torn line told (%s)', async (packing) => {
    const dir = mkdtempSync(join(root, 'killed-'))
    writeFileSync(join(dir, '.recorder-bybit.lock'), '999999999')
    const part = join(dir, 'bybit_BTCUSDT_20241119T070640000Z.part')
    writeFileSync(part, `${stamp(0)} ${head}\n${stamp(1)} ${frame(1)}\n${stamp(2)} ${frame(2)}\n${stamp(3)} {"topic":"orderb`)
    writeFileSync(part.replace('.part', '.rec.gz.tmp'), 'half')
    const files = new RecordingFiles(set(dir, packing))
    expect(await files.recover()).toEqual(['bybit_BTCUSDT_20241119T070640000Z.part'])
    await files.close()
    const entry = JSON.parse(readFileSync(join(dir, 'index.jsonl'), 'utf8')) as IndexEntry
    expect(entry).toMatchObject({ lines: 4, torn: true, firstNs: stamp(0), lastNs: stamp(2) })
    const report = await checkCaptures([await openCapture(join(dir, entry.file))])
    expect(report).toMatchObject({ sound: true, books: [{ snapshots: 1, updates: 1 }] })
    expect(report.notes).toEqual([expect.stringContaining('RM_CAPTURE_TORN')])
  })

  it('tear a line in the middle of the file: that is an error, not a torn end', async () => {
    const path = join(mkdtempSync(join(root, 'torn-')), 'x.part')
    writeFileSync(path, `${stamp(0)} ${head}\n${stamp(1)} {"topic":"ord\n${stamp(2)} ${frame(2)}\n`)
    await expect(checkCaptures([await openCapture(path)])).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_LINE', details: expect.objectContaining({ line: 2 }) }))
  })

  it('belong to one recorder of a venue at a time', async () => {
    const dir = mkdtempSync(join(root, 'two-'))
    const files = new RecordingFiles(set(dir))
    expect(() => new RecordingFiles(set(dir))).toThrow(expect.objectContaining({ code: 'RM_CAPTURE_WRITE' }))
    expect(() => new RecordingFiles({ ...set(dir), venue: 'okx' })).not.toThrow()
    await files.close()
    await new RecordingFiles(set(dir)).close()
  })

  it('cannot be made in a place that is no folder: a coded error that names it', () => {
    const file = join(root, 'a-file')
    appendFileSync(file, '')
    expect(() => new RecordingFiles(set(join(file, 'below')))).toThrow(expect.objectContaining({ code: 'RM_CAPTURE_WRITE' }))
  })

  it('never take a name that is there', async () => {
    const dir = mkdtempSync(join(root, 'names-'))
    const files = new RecordingFiles(set(dir))
    for (let i = 0; i < 3; i++) {
      files.begin(stamp(0))
      files.line(stamp(i), i === 0 ? head : frame(i))
      files.finish()
    }
    await files.close()
    expect(readdirSync(dir).filter((name) => name.endsWith('.rec.gz')).sort()).toEqual(['bybit_BTCUSDT_20241119T070640000Z-2.rec.gz', 'bybit_BTCUSDT_20241119T070640000Z-3.rec.gz', 'bybit_BTCUSDT_20241119T070640000Z.rec.gz'])
  })
})

describe('stamps of a recording', () => {
  it('are nanoseconds of 19 digits, follow the monotonic clock, and never go back when the wall clock does', () => {
    let wallMs = ORIGIN_MS + 0.75
    let nowNs = 5e9
    const stamp = new RecordingStamp({ nowNs: () => nowNs, wallMs: () => wallMs })
    expect(stamp.now()).toBe('1732000000000000000')
    nowNs += 1_234_567
    wallMs += 999
    expect(stamp.now()).toBe('1732000000001234567')
    wallMs = ORIGIN_MS - 5000
    stamp.anchor()
    expect(stamp.now()).toBe('1732000000001234567')
    nowNs += 6e9
    expect(stamp.now()).toBe('1732000001000000000')
  })
})
