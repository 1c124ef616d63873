import { fail } from '../../core/index.ts'

export interface ResilienceSettings {
  /** Failures of the venue or the network in a row that open the breaker of an endpoint group. */
  readonly threshold: number
  /** First wait of an open breaker, doubled each time that its probe fails, ms. */
  readonly cooldownMs: number
  readonly cooldownMsMax: number
  /** Refusals for a limit (429, 10006, 50011) count as failures. */
  readonly countLimits: boolean
  /** Share of every limit that only cancels and reduce-only orders may use. */
  readonly reserveShare: number
  /** While the breaker of its group is not closed, one question about an order of unknown outcome in so long, ms. */
  readonly evidencePaceMs: number
  /** While the venue bans this address, one cancel or exit in so long, ms. */
  readonly banProbeMs: number
  /** How often an entry or a query is repeated after an outcome that is safe to repeat; cancels repeat until their deadline. */
  readonly retryMax: number
  /** First pause before a repeat, doubled each time, between a half and the whole of it by chance, ms. */
  readonly retryMs: number
  readonly retryMsMax: number
}

export const RESILIENCE_DEFAULTS: ResilienceSettings = {
  threshold: 5,
  cooldownMs: 5_000,
  cooldownMsMax: 60_000,
  countLimits: true,
  reserveShare: 0.2,
  evidencePaceMs: 1_000,
  banProbeMs: 5_000,
  retryMax: 3,
  retryMs: 50,
  retryMsMax: 1_000,
}

/** @throws RM_VENUE_SETTING for a number that cannot work. */
export function checkResilience(settings: ResilienceSettings): ResilienceSettings {
  const refuse = (name: keyof ResilienceSettings, expected: string): never => fail('RM_VENUE_SETTING', { name: `resilience.${name}`, actual: String(settings[name]), expected })
  for (const name of ['cooldownMs', 'cooldownMsMax', 'evidencePaceMs', 'banProbeMs', 'retryMs', 'retryMsMax'] as const) {
    if (!(Number.isFinite(settings[name]) && settings[name] > 0)) refuse(name, 'a positive number')
  }
  if (!(Number.isInteger(settings.threshold) && settings.threshold >= 1)) refuse('threshold', 'a whole number above 0')
  if (!(Number.isInteger(settings.retryMax) && settings.retryMax >= 0)) refuse('retryMax', 'a whole number from 0 up')
  if (!(settings.reserveShare >= 0 && settings.reserveShare <= 0.5)) refuse('reserveShare', '0 to 0.5')
  if (settings.cooldownMsMax < settings.cooldownMs) refuse('cooldownMsMax', `at least cooldownMs ${settings.cooldownMs}`)
  if (settings.retryMsMax < settings.retryMs) refuse('retryMsMax', `at least retryMs ${settings.retryMs}`)
  return settings
}
