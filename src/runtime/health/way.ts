import type { MetricSample } from '../../telemetry/root/index.ts'

/** One endpoint group of the venue: its breaker and how full its limits are. */
export interface GroupHealth {
  readonly group: string
  readonly breaker: 'closed' | 'half-open' | 'open'
  /** In a row. */
  readonly failures: number
  /** In this life of the execution actor. */
  readonly openings: number
  /** ms until a probe may leave; 0 when it is not open. */
  readonly opensInMs: number
  /** 0 to 1, of the fullest limit of the group. */
  readonly utilisation: number
  /** Requests that wait for a place. */
  readonly waiting: number
}

/** The way to the venue, as the execution actor has it. */
export interface WayHealth {
  /** What is left of a ban of this address, ms; 0 for none. */
  readonly banMs: number
  readonly ageMs: number
  readonly groups: readonly GroupHealth[]
}

/** The same, `sinceMs` later. */
export function agedWay(way: WayHealth | null, sinceMs: number): WayHealth | null {
  if (way === null) return null
  const left = (ms: number): number => Math.round(Math.max(0, ms - sinceMs))
  return { banMs: left(way.banMs), ageMs: Math.round(way.ageMs + sinceMs), groups: way.groups.map((group) => ({ ...group, opensInMs: left(group.opensInMs) })) }
}

/** What keeps entries, or anything else, from leaving; for people. */
export function wayComplaints(way: WayHealth | null): string[] {
  if (way === null) return []
  const banned = way.banMs > 0 ? [`the venue bans this address for ${Math.ceil(way.banMs / 1000)} s more`] : []
  return [...banned, ...way.groups.filter((one) => one.breaker !== 'closed').map((one) => `breaker ${one.group} is ${one.breaker}`)]
}

/** Breakers and limits as metrics. */
export function wayMetrics(way: WayHealth | null): MetricSample[] {
  if (way === null) return []
  return [
    { name: 'venue_ban_seconds', help: 'What is left of a ban of this address', labels: {}, value: way.banMs / 1000 },
    ...way.groups.flatMap(({ group, breaker, failures, utilisation, waiting }) => [
      { name: 'breaker_state', help: '0 closed, 1 half-open, 2 open', labels: { group }, value: ['closed', 'half-open', 'open'].indexOf(breaker) },
      { name: 'breaker_failures', help: 'Failures in a row', labels: { group }, value: failures },
      { name: 'limit_utilisation', help: 'Used share of the fullest limit of an endpoint group', labels: { group }, value: utilisation },
      { name: 'limit_waiting', help: 'Requests that wait for a place under a limit', labels: { group }, value: waiting },
    ]),
  ]
}
