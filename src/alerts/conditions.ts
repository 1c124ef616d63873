import type { HealthSnapshot, SymbolHealth } from '../runtime/health/index.ts'
import type { AlertSeverity } from '../telemetry/index.ts'
import type { MeasuredRates } from './rates.ts'

/** One thing that is not as it should be. */
export interface Finding {
  /** What it is about, such as a symbol; a new one is told although the condition stands already. */
  readonly subject: string
  readonly words: string
}

/** Something that begins, holds and ends, and that a person should hear of. */
export interface Condition {
  readonly key: string
  readonly severity: AlertSeverity
  readonly title: string
  /** A subject has to hold for so long before anybody is told. */
  readonly afterMs: number
  readonly find: (now: HealthSnapshot, rates: MeasuredRates) => readonly Finding[]
}

export interface ConditionSettings {
  /** Beyond it a price is too old for anybody, ms. */
  readonly priceAgeMs: number
  readonly staleMs: number
  readonly notReadyMs: number
  readonly archiveMs: number
  readonly modelDownMs: number
  /** Percent of the time; 0 is never told. */
  readonly manipulationPercent: number
  /** Percent of the votes; 0 is never told. */
  readonly consensusPercent: number
}

const SHORTLY_MS = 5000
/** Fewer votes say nothing about their rate. */
const VOTES_MIN = 100

/** Everything that is watched in what the root supervisor knows of the engine. */
export function conditionsOf(settings: ConditionSettings): readonly Condition[] {
  const { staleMs, notReadyMs, archiveMs, modelDownMs } = settings
  return [
    { key: 'kill', severity: 'critical', title: 'The kill switch is engaged: no entries', afterMs: 0, find: killed },
    { key: 'not-ready', severity: 'critical', title: 'The engine does not trade', afterMs: notReadyMs, find: ({ ready, reasons }) => (ready ? [] : [{ subject: 'engine', words: reasons.slice(0, 5).join('; ') }]) },
    { key: 'processes', severity: 'critical', title: 'A process does not run', afterMs: notReadyMs, find: ({ processes }) => processes.filter((one) => one.state !== 'running').map(({ name, state, lastError }) => ({ subject: name, words: `${name} is ${state}${lastError === null ? '' : `: ${lastError}`}` })) },
    { key: 'suspended', severity: 'critical', title: 'An actor is suspended: it failed too often', afterMs: 0, find: ({ actors }) => actors.filter((one) => one.state === 'suspended').map(({ id, note }) => ({ subject: id, words: `${id}${note === '' ? '' : `: ${note}`}` })) },
    { key: 'naked', severity: 'critical', title: 'A position has no stop at the venue', afterMs: 0, find: held(({ stop }) => (stop.alarm ? `no stop (${stop.state})` : null)) },
    { key: 'exit-plan', severity: 'warning', title: 'A position has no exit plan of an entry and is protected conservatively', afterMs: 0, find: held(({ exitPlan }) => (exitPlan === 'conservative' ? 'conservative exits' : null)) },
    { key: 'market-data-held', severity: 'critical', title: 'No usable market data for a symbol with a position', afterMs: staleMs, find: ({ symbols }) => staleOf(symbols, settings, true) },
    { key: 'market-data', severity: 'warning', title: 'No usable market data', afterMs: staleMs, find: ({ symbols }) => staleOf(symbols, settings, false) },
    { key: 'ban', severity: 'critical', title: 'The venue bans this address', afterMs: 0, find: ({ way }) => (way === null || way.banMs === 0 ? [] : [{ subject: 'ban', words: `for ${Math.ceil(way.banMs / 1000)} s more` }]) },
    { key: 'breaker', severity: 'warning', title: 'A breaker on the way to the venue is open', afterMs: SHORTLY_MS, find: ({ way }) => (way?.groups ?? []).filter((one) => one.breaker !== 'closed').map(({ group, breaker, failures }) => ({ subject: group, words: `${group} is ${breaker} after ${failures} failures` })) },
    { key: 'dead-man', severity: 'warning', title: "The venue's dead-man switch cannot be armed", afterMs: SHORTLY_MS, find: ({ account }) => (account?.deadMan === 'failing' ? [{ subject: 'dead-man', words: 'a dead engine would leave its entries at the venue to the watchdog alone' }] : []) },
    { key: 'watchdog', severity: 'critical', title: 'The watchdog acts: it takes the engine for dead', afterMs: 0, find: ({ watchdog }) => (watchdog?.state === 'acting' ? [{ subject: 'watchdog', words: watchdog.lastAction === '' ? `execution has been silent for ${Math.round(watchdog.silentMs)} ms` : watchdog.lastAction }] : []) },
    { key: 'not-traded', severity: 'warning', title: 'A symbol is not traded', afterMs: notReadyMs, find: ({ risk }) => (risk?.blocked ?? []).map(({ symbol, why }) => ({ subject: symbol, words: `${symbol}: ${why}` })) },
    { key: 'archive', severity: 'warning', title: 'The database is away: it falls behind the journal, trading goes on', afterMs: archiveMs, find: ({ archive }) => (archive?.state === 'waiting' ? [{ subject: 'archive', words: `${archive.error ?? 'no word of why'}; ${archive.lagBytes} bytes of the journal are not in it` }] : []) },
    { key: 'detectors', severity: 'warning', title: 'A detector has failed: its protection is missing', afterMs: 0, find: ({ symbols }) => symbols.flatMap(({ symbol, detection }) => (detection?.missing ?? []).map((name) => ({ subject: `${symbol} ${name}`, words: `${name} on ${symbol}` }))) },
    { key: 'model-down', severity: 'warning', title: 'The model does not answer: strategies decide alone', afterMs: modelDownMs, find: ({ actors }) => actors.filter((one) => one.kind === 'inference' && one.state === 'degraded').map(({ id, symbol, note }) => ({ subject: symbol ?? id, words: `${symbol ?? id}: ${note}` })) },
    { key: 'manipulation', severity: 'warning', title: 'Much manipulation: a side is blocked often', afterMs: 0, find: (_now, rates) => manipulated(rates, settings) },
    { key: 'consensus', severity: 'warning', title: 'Strategies seldom agree', afterMs: 0, find: (_now, rates) => disagreeing(rates, settings) },
  ]
}

