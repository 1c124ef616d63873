export { checkCaptures } from './check.ts'
export type { CaptureReport, CheckedBook, CheckedFault, CheckedGap } from './report.ts'
