import { defineErrors } from './define.ts'

export const venueErrors = defineErrors({
})
