export * from './basic.ts'
export * from './check.ts'
export * from './table.ts'
