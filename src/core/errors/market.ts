import { defineErrors } from './define.ts'

export const marketErrors = defineErrors({
})
