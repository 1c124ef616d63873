import { apiErrors } from './api.ts'
import { captureErrors } from './capture.ts'
import { cliErrors } from './cli.ts'
import { configErrors } from './config.ts'
import { coreErrors } from './core.ts'
import { datasetErrors } from './dataset.ts'
import type { ErrorAction } from './define.ts'
import { detectionErrors } from './detection.ts'
import { exchangeErrors } from './exchange.ts'
import { featureErrors } from './features.ts'
import { marketErrors } from './market.ts'
import { memoryErrors } from './memory.ts'
import { modelErrors } from './model.ts'
import { runtimeErrors } from './runtime.ts'
import { storageErrors } from './storage.ts'
import { tradingErrors } from './trading.ts'
import { venueErrors } from './venue.ts'
import { watchdogErrors } from './watchdog.ts'

/** The one catalogue: every coded error of the product, gathered from the table of each room. */
export const errorCatalogue = {
  ...coreErrors,
  ...memoryErrors,
  ...runtimeErrors,
  ...marketErrors,
  ...featureErrors,
  ...detectionErrors,
  ...venueErrors,
  ...tradingErrors,
  ...storageErrors,
  ...exchangeErrors,
  ...captureErrors,
  ...modelErrors,
  ...datasetErrors,
  ...configErrors,
  ...cliErrors,
  ...watchdogErrors,
  ...apiErrors,
} as const

export type ErrorCode = keyof typeof errorCatalogue
export type ErrorDetails = Readonly<Record<string, unknown>>

/** An error with a code from the catalogue; `action` says what the caller should do. */
export class RingmasterError extends Error {
  readonly code: ErrorCode
  readonly action: ErrorAction
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    const entry = errorCatalogue[code]
    super(`${code}: ${fill(entry.message, details)}`, cause === undefined ? undefined : { cause })
    this.name = 'RingmasterError'
    this.code = code
    this.action = entry.action
    this.details = details
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) =>
    name in details ? String(details[name]) : place,
  )
}

/** Throws the coded error; typed `never` so that it can end an expression. */
export function fail(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown): never {
  throw new RingmasterError(code, details, cause)
}

/** Asserts what cannot happen; a failure is a defect of ours, never of the input. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) fail('RM_ASSERT', { what })
}

/** The code of a coded error, or the class name of a foreign one: fit for a metric label. */
export function errorLabel(error: unknown): string {
  if (error instanceof RingmasterError) return error.code
  return error instanceof Error ? error.name : typeof error
}

/** One line for logs and health: code, message, never a stack. */
export function errorLine(error: unknown): string {
  if (error instanceof RingmasterError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

export type { ErrorAction, ErrorEntry } from './define.ts'
