import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { type KillStatus, MemoryKillStore } from '../../src/trading/index.ts'
import type { Log } from '../../src/telemetry/index.ts'
import type { ToEngine } from '../../workers/engine-messages.ts'
import { KillWays } from '../../workers/kill-ways.ts'

function setUp(engineUp = true) {
  const time = new VirtualTime(1_700_000_000_000)
  const store = new MemoryKillStore()
  const told: ToEngine[] = []
  const state = { engineUp }
  const logs: string[] = []
  const log: Log = Object.assign((level: string, message: string) => void logs.push(`${level} ${message}`), { child: () => log })
  const ways = new KillWays({
    store, timers: time, wallMs: () => time.wallMs(), log, flatten: false,
    tell: (message) => {
      if (state.engineUp) told.push(message)
      return state.engineUp
    },
  })
  ways.start()
  return { time, store, told, state, logs, ways, run: (ms: number) => time.runUntil(time.nowNs() + ms * 1e6) }
}

const engagedBy = (flatten = false): KillStatus => ({ engaged: { id: 'k', by: 'api', code: 'manual', reason: 'test', flatten, values: {}, sinceMs: 1_700_000_000_000 }, dayLoss: 1, drawdownPercent: 2, answer: null })
const free = (answer: KillStatus['answer'] = null): KillStatus => ({ engaged: null, dayLoss: 1, drawdownPercent: 2, answer })

describe('ways into the kill switch at the root supervisor (EX-2)', () => {
  it('keeps an order on the disk before the engine hears of it', () => {
    const { ways, store, told } = setUp()
    const engage = store.engage.bind(store)
    store.engage = (order) => {
      expect(told).toEqual([])
      engage(order)
    }
    expect(ways.engage('api', 'looks wrong', true)).toMatchObject({ kept: true, told: true })
    expect(store.order).toMatchObject({ by: 'api', code: 'manual', reason: 'looks wrong', flatten: true })
    expect(told).toEqual([{ type: 'kill', id: store.order!.id, by: 'api', why: 'looks wrong', flatten: true }])
  })

  it('tells an order again until the engine has confirmed it, also a new engine', () => {
    const { ways, told, state, run } = setUp(false)
    expect(ways.engage('signal', 'SIGUSR2 received', true)).toMatchObject({ kept: true, told: false })
    expect(ways.health()).toMatchObject({ engaged: true, by: 'signal', since: null })
    run(2000)
    expect(told).toEqual([])
    state.engineUp = true
    run(600)
    expect(told).toHaveLength(1)
    ways.onStatus(free())
    ways.onStatus(engagedBy(false))
    run(600)
    expect(told).toHaveLength(2)
    ways.onStatus(engagedBy(true))
    run(2000)
    expect(told).toHaveLength(2)
    expect(ways.health()).toMatchObject({ engaged: true, since: '2023-11-14T22:13:20.000Z', dayLoss: 1, drawdownPercent: 2 })
  })

  it('engages even when the disk does not take it, and says that it is not kept', () => {
    const { ways, store, told, logs } = setUp()
    store.engage = () => {
      throw new Error('no space left on device')
    }
    expect(ways.engage('api', 'test', false)).toMatchObject({ kept: false, told: true })
    expect(told).toHaveLength(1)
    expect(logs.join()).toContain('could not be written')
  })

  it('does not write over the first reason, unless positions are to be closed now', () => {
    const { ways, store, run } = setUp()
    store.engage({ id: 'E1K1', by: 'trip', code: 'daily-loss', reason: 'the day has lost 12', flatten: false, values: {} })
    run(600)
    ways.engage('api', 'me too', false)
    expect(store.order!.id).toBe('E1K1')
    ways.engage('api', 'out of it', true)
    expect(store.order).toMatchObject({ reason: 'out of it', flatten: true })
  })

  it('a touched KILL is told to the engine at once and shown while the engine is down', () => {
    const { ways, store, told, state, run } = setUp()
    store.touchedPath = 'data/KILL'
    run(600)
    expect(told).toEqual([expect.objectContaining({ type: 'kill', by: 'file' })])
    ways.onStatus(engagedBy())
    state.engineUp = false
    ways.onEngineDown()
    expect(ways.health()).toMatchObject({ engaged: true, by: 'file', code: 'manual' })
  })

  it('shows what the files say from the start on, before any engine has spoken', () => {
    const { store } = setUp()
    store.engage({ id: 'E1K1', by: 'trip', code: 'daily-loss', reason: 'the day has lost 12', flatten: false, values: {} })
    const log: Log = Object.assign(() => {}, { child: () => log })
    const ways = new KillWays({ store, timers: new VirtualTime(0), wallMs: () => 0, log, flatten: false, tell: () => false })
    expect(ways.health()).toMatchObject({ engaged: true, code: 'daily-loss', dayLoss: null })
    ways.onStatus(free())
    expect(ways.health()).toMatchObject({ engaged: false, dayLoss: 1 })
  })

  it('a release waits for the engine, and says what the engine says', async () => {
    const { ways, told, state, run } = setUp()
    const asked = (): string => (told.at(-1) as { request: string }).request
    const refused = ways.release('api', 'try', false)
    ways.onStatus(free({ request: 'another', problem: '' }))
    ways.onStatus({ ...engagedBy(), answer: { request: asked(), problem: 'its cause stands' } })
    expect(await refused).toEqual({ kind: 'refused', reason: 'its cause stands' })
    const released = ways.release('api', 'try', true)
    ways.onStatus(free({ request: asked(), problem: '' }))
    expect(await released).toEqual({ kind: 'released' })
    const late = ways.release('api', 'try', false)
    run(5001)
    expect(await late).toEqual({ kind: 'refused', reason: 'the engine has not answered within 5000 ms' })
    const stopped = ways.release('api', 'try', false)
    ways.stop()
    expect(await stopped).toEqual({ kind: 'refused', reason: 'the engine stops' })
    state.engineUp = false
    expect(await ways.release('api', 'try', false)).toEqual({ kind: 'refused', reason: 'the engine process is not running' })
  })

  it('releases nothing while an order to engage is on its way', async () => {
    const { ways } = setUp(false)
    ways.engage('api', 'test', false)
    expect(await ways.release('api', 'try', true)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('on its way') as string })
  })
})
