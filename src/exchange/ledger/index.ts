export type * from './facts.ts'
export * from './file-ledger.ts'
export * from './memory-ledger.ts'
