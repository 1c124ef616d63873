export * from './publish.ts'
export * from './report.ts'
export * from './train-fold.ts'
export * from './verdict.ts'
