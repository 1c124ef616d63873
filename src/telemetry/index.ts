export * from './latency.ts'
export { makeLog, plainData, relayLog, type Log, type LogLevel, type LogRecord, type Relay } from './log-record.ts'
