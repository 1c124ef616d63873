export * from './server.ts'
export * from './snapshot.ts'
export * from './symbol-metrics.ts'
export { healthToken, readHealthToken, type HealthToken } from './token.ts'
