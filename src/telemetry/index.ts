export * from './latency.ts'
export { plainData, relayLog, type Log, type LogLevel, type LogRecord, type Relay } from './log-record.ts'
