export * from './baseline.ts'
export * from './measures.ts'
export * from './monitor.ts'
