import { type AlertChannel, conditionsOf, ConditionWatch, Notifier, Rates, redactor } from '../src/alerts/index.ts'
import type { Config } from '../src/config/index.ts'
import { type Clock, Random, type Timer, type Timers } from '../src/core/index.ts'
import type { AlertsHealth, HealthSnapshot } from '../src/runtime/health/index.ts'
import type { Alert, Log } from '../src/telemetry/index.ts'
import type { CountGrowth } from '../src/telemetry/root/index.ts'
import { countedAlerts } from './alert-events.ts'
import { alertChannels, alertSecrets, conditionSettings, laneLimits } from './alert-settings.ts'

const LOOK_MS = 1000

export interface DeskParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly seed: number
  /** The state of everything at this moment. */
  readonly snapshot: () => HealthSnapshot
  /** Texts beyond those of the configuration that must not leave, such as the token of health. */
  readonly secrets: readonly string[]
  /** Another channel beside those of the configuration; null for none. */
  readonly beside: AlertChannel | null
}

/**
 * Alerts of the root supervisor: what it hears and what it sees becomes messages to people. It stands in the root process, so it can speak
 * when the engine cannot, and nothing of the engine waits for it.
 */
export class AlertDesk {
  readonly #parts: DeskParts
  readonly #notifier: Notifier
  readonly #watch: ConditionWatch
  readonly #rates: Rates
  #timer: Timer | null = null

  constructor(config: Config, parts: DeskParts) {
    const { clock, timers, log, seed, secrets, beside } = parts
    this.#parts = parts
    const hide = redactor([...alertSecrets(config), ...secrets])
    const plans = alertChannels(config, { log, timers, wallMs: () => clock.wallMs(), secrets })
    if (beside !== null) plans.push({ channel: beside, minSeverity: 'info' })
    this.#notifier = new Notifier(plans, laneLimits(config), { clock, timers, log, random: new Random(seed, 'alerts'), hide })
    this.#watch = new ConditionWatch(conditionsOf(conditionSettings(config)))
    this.#rates = new Rates(config.alerts.rate_window_s * 1000)
  }

  start(): void {
    this.#timer = this.#parts.timers.every(LOOK_MS, () => this.#look())
  }

  alert(raised: Alert): void {
    this.#notifier.alert(raised)
  }

  /** What counters of actors grew by: some of it is worth an alert. */
  onCounts(counts: readonly CountGrowth[]): void {
    this.#rates.onCounts(counts, this.#nowMs())
    for (const raised of countedAlerts(counts)) this.#notifier.alert(raised)
  }

  health(): AlertsHealth {
    return { channels: this.#notifier.channels(), standing: this.#watch.standing() }
  }

  /** No condition is looked at any more: what stops is not broken. */
  quiet(): void {
    this.#timer?.cancel()
  }

  async stop(withinMs: number): Promise<void> {
    this.quiet()
    await this.#notifier.close(withinMs)
  }

  #look(): void {
    const now = this.#parts.snapshot()
    const nowMs = this.#nowMs()
    this.#rates.onLook(now.symbols, nowMs)
    for (const raised of this.#watch.look(now, this.#rates.measured(nowMs), nowMs, this.#parts.clock.wallMs())) this.#notifier.alert(raised)
  }

  #nowMs(): number {
    return this.#parts.clock.nowNs() / 1e6
  }
}
