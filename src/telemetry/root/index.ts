export { createRootLog, type RootLog, type RootLogSettings } from './log.ts'
export * from './metrics.ts'
