import { defineErrors } from './define.ts'

export const detectionErrors = defineErrors({
  RM_DETECTION_CONFIG: { action: 'halt', message: 'detectors cannot be built: {what} is {actual}, needed: {needed}' },
})
