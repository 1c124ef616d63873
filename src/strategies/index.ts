export * from './imbalance.ts'
export * from './vote.ts'
