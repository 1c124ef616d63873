import { defineErrors } from './define.ts'

export const exchangeErrors = defineErrors({
})
