import { fail } from '../core/index.ts'

/** What an order is for, as its client id tells it. */
export type Intent =
  /** An entry asked for by a decision. */
  | { readonly kind: 'decision'; readonly symbolIndex: number; readonly sequence: number }
  /** The n-th exit of a position. */
  | { readonly kind: 'exit'; readonly positionId: number; readonly n: number }
  /** The n-th stop on its symbol that the venue is asked to keep, for a position. */
  | { readonly kind: 'stop'; readonly positionId: number; readonly n: number }
  /** The n-th order by which the watchdog closes positions, with the wall time; it makes these ids by itself. */
  | { readonly kind: 'watchdog'; readonly atMs: number; readonly n: number }

export interface ClientIdParts {
  readonly account: string
  readonly epoch: number
  readonly intent: Intent
  /** 0 for the first; higher only where the venue has proved that the one before never came into being. */
  readonly attempt: number
}

/** Shortest of the venues' limits: OKX 32 letters and digits, Bybit 36 with '-' and '_'. */
export const CLIENT_ID_LENGTH_MAX = 32
const ACCOUNT = /^[a-z0-9]{1,4}$/
const NUMBER = '(0|[1-9a-z][0-9a-z]*)'
const PATTERN = new RegExp(`^rm([a-z0-9]{1,4})E${NUMBER}(?:D${NUMBER}S${NUMBER}|X${NUMBER}N${NUMBER}|P${NUMBER}N${NUMBER}|W${NUMBER}N${NUMBER})A${NUMBER}$`)

/**
 * The client order id of an intent: `rm` account `E` epoch, then `D` symbol `S` decision, `X` position `N` exit, `P`
 * position `N` stop or `W` time `N` closing by the watchdog, then `A` attempt; numbers in base 36, capitals only as marks. A pure function of its parts and injective, so a
 * decision that is seen again gives the same id, and an order found at the venue tells what it was for.
 * @throws RM_CLIENT_ID when a part is out of range or the whole is longer than 32.
 */
export function clientId(parts: ClientIdParts): string {
  if (!ACCOUNT.test(parts.account)) fail('RM_CLIENT_ID', { part: 'account', value: parts.account, problem: 'one to four of a-z and 0-9 are wanted' })
  const { intent } = parts
  const purpose = purposeOf(intent)
  const id = `rm${parts.account}E${digits('epoch', parts.epoch)}${purpose}A${digits('attempt', parts.attempt)}`
  if (id.length > CLIENT_ID_LENGTH_MAX) fail('RM_CLIENT_ID', { part: 'id', value: id, problem: `longer than ${CLIENT_ID_LENGTH_MAX}` })
  return id
}

function purposeOf(intent: Intent): string {
  switch (intent.kind) {
    case 'decision':
      return `D${digits('symbolIndex', intent.symbolIndex)}S${digits('sequence', intent.sequence)}`
    case 'exit':
      return `X${digits('positionId', intent.positionId)}N${digits('n', intent.n)}`
    case 'stop':
      return `P${digits('positionId', intent.positionId)}N${digits('n', intent.n)}`
    case 'watchdog':
      return `W${digits('atMs', intent.atMs)}N${digits('n', intent.n)}`
  }
}

/** The parts of one of our ids; null for an id that is not ours. */
export function parseClientId(id: string): ClientIdParts | null {
  if (id.length > CLIENT_ID_LENGTH_MAX) return null
  const match = PATTERN.exec(id)
  if (match === null) return null
  const [, account, epoch, symbolIndex, sequence, exitOf, exitN, stopOf, stopN, watchMs, watchN, attempt] = match
  const intent: Intent =
    symbolIndex !== undefined
      ? { kind: 'decision', symbolIndex: number(symbolIndex), sequence: number(sequence!) }
      : exitOf !== undefined
        ? { kind: 'exit', positionId: number(exitOf), n: number(exitN!) }
        : stopOf !== undefined
          ? { kind: 'stop', positionId: number(stopOf), n: number(stopN!) }
          : { kind: 'watchdog', atMs: number(watchMs!), n: number(watchN!) }
  const parts: ClientIdParts = { account: account!, epoch: number(epoch!), intent, attempt: number(attempt!) }
  const safe = [parts.epoch, parts.attempt, ...Object.values(intent).filter((value) => typeof value === 'number')].every((value) => Number.isSafeInteger(value))
  return safe ? parts : null
}

/** True for an id that this account's engine made, in any epoch. */
export const isOurs = (id: string, account: string): boolean => parseClientId(id)?.account === account

/** True for the name that this account's engine gave to a stop at the venue. */
export const isOurStop = (id: string, account: string): boolean => isOurKind(id, account, 'stop')

export function isOurKind(id: string, account: string, kind: Intent['kind']): boolean {
  const parts = parseClientId(id)
  return parts !== null && parts.account === account && parts.intent.kind === kind
}

const number = (text: string): number => Number.parseInt(text, 36)

function digits(part: string, value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) fail('RM_CLIENT_ID', { part, value, problem: 'not a safe integer from 0 up' })
  return value.toString(36)
}
