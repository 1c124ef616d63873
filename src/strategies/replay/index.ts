export * from './paper-trader.ts'
export * from './replay.ts'
export * from './summary.ts'
