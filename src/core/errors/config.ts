import { defineErrors } from './define.ts'

export const configErrors = defineErrors({
  RM_CONFIG_INVALID: { action: 'halt', message: 'the configuration has {count} problem(s):{list}' },
  RM_CONFIG_SYNTAX: { action: 'halt', message: 'the configuration cannot be read:{list}' },
  RM_CONFIG_MODE: { action: 'halt', message: 'this version cannot run in this mode:{list}' },
  RM_CONFIG_EXIT_MISSING: { action: 'halt', message: '{count} set(s) of exit parameters are missing, and are never guessed:{list}' },
  RM_CONFIG_VALUE: { action: 'halt', message: '{count} setting(s) with a value that is not allowed:{list}' },
  RM_CONFIG_UNKNOWN: { action: 'halt', message: '{count} unknown setting(s):{list}' },
})
