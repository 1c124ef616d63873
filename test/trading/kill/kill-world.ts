import { expect } from 'vitest'
import type { TradingRecord, TradingSettings } from '../../../src/trading/index.ts'
import type { OrderRequest } from '../../../src/venues/index.ts'
import { type Faults, NO_FAULTS } from '../support/model-venue.ts'
import { exitSets, type Life, settings, SYMBOLS, World } from '../support/world.ts'

export const A = SYMBOLS[0]!
export const B = SYMBOLS[1]!

export type KillChange = Partial<TradingSettings['kill']>

/** Settings of the world with other bounds of the trips; entries rest far from the price when `far`. */
export function killing(change: KillChange = {}, far = false): TradingSettings {
  const entry = far ? { ...settings.entry, ttlMs: 60_000, offset: { ...settings.entry.offset, defaultPercent: '0.9', byRegime: {} } } : settings.entry
  return { ...settings, entry, exit: { ...settings.exit, byRegime: exitSets({ holdMsMax: 600_000, takeProfitPercent: '50', stopLossPercent: '50' }) }, kill: { ...settings.kill, ...change } }
}

/** One order as it left execution. */
export interface Left {
  readonly atNs: number
  readonly request: OrderRequest
}

/** Writes down every order that leaves a life. */
export function tap(world: World, life: Life, left: Left[]): void {
  const place = life.connection.place.bind(life.connection)
  life.connection.place = (request, done) => {
    left.push({ atNs: world.time.nowNs(), request })
    place(request, done)
  }
}

export interface Ready {
  readonly world: World
  readonly left: Left[]
}

/** A world that is reconciled and ready to trade. */
export function ready(own: TradingSettings = killing(), seed = 3, faults: Faults = NO_FAULTS): Ready {
  const world = new World(seed, faults, own)
  const left: Left[] = []
  tap(world, world.start(), left)
  world.run(400)
  expect(world.life.status).toEqual({ state: 'ready' })
  return { world, left }
}

/** Another life on the same journal. */
export function revive({ world, left }: Ready, process = true): void {
  if (world.life.alive) world.life.die()
  tap(world, world.start(process), left)
}

/** Buys on the first symbol until something is held. */
export function holding({ world }: Ready): number {
  for (let i = 0; i < 200; i++) {
    world.decide(0, 0)
    world.run(200)
    const lots = world.venue.positions.get(A)!
    if (lots !== 0 && world.life.actor.state.symbols.get(A)!.ledger.signedLots === lots && world.venue.liveOf(A).length === 0) return lots
  }
  throw new Error('the model venue never filled an entry')
}

export const kill = ({ world }: Ready, more: Readonly<Record<string, unknown>> = {}): void => world.life.actor.onMessage({ type: 'kill', why: 'a person says so', ...more })
export const release = ({ world }: Ready, more: Readonly<Record<string, unknown>> = {}): string => {
  world.life.actor.onMessage({ type: 'release', request: 'r', why: 'a person says so', ...more })
  return world.life.kill!.answer!.problem
}

export const find = <K extends TradingRecord['kind']>({ world }: Ready, kind: K) => world.records().filter((record): record is Extract<TradingRecord, { kind: K }> => record.kind === kind)
export const refused = ({ world }: Ready, reason: string): number => world.life.counts.get(`decisions_refused/${reason}`) ?? 0
export const engaged = ({ world }: Ready) => world.life.actor.state.kill.engaged
export const liveEntries = ({ world }: Ready): number => SYMBOLS.reduce((sum, symbol) => sum + world.venue.liveOf(symbol).filter((order) => !order.request.reduceOnly).length, 0)

/** Tries to trade for a while: decisions of both sides on all symbols. */
export function press(run: Ready, ms: number): void {
  run.world.trade(ms, 50, () => revive(run))
}

/** Orders that increase exposure and left at or after a time. */
export const increasing = (left: readonly Left[], fromNs: number): readonly string[] => left.filter(({ atNs, request }) => atNs >= fromNs && !request.reduceOnly).map(({ request }) => request.clientId)
