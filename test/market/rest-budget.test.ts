import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { classifyExecutionRequest, classifyMarketRequest, GatedTransport, RestBudget, type RestPlace } from '../../src/market/index.ts'
import type { HttpOutcome, HttpRequest, Transport } from '../../src/venues/index.ts'
import { WALL_ORIGIN_MS } from './hand-context.ts'

const MS = 1e6
const LIMITS = { inFlight: 5, spacingMs: 100 }

describe('MD-17: the REST budget of the engine', () => {
  it('has five places, one of them for what hurries, and 100 ms from one request to the next', () => {
    const budget = RestBudget.create(LIMITS)
    const taken: number[] = []
    const places: RestPlace[] = []
    for (let ms = 0; ms <= 2000; ms++) {
      const place = budget.acquire(ms * MS, 60_000, false)
      if (place === null) continue
      taken.push(ms)
      places.push(place)
    }
    // What does not hurry leaves a little time to what does.
    expect(taken).toEqual([0, 130, 260, 390])
    expect(budget.inFlight(2000 * MS)).toBe(4)
    expect(budget.acquire(2000 * MS, 60_000, true)).not.toBeNull()
    expect([budget.inFlight(2000 * MS), budget.acquire(3000 * MS, 60_000, true)]).toEqual([5, null])
    budget.release(places[1]!)
    expect(budget.acquire(3000 * MS, 60_000, true)).not.toBeNull()
    expect(budget.acquire(3099 * MS, 60_000, true)).toBeNull()
  })

  it('gives the place of a thread that died to others when its lease has ended, and never twice', () => {
    const budget = RestBudget.create({ inFlight: 1, spacingMs: 100 })
    const dead = budget.acquire(0, 500, true)!
    expect(budget.acquire(499 * MS, 500, true)).toBeNull()
    const next = budget.acquire(500 * MS, 500, true)!
    expect(next).not.toBeNull()
    // The dead one's answer comes after all: the place is not its own any more.
    budget.release(dead)
    expect(budget.inFlight(600 * MS)).toBe(1)
    budget.release(next)
    expect(budget.inFlight(600 * MS)).toBe(0)
  })

  it('may be tightened, never loosened, and is attached to by its buffer alone', () => {
    for (const bad of [{ inFlight: 6, spacingMs: 100 }, { inFlight: 0, spacingMs: 100 }, { inFlight: 2.5, spacingMs: 100 }, { inFlight: 5, spacingMs: 99 }, { inFlight: 5, spacingMs: Number.NaN }])
      expect(() => RestBudget.create(bad)).toThrow('RM_REST_BUDGET')
    expect(() => RestBudget.attach(new SharedArrayBuffer(8))).toThrow('RM_REST_BUDGET')
    expect(RestBudget.attach(RestBudget.create({ inFlight: 2, spacingMs: 250 }).buffer).limits).toEqual({ inFlight: 2, spacingMs: 250 })
  })

  it('holds both limits against any order of requests and answers', () => {
    const event = fc.record({ afterMs: fc.integer({ min: 0, max: 150 }), act: fc.constantFrom('urgent', 'background', 'answer'), which: fc.nat(10) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), (events) => {
        const budget = RestBudget.create(LIMITS)
        const open: RestPlace[] = []
        let lastMs = Number.NEGATIVE_INFINITY
        let ms = 0
        for (const { afterMs, act, which } of events) {
          ms += afterMs
          if (act === 'answer') {
            const [place] = open.splice(which % Math.max(1, open.length), 1)
            if (place !== undefined) budget.release(place)
            continue
          }
          const place = budget.acquire(ms * MS, 1e9, act === 'urgent')
          if (place === null) continue
          expect(ms - lastMs).toBeGreaterThanOrEqual(100)
          lastMs = ms
          open.push(place)
          expect(open.length).toBeLessThanOrEqual(act === 'urgent' ? 5 : 4)
          expect(budget.inFlight(ms * MS)).toBe(open.length)
        }
      }),
    )
  })

  it('is one budget for threads that race: no place twice, no two requests closer than the spacing', async () => {
    const budget = RestBudget.create(LIMITS)
    const clock = new SharedArrayBuffer(8)
    const code = `const { parentPort, workerData } = require('node:worker_threads')
      import(workerData.market).then(({ RestBudget }) => {
        const budget = RestBudget.attach(workerData.buffer)
        const now = new Int32Array(workerData.clock)
        const taken = []
        parentPort.postMessage('ready')
        Atomics.wait(now, 0, 0)
        for (;;) {
          // Both race at the same instant of a clock that only moves when it is told to.
          const ms = Atomics.add(now, 0, 1)
          if (ms > 20000) break
          const place = budget.acquire(ms * 1e6, 400, true)
          if (place !== null) taken.push([ms, place.slot])
        }
        parentPort.postMessage(taken)
      })`
    const workers = [0, 1].map(() => new Worker(code, { eval: true, workerData: { buffer: budget.buffer, clock, market: new URL('../../src/market/index.ts', import.meta.url).href } }))
    const next = (worker: Worker): Promise<unknown> => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await Promise.all(workers.map(next))
    const results = workers.map(next)
    Atomics.store(new Int32Array(clock), 0, 1)
    Atomics.notify(new Int32Array(clock), 0)
    const taken = ((await Promise.all(results)) as [number, number][][]).flat().sort((a, b) => a[0] - b[0])
    await Promise.all(workers.map((worker) => worker.terminate()))
    expect(taken.length).toBeGreaterThan(50)
    for (let i = 1; i < taken.length; i++) expect(taken[i]![0] - taken[i - 1]![0]).toBeGreaterThanOrEqual(99)
    // A place is held for 400 ms: nobody else has it meanwhile.
    for (let i = 0; i < taken.length; i++)
      for (let j = i + 1; j < taken.length && taken[j]![0] < taken[i]![0] + 399; j++) expect(taken[j]![1], `places at ${taken[i]![0]} and ${taken[j]![0]} ms`).not.toBe(taken[i]![1])
  })
})

