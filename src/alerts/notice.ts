import { isoTime } from '../core/index.ts'
import { type Alert, ALERT_SEVERITIES, type AlertSeverity } from '../telemetry/index.ts'

/** What a channel sends: an alert, and how many others of its key it stands for. */
export interface Notice {
  /** Not twice in a run: a receiver that sees one again knows that it is a repeat. */
  readonly id: string
  readonly alert: Alert
  /** When it was raised, ms since 1970; the newest of those it stands for. */
  readonly atMs: number
  /** Alerts of the same key that are not told on their own, and when the first of all was raised. */
  readonly more: number
  readonly firstMs: number
  /** First try of a channel to send it, ms of its clock; null before that. */
  readonly triedMs: number | null
}

const TITLE_MAX = 200
const TEXT_MAX = 2000
const VALUES_MAX = 20
const VALUE_MAX = 200

export const rankOf = (severity: AlertSeverity): number => ALERT_SEVERITIES.indexOf(severity)

const clipped = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text)

/** The same within bounds, and without the texts that must not leave. @param hide masks secrets */
export function boundedAlert(alert: Alert, hide: (text: string) => string): Alert {
  const values = Object.entries(alert.values ?? {}).slice(0, VALUES_MAX)
  return {
    ...alert,
    key: clipped(hide(alert.key), TITLE_MAX),
    title: clipped(hide(alert.title).replaceAll(/\s+/g, ' ').trim(), TITLE_MAX),
    text: clipped(hide(alert.text), TEXT_MAX),
    values: Object.fromEntries(values.map(([name, value]) => [clipped(hide(name), VALUE_MAX), typeof value === 'string' ? clipped(hide(value), VALUE_MAX) : value])),
  }
}

/** Two of one key as one: the newer speaks, with the higher of their severities. */
export function joined(older: Notice, newer: Notice): Notice {
  const severity = rankOf(older.alert.severity) > rankOf(newer.alert.severity) ? older.alert.severity : newer.alert.severity
  return { id: newer.id, alert: { ...newer.alert, severity }, atMs: newer.atMs, more: older.more + newer.more + 1, firstMs: Math.min(older.firstMs, newer.firstMs), triedMs: older.triedMs ?? newer.triedMs }
}

/** Everything a notice says, for people. @param source whose alert it is @param dropped alerts that were lost before it */
export function noticeWords({ alert, atMs, more, firstMs }: Notice, source: string, dropped: number): string {
  const values = Object.entries(alert.values ?? {}).map(([name, value]) => `${name}: ${String(value)}`)
  const lines = [
    `${alert.severity.toUpperCase()}${alert.resolved === true ? ', over' : ''}: ${alert.title}`,
    alert.text,
    values.join(', '),
    more > 0 ? `and ${more} more of these since ${isoTime(firstMs)}` : '',
    dropped > 0 ? `${dropped} alerts were dropped before this one: this channel did not take them in time` : '',
    `${source}, ${isoTime(atMs)}`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

/** Masks every one of the values wherever it stands. Values too short to be told from words are left. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // The longest first: one may be a part of another.
  const known = [...new Set(secrets)].filter((one) => one.length >= 6).sort((a, b) => b.length - a.length)
  return (text) => known.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}
