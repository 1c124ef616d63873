import type { LogLevel } from './log-level.ts'

/** From least to most: good to know, somebody should look today, somebody should look now. */
export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number]

/** Something that a person should hear of, wherever in the engine it was noticed. */
export interface Alert {
  /** What it is about, such as `market-data` or `strategy:momentum`. Alerts of one key are told together when there are too many. */
  readonly key: string
  readonly severity: AlertSeverity
  /** One line. */
  readonly title: string
  /** What happened and what it means; may have several lines. */
  readonly text: string
  /** What was measured, and the bound that it broke. */
  readonly values?: Readonly<Record<string, string | number | boolean>>
  /** It is over. It goes to everybody who was told that it began. */
  readonly resolved?: boolean
}

const LEVELS: Readonly<Record<AlertSeverity, LogLevel>> = { info: 'info', warning: 'warn', critical: 'error' }

/** The level of a log line that says the same. */
export const alertLevel = (severity: AlertSeverity): LogLevel => LEVELS[severity]

/**
 * Raises an alert from any actor, thread or process: it travels as a line of its log, and the root process hands it to the channels
 * instead of writing the line. Where nobody listens (virtual runs, alerts switched off) it is an ordinary line.
 */
export function alert(log: (level: LogLevel, message: string, data: Readonly<Record<string, unknown>>) => void, raised: Alert): void {
  log(alertLevel(raised.severity), raised.title, { alert: raised })
}

/** The alert that the data of a log line carry; null for an ordinary line, and for anything that only looks like one. */
export function alertOf(data: Readonly<Record<string, unknown>>): Alert | null {
  const found = data['alert']
  if (typeof found !== 'object' || found === null) return null
  const { key, severity, title, text, values, resolved } = found as Partial<Record<keyof Alert, unknown>>
  if (typeof key !== 'string' || typeof title !== 'string' || typeof text !== 'string' || !ALERT_SEVERITIES.some((one) => one === severity)) return null
  const plain = { key, severity: severity as AlertSeverity, title, text, values: plainValues(values) }
  return resolved === true ? { ...plain, resolved } : plain
}

function plainValues(values: unknown): Record<string, string | number | boolean> {
  if (typeof values !== 'object' || values === null) return {}
  return Object.fromEntries(Object.entries(values as Record<string, unknown>).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [])))
}