interface Sent {
  readonly request: HttpRequest
  readonly atMs: number
  readonly answer: (outcome?: HttpOutcome) => void
}

const OK: HttpOutcome = { kind: 'response', status: 200, headers: {}, body: '{}' }

function gate(budget = RestBudget.create(LIMITS), time = new VirtualTime(WALL_ORIGIN_MS), classify = classifyMarketRequest) {
  const sent: Sent[] = []
  const counts = new Map<string, number>()
  const inner: Transport = {
    socket: () => {
      throw new Error('no sockets here')
    },
    request: (request, done) => void sent.push({ request, atMs: time.nowNs() / MS, answer: (outcome = OK) => done(outcome) }),
  }
  const transport = new GatedTransport({ inner, budget, clock: time, timers: time, classify, count: (name, label = '') => void counts.set(`${name} ${label}`, (counts.get(`${name} ${label}`) ?? 0) + 1) })
  const outcomes: string[] = []
  return {
    time, sent, counts, transport, outcomes, budget,
    ask: (path: string, deadlineMs = 5000) =>
      transport.request({ method: 'GET', url: `https://venue.invalid${path}`, headers: {}, body: null, deadlineMs }, (outcome) => void outcomes.push(`${path} ${outcome.kind === 'response' ? outcome.status : outcome.sent ? 'sent' : 'unsent'} ${time.nowNs() / MS}`)),
    run: (ms: number) => time.runUntil(time.nowNs() + ms * MS),
  }
}

