import { defineErrors } from './define.ts'

export const cliErrors = defineErrors({
  RM_PORT_TAKEN: { action: 'halt', message: 'port {port} on {host} is taken by another program: stop it, or set {setting} ({env}) to a free one' },
  RM_LISTEN: { action: 'halt', message: 'cannot listen on {host}:{port} ({reason}): check {setting}' },
  RM_METRIC_NAME: { action: 'reject', message: '"{name}" is no metric name: small letters, digits and _ only' },
  RM_METRIC_VALUE: { action: 'reject', message: 'counter "{name}" cannot count {value}' },
  RM_USAGE: { action: 'reject', message: '{what}: {problem}' },
  RM_CANDLE_FILE: { action: 'reject', message: 'candles of {path}: the file {problem}' },
  RM_SIMULATION_PLAN: { action: 'reject', message: 'the plan of a simulation cannot be played: {problem}' },
  RM_NOT_RUNNING: { action: 'retry', message: 'no engine answers at {url} ({reason}): start it with "ringmaster run", or say where it is with --url' },
  RM_HEALTH_ANSWER: { action: 'reject', message: '{method} {url} answered {status}: {text}' },
  RM_TOKEN_FILE: { action: 'halt', message: 'token file {file} {problem}: remove it, or set health.token' },
})
