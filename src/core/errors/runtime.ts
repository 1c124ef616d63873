import { defineErrors } from './define.ts'

export const runtimeErrors = defineErrors({
})
