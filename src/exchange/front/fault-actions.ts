import { fail } from '../../core/index.ts'
import { count, durationMs, flag, oneOf, readFields, text, whole, type FieldRule, type Values } from './fault-fields.ts'
import type { FaultPlan } from './faults.ts'
import type { Fields } from './json.ts'
import { COMMAND_KINDS, CONNECTION_KINDS, FRAME_ACTIONS, SIGN_INS, type CommandKind, type ConnectionKind, type FrameAction, type SignIn } from './kinds.ts'

/** The code of a refusal when none was asked for. */
const WRONG_PARAMETERS = 10001

export interface FaultAction {
  readonly says: string
  readonly fields: Readonly<Record<string, FieldRule>>
  /** Fields that cannot be left out. */
  readonly needs?: readonly string[]
  /** @returns what the answer says besides "ok". */
  readonly run: (faults: FaultPlan, values: Values) => object | void
}

type Connection = ConnectionKind | 'all'
const connection = (otherwise: Connection): FieldRule => oneOf(['all', ...CONNECTION_KINDS], otherwise)
const command = (otherwise: CommandKind): FieldRule => oneOf(COMMAND_KINDS, otherwise)
const percent = whole(1, 100, 50)

const num = (values: Values, name: string): number => values[name] as number
const str = (values: Values, name: string): string => values[name] as string
const forMs = (values: Values): number | null => values['forMs'] as number | null

