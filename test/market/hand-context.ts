import type { ActorKind, Instrument } from '../../src/core/index.ts'
import { DecimalStep, Random, VirtualTime } from '../../src/core/index.ts'
import type { ActorContext, ActorStatus } from '../../src/runtime/index.ts'

export const WALL_ORIGIN_MS = 1_700_000_000_000

export interface HandContext extends ActorContext {
  readonly time: VirtualTime
  readonly counts: Map<string, number>
  readonly hops: Map<string, number[]>
  readonly logs: { level: string; message: string; data: Readonly<Record<string, unknown>> }[]
  readonly reports: ActorStatus[]
}

/** An actor context by hand: virtual time, and everything the actor says kept for looking at. */
export function handContext(kind: ActorKind, time = new VirtualTime(WALL_ORIGIN_MS)): HandContext {
  const counts = new Map<string, number>()
  const hops = new Map<string, number[]>()
  const logs: HandContext['logs'] = []
  const reports: ActorStatus[] = []
  return {
    id: `${kind}:BTCUSDT`, kind, symbol: 'BTCUSDT', incarnation: 0, clock: time, timers: time, random: new Random(1), time, counts, hops, logs, reports,
    log: (level, message, data = {}) => void logs.push({ level, message, data }),
    count: (name, label = '', by = 1) => {
      const key = label === '' ? name : `${name} ${label}`
      counts.set(key, (counts.get(key) ?? 0) + by)
    },
    observe: (hop, ns) => void hops.set(hop, [...(hops.get(hop) ?? []), ns]),
    report: (status) => void reports.push(status),
  }
}

export const btcusdt: Instrument = {
  symbol: 'BTCUSDT', index: 0, baseCoin: 'BTC', quoteCoin: 'USDT', tick: new DecimalStep('0.1'), lot: new DecimalStep('0.001'),
  minLots: 1, maxLots: 1_000_000, minNotional: '5', maxLeverage: 100,
}
