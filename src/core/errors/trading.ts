import { defineErrors } from './define.ts'

export const tradingErrors = defineErrors({
})