/** Every fault that can be asked for, by the name of its action; the fields are those of the request. */
export const faultActions: Readonly<Record<string, FaultAction>> = {
  'drop-connections': {
    says: 'closes connections; code 1006 cuts without a close frame',
    fields: { connection: connection('all'), code: whole(1000, 4999, 1006) },
    run: (faults, v) => ({ dropped: faults.dropConnections(str(v, 'connection') as Connection, num(v, 'code'), 'dropped on demand') }),
  },
  'refuse-connections': {
    says: 'refuses new connections (HTTP 503), for a while or until heal',
    fields: { connection: connection('all'), forMs: durationMs },
    run: (faults, v) => faults.refuseConnections(str(v, 'connection') as Connection, forMs(v)),
  },
  'ban-address': { says: 'answers every request and every new connection with HTTP 403', fields: { forMs: durationMs }, run: (faults, v) => faults.banAddress(forMs(v)) },
  frames: {
    says: 'hits the next frames that fit: drop, duplicate, reorder (with the one behind), delay, cut at a character with the connection, damage one bit of a character',
    fields: { action: oneOf(FRAME_ACTIONS, 'drop'), connection: connection('public'), match: text(''), count, delayMs: whole(0, 3_600_000, 0), at: whole(0, 10_000_000, 0), bit: whole(0, 6, 0) },
    needs: ['action'],
    run: (faults, v) =>
      faults.frames.arm(str(v, 'action') as FrameAction, num(v, 'count'), { connection: str(v, 'connection') as Connection, match: str(v, 'match'), delayMs: num(v, 'delayMs'), at: num(v, 'at'), bit: num(v, 'bit') }),
  },
  silence: {
    says: 'half-open connections: they stay, nothing comes, nothing is heard, pings are not answered',
    fields: { connection: connection('all'), forMs: durationMs },
    run: (faults, v) => ({ silenced: faults.frames.silence(str(v, 'connection') as Connection, forMs(v)) }),
  },
  'slow-drain': {
    says: 'frames leave at this rate; what waits beyond 8 MiB costs the connection',
    fields: { connection: connection('public'), bytesPerSecond: whole(1, 1_000_000_000, null), forMs: durationMs },
    needs: ['bytesPerSecond'],
    run: (faults, v) => ({ slowed: faults.frames.slow(str(v, 'connection') as Connection, num(v, 'bytesPerSecond'), forMs(v)) }),
  },
  'lose-replies': { says: 'carries commands out and never answers', fields: { count, command: command('create') }, run: (faults, v) => faults.loseReplies(num(v, 'count'), str(v, 'command') as CommandKind) },
  'fail-replies': {
    says: 'carries commands out and answers with an HTTP failure, on a stream with the code of a timeout',
    fields: { count, command: command('create'), status: whole(500, 599, 504) },
    run: (faults, v) => faults.rest.failReplies(num(v, 'count'), str(v, 'command') as CommandKind, num(v, 'status')),
  },
  'delay-replies': {
    says: 'answers commands late; their pushes come in time',
    fields: { delayMs: whole(0, 3_600_000, 0), count, command: command('any') },
    run: (faults, v) => faults.delayReplies(num(v, 'delayMs'), num(v, 'count'), str(v, 'command') as CommandKind),
  },
  'refuse-commands': {
    says: 'refuses commands with this code; nothing is changed',
    fields: { code: whole(0, 3_600_000, WRONG_PARAMETERS), text: text('refused on demand'), count, command: command('any') },
    run: (faults, v) => faults.refuseCommands({ code: num(v, 'code'), text: str(v, 'text') }, num(v, 'count'), str(v, 'command') as CommandKind),
  },
  'limit-rates': {
    says: 'answers requests as over their limit; group is a part of the name of the rate group, "" for all',
    fields: { count, group: text('') },
    run: (faults, v) => faults.rest.limitRates(num(v, 'count'), str(v, 'group')),
  },
  'refuse-sign-ins': { says: 'refuses right signatures', fields: { count, where: oneOf(SIGN_INS, 'any') }, run: (faults, v) => faults.rest.refuseSignIns(num(v, 'count'), str(v, 'where') as SignIn) },
  'shorten-lists': {
    says: 'lists of queries keep their first rows and say that this is all; path is a part of the path, "" for all',
    fields: { count, keep: whole(0, 10_000, 0), path: text('') },
    run: (faults, v) => faults.rest.shortenLists(num(v, 'count'), num(v, 'keep'), str(v, 'path')),
  },
  'lag-replica': { says: 'REST queries answer with the state of so long ago; 0 ends it', fields: { lagMs: whole(0, 600_000, null) }, needs: ['lagMs'], run: (faults, v) => faults.replica.lag(num(v, 'lagMs')) },
  'skip-updates': { says: 'numbers updates of a book topic and does not send them', fields: { topic: text(null), count }, needs: ['topic'], run: (faults, v) => faults.skipUpdates(str(v, 'topic'), num(v, 'count')) },
  stall: { says: 'a topic says nothing, for a while or until resume', fields: { topic: text(null), forMs: durationMs }, needs: ['topic'], run: (faults, v) => faults.stall(str(v, 'topic'), forMs(v)) },
  resume: { says: 'ends a stall', fields: { topic: text(null) }, needs: ['topic'], run: (faults, v) => faults.resume(str(v, 'topic')) },
  resnapshot: {
    says: 'the next push of a book topic is a snapshot; with restart its numbers begin anew',
    fields: { topic: text(null), restart: flag },
    needs: ['topic'],
    run: (faults, v) => faults.resnapshot(str(v, 'topic'), v['restart'] === true),
  },
  'duplicate-pushes': { says: 'sends private pushes twice', fields: { count }, run: (faults, v) => faults.duplicatePushes(num(v, 'count')) },
  'lose-pushes': { says: 'does not send private pushes', fields: { count }, run: (faults, v) => faults.losePushes(num(v, 'count')) },
  'fill-order': {
    says: 'fills a part of an open order at its price; without an id the newest one that rests',
    fields: { percent, symbol: text(''), id: text('') },
    run: (faults, v) => ({ filledLots: faults.accounts.fillOrder(num(v, 'percent'), str(v, 'symbol'), str(v, 'id')) }),
  },
  'fill-next': { says: 'fills a part of each of the next limit orders', fields: { count, percent }, run: (faults, v) => faults.accounts.fillNext(num(v, 'count'), num(v, 'percent')) },
  'close-positions': { says: 'closes positions at market, as by hand', fields: { symbol: text('') }, run: (faults, v) => ({ orders: faults.accounts.closePositions(str(v, 'symbol')) }) },
  'cancel-orders': { says: 'cancels open orders, as by hand', fields: { symbol: text('') }, run: (faults, v) => ({ cancelled: faults.accounts.cancelOrders(str(v, 'symbol')) }) },
  'skew-clock': { says: "sets the venue's clock off by so much", fields: { ms: whole(-3_600_000, 3_600_000, null) }, needs: ['ms'], run: (faults, v) => void (faults.clockSkewMs = num(v, 'ms')) },
  'step-clock': { says: "steps the venue's clock by so much more", fields: { ms: whole(-3_600_000, 3_600_000, null) }, needs: ['ms'], run: (faults, v) => void (faults.clockSkewMs += num(v, 'ms')) },
  maintenance: { says: 'requests are refused and new connections closed, from now on or no more', fields: { on: flag, by: oneOf(['http', 'code'], 'http') }, run: (faults, v) => {
    faults.window.by = str(v, 'by') as 'http' | 'code'
    faults.maintenance = v['on'] === true
  } },
  'plan-maintenance': {
    says: 'announces a maintenance (notice on streams that have one, status page), closes every connection at its begin',
    fields: { afterMs: whole(0, 3_600_000, 60_000), forMs: whole(1, 3_600_000, 60_000), by: oneOf(['http', 'code'], 'http') },
    run: (faults, v) => ({ heard: faults.planMaintenance(num(v, 'afterMs'), num(v, 'forMs'), str(v, 'by') as 'http' | 'code') }),
  },
  'announce-upgrade': { says: 'sends the notice of a service upgrade, and cuts all connections later', fields: { closeAfterMs: whole(0, 3_600_000, 60_000) }, run: (faults, v) => ({ heard: faults.announceUpgrade(num(v, 'closeAfterMs')) }) },
  heal: { says: 'ends every fault', fields: {}, run: (faults) => faults.heal() },
}

/** Does one action. @throws RM_CONTROL_ACTION for an unknown one, RM_CONTROL_FIELD for fields that it cannot have. */
export function runFault(faults: FaultPlan, name: string, fields: Fields): object {
  const action = Object.hasOwn(faultActions, name) ? faultActions[name] : undefined
  if (action === undefined) return fail('RM_CONTROL_ACTION', { action: name.slice(0, 100) })
  return action.run(faults, readFields(action.fields, fields, new Set(action.needs))) ?? {}
}
