import type { MetricSample, MetricsSnapshot } from '../../telemetry/root/index.ts'
import type { AlertSeverity } from '../../telemetry/index.ts'

/** A channel of alerts, and what became of those it was given. */
export interface AlertChannelHealth {
  readonly name: string
  readonly minSeverity: AlertSeverity
  readonly state: 'idle' | 'sending' | 'waiting' | 'failing'
  /** Messages that are under way or wait for a place. */
  readonly waiting: number
  /** Alerts that are kept back because there were too many of their key; told together later. */
  readonly keptBack: number
  /** Messages that the other side has taken, and further alerts that these stood for. */
  readonly delivered: number
  readonly stoodFor: number
  readonly belowSeverity: number
  /** Alerts that the other side does not take. */
  readonly refused: number
  /** Alerts that were lost to a full queue or to an other side that was away for too long. */
  readonly dropped: number
  readonly retries: number
  /** In a row. */
  readonly failures: number
  readonly retryInMs: number
  readonly lastError: string | null
  /** ms since 1970; null for never. */
  readonly lastDeliveredMs: number | null
}

/** A condition that a person was alerted to and that still holds. */
export interface StandingAlert {
  readonly key: string
  readonly severity: AlertSeverity
  readonly title: string
  /** What it is about now, such as symbols. */
  readonly subjects: readonly string[]
  /** ms since 1970. */
  readonly sinceMs: number
}

export interface AlertsHealth {
  readonly channels: readonly AlertChannelHealth[]
  readonly standing: readonly StandingAlert[]
}

/** The same as metrics. */
export function alertMetrics(alerts: AlertsHealth | null): Pick<MetricsSnapshot, 'counters' | 'gauges'> {
  if (alerts === null) return { counters: [], gauges: [] }
  return {
    counters: alerts.channels.flatMap((one) =>
      (['delivered', 'stoodFor', 'belowSeverity', 'refused', 'dropped', 'retries'] as const).map((outcome): MetricSample => ({
        name: 'alerts', help: 'What became of alerts, by channel', labels: { channel: one.name, outcome: OUTCOMES[outcome] }, value: one[outcome],
      })),
    ),
    gauges: [
      ...alerts.channels.flatMap((one): MetricSample[] => [
        { name: 'alerts_waiting', help: 'Messages that are under way or wait for a place', labels: { channel: one.name }, value: one.waiting },
        { name: 'alert_channel_failures', help: 'Failures of a channel in a row', labels: { channel: one.name }, value: one.failures },
      ]),
      ...alerts.standing.map((one): MetricSample => ({ name: 'alert_standing', help: '1 while a condition that was alerted to holds', labels: { key: one.key, severity: one.severity }, value: 1 })),
    ],
  }
}

const OUTCOMES = { delivered: 'delivered', stoodFor: 'told-with-another', belowSeverity: 'below-severity', refused: 'refused', dropped: 'dropped', retries: 'tried-again' } as const
