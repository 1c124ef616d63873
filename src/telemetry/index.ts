export * from './latency.ts'
export { createRootLog, type RootLog, type RootLogSettings } from './log.ts'
export { plainData, relayLog, type Log, type LogLevel, type LogRecord, type Relay } from './log-record.ts'
export * from './metrics.ts'