describe('a transport on the budget', () => {
  it('spaces market data, lets orders and the clock through at once, and prices before all other market data', () => {
    const g = gate()
    g.ask('/v5/market/kline?n=1')
    g.ask('/v5/market/kline?n=2')
    g.ask('/v5/market/orderbook?n=3')
    g.ask('/v5/market/tickers?n=4')
    g.ask('/v5/market/time')
    g.ask('/v5/order/realtime')
    g.run(1000)
    expect(g.sent.map((one) => [one.request.url.split('invalid')[1], one.atMs])).toEqual([
      ['/v5/market/kline?n=1', 0],
      ['/v5/market/time', 0],
      ['/v5/order/realtime', 0],
      ['/v5/market/tickers?n=4', 100],
      ['/v5/market/kline?n=2', 230],
      ['/v5/market/orderbook?n=3', 360],
    ])
    expect([g.counts.get('rest_requests urgent'), g.counts.get('rest_requests background')]).toEqual([1, 3])
  })

  it('hands on what is left of the deadline, and answers itself, as unsent, when there is no place in time', () => {
    const g = gate()
    for (let i = 0; i < 6; i++) g.ask(`/v5/market/kline?n=${i}`, 1000)
    g.run(999)
    expect(g.sent.map((one) => one.request.deadlineMs)).toEqual([1000, 870, 740, 610])
    expect(g.outcomes).toEqual([])
    g.run(1)
    expect(g.outcomes).toEqual(['/v5/market/kline?n=4 unsent 1000', '/v5/market/kline?n=5 unsent 1000'])
    expect([g.transport.waiting, g.counts.get('rest_requests no_place')]).toEqual([0, 2])
  })

  it('takes an answer, also a failure, as a free place', () => {
    const g = gate()
    for (let i = 0; i < 9; i++) g.ask(`/v5/market/kline?n=${i}`, 60_000)
    g.run(2000)
    expect(g.sent.length).toBe(4)
    g.sent[0]!.answer()
    g.sent[1]!.answer({ kind: 'failure', sent: true, reason: 'x' })
    g.run(2000)
    expect(g.sent.length).toBe(6)
    expect(g.budget.inFlight(g.time.nowNs())).toBe(4)
    expect(g.outcomes.length).toBe(2)
  })

  it('shares the budget with every other thread: together they keep to it, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ thread: fc.nat(2), urgent: fc.boolean(), atMs: fc.integer({ min: 0, max: 3000 }), tookMs: fc.integer({ min: 1, max: 900 }) }), { maxLength: 60 }), (wishes) => {
        const budget = RestBudget.create(LIMITS)
        const time = new VirtualTime(WALL_ORIGIN_MS)
        const threads = [0, 1, 2].map(() => gate(budget, time))
        let inFlight = 0
        const atMs: number[] = []
        for (const thread of threads) {
          const push = thread.sent.push.bind(thread.sent)
          thread.sent.push = (...sent: Sent[]) => {
            inFlight++
            expect(inFlight).toBeLessThanOrEqual(5)
            atMs.push(sent[0]!.atMs)
            time.after(Number(new URL(sent[0]!.request.url).searchParams.get('took')), () => {
              inFlight--
              sent[0]!.answer()
            })
            return push(...sent)
          }
        }
        for (const wish of wishes) time.after(wish.atMs, () => threads[wish.thread]!.ask(`/v5/market/${wish.urgent ? 'tickers' : 'kline'}?took=${wish.tookMs}`, 60_000))
        time.runUntil(60e9)
        expect(threads.reduce((sum, thread) => sum + thread.outcomes.length, 0)).toBe(wishes.length)
        for (let i = 1; i < atMs.length; i++) expect(atMs[i]! - atMs[i - 1]!).toBeGreaterThanOrEqual(100)
      }),
      { numRuns: 60 },
    )
  })
})

describe('what counts against the budget', () => {
  it.each([
    ['GET', '/v5/market/tickers?symbol=BTCUSDT', 'urgent'],
    ['GET', '/v5/market/orderbook', 'background'],
    ['GET', '/v5/market/instruments-info', 'background'],
    ['GET', '/v5/market/time', 'free'],
    ['GET', '/v5/position/list', 'free'],
    ['POST', '/v5/order/create', 'free'],
    ['GET', '/api/v5/market/ticker?instId=BTC-USDT-SWAP', 'urgent'],
    ['GET', '/api/v5/public/mark-price', 'urgent'],
    ['GET', '/api/v5/market/books', 'background'],
    ['GET', '/api/v5/public/price-limit', 'background'],
    ['GET', '/api/v5/public/time', 'free'],
    ['GET', '/api/v5/account/balance', 'free'],
  ] as const)('%s %s is %s', (method, path, expected) => {
    const request = { method, url: `http://127.0.0.1:8010${path}` }
    expect(classifyMarketRequest(request)).toBe(expected)
    expect(classifyExecutionRequest(request)).toBe(expected === 'background' ? 'urgent' : expected)
  })

  it('lets nothing that execution waits for stand behind what ingest asks', () => {
    const ingest = gate()
    const execution = gate(ingest.budget, ingest.time, classifyExecutionRequest)
    for (const n of [1, 2, 3, 4, 5]) ingest.ask(`/api/v5/market/books?n=${n}`)
    for (const n of [1, 2, 3]) execution.ask(`/api/v5/public/instruments?n=${n}`)
    ingest.run(350)
    // The first of ingest was there before; its next leaves the place to execution, whose three stand as close as the budget lets them.
    expect(execution.sent.map((one) => one.atMs)).toEqual([100, 200, 300])
    expect(ingest.sent).toHaveLength(1)
    for (const one of [...ingest.sent, ...execution.sent]) one.answer()
    ingest.run(100)
    expect(ingest.sent).toHaveLength(2)
  })
})