function killed({ kill }: HealthSnapshot): readonly Finding[] {
  if (!kill.engaged) return []
  const values = Object.entries(kill.values).map(([name, value]) => `${name} ${value}`)
  return [{ subject: kill.code, words: `${kill.code} by ${kill.by}: ${kill.reason}${values.length === 0 ? '' : ` (${values.join(', ')})`}${kill.flatten ? '; positions are closed' : ''}` }]
}

const held =
  (complaint: (position: NonNullable<SymbolHealth['position']>) => string | null): Condition['find'] =>
  ({ symbols }) =>
    symbols.flatMap(({ symbol, position }) => {
      const words = position === null ? null : complaint(position)
      return words === null || position === null ? [] : [{ subject: symbol, words: `${symbol} ${position.side} ${position.size}: ${words}` }]
    })

function staleOf(symbols: readonly SymbolHealth[], { priceAgeMs }: ConditionSettings, withPosition: boolean): readonly Finding[] {
  return symbols.flatMap((one) => {
    if ((one.position !== null) !== withPosition) return []
    const fresh = one.priceAgeMs !== null && one.priceAgeMs <= priceAgeMs
    if (fresh && one.bookValid) return []
    return [{ subject: one.symbol, words: `${one.symbol}: ${fresh ? 'no valid book' : one.priceAgeMs === null ? 'no price yet' : 'no fresh price'}` }]
  })
}

function manipulated({ blockedShare }: MeasuredRates, { manipulationPercent }: ConditionSettings): readonly Finding[] {
  if (manipulationPercent === 0) return []
  return [...blockedShare].filter(([, share]) => share * 100 > manipulationPercent).map(([symbol, share]) => ({ subject: symbol, words: `${symbol}: ${(share * 100).toFixed(1)} % of the time, limit ${manipulationPercent} %` }))
}

function disagreeing({ votes, agreed }: MeasuredRates, { consensusPercent }: ConditionSettings): readonly Finding[] {
  const percent = (100 * agreed) / votes
  if (votes < VOTES_MIN || percent >= consensusPercent) return []
  return [{ subject: 'consensus', words: `${agreed} of ${votes} votes (${percent.toFixed(1)} %) led to a consensus, limit ${consensusPercent} %` }]
}
