import { RingmasterError } from '../core/index.ts'

/** What the process tells its caller; children use the same codes, so that a supervisor knows which a restart cannot cure. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  unhealthy: 3,
  portTaken: 98,
  interrupted: 130,
} as const

const MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done, or a clean stop'],
  [EXIT.failure, 'failed; the message says with which code'],
  [EXIT.usage, 'wrong command line or configuration: nothing was started'],
  [EXIT.unhealthy, 'the engine does not run or is not well; doctor: a check failed'],
  [EXIT.portTaken, 'a port is taken by another program'],
  [EXIT.interrupted, 'stopped by a second Ctrl-C before the clean stop was done'],
]

/** The exit codes as help shows them. */
export const exitCodeHelp = (): string => MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof RingmasterError)) return EXIT.failure
  if (error.code.startsWith('RM_CONFIG_') || error.code === 'RM_USAGE') return EXIT.usage
  if (error.code === 'RM_PORT_TAKEN') return EXIT.portTaken
  if (error.code === 'RM_NOT_RUNNING') return EXIT.unhealthy
  return EXIT.failure
}
