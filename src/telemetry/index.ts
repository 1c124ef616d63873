export { alert, ALERT_SEVERITIES, alertLevel, alertOf, type Alert, type AlertSeverity } from './alert.ts'
export * from './latency.ts'
export { makeLog, plainData, relayLog, type Log, type LogRecord, type Relay } from './log-record.ts'
export type { LogLevel } from './log-level.ts'
