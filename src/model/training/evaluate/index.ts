export * from './interval.ts'
export * from './policy.ts'
export * from './scores.ts'
