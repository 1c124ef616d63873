export * from './server.ts'
export * from './snapshot.ts'
export { healthToken, readHealthToken, type HealthToken } from './token.ts'
