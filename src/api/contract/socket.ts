import { z } from 'zod'
import { botStatus } from './bot.ts'
import { actorTree, alert } from './health.ts'
import { candle, level, pairState } from './market.ts'
import { order } from './orders.ts'
import { symbolName, timeMs } from './scalars.ts'
import { balance, position, signal, trade } from './trading.ts'

const text = z.string()
const count = z.number().int()

/** `WS /ws`. The subprotocol chooses the encoding: whole messages as JSON text, or as msgpack in binary frames. */
export const SOCKET_PATH = '/ws'
export const subprotocols = { json: 'ringmaster.json', msgpack: 'ringmaster.msgpack' } as const
/** Until then the first message, with the token, must have come. */
export const AUTH_MS = 5000
export const HEARTBEAT_MS = 5000
/** Codes with which the server closes: 4401 no or a wrong token, 4403 another origin, 4408 token not told in time, 4429 too many sockets or subscriptions, 4400 a message that cannot be read. */
export const closeCodes = { badMessage: 4400, unauthorised: 4401, origin: 4403, authTimeout: 4408, tooMany: 4429 } as const

/** The newest trade and the top of the book. */
export const tickData = z.object({ price: text.nullable(), bid: text.nullable(), ask: text.nullable(), bidSize: text.nullable(), askSize: text.nullable(), mark: text.nullable(), venueTimeMs: timeMs, ageMs: z.number().nullable(), source: text, bookValid: z.boolean() })
export type TickData = z.output<typeof tickData>
export const bookData = z.object({ valid: z.boolean(), updateId: z.number(), venueTimeMs: timeMs, bids: z.array(level), asks: z.array(level) })
export type BookData = z.output<typeof bookData>

/** A part of a book that changed: size "0" takes the level away. */
export const bookDelta = z.object({ valid: z.boolean(), updateId: z.number(), venueTimeMs: timeMs, bids: z.array(level), asks: z.array(level) })

interface TopicSpec {
  /** Subscribed for one symbol, or for everything at once. */
  readonly per: 'symbol' | 'all'
  readonly snapshot: z.ZodType
  readonly delta: z.ZodType
  /**
   * What a client that reads slowly gets: `latest` loses what is in between and hears the newest state as a snapshot;
   * `rows` the same by row; `every` is told everything, or the snapshot anew where it fell too far behind.
   */
  readonly slow: 'latest' | 'rows' | 'every'
  /** Least time between two messages, ms. */
  readonly paceMs: number
}

const define = <const T extends Readonly<Record<string, TopicSpec>>>(table: T): T => table

/** Topics. Snapshots of rows hold all of them; a delta holds rows that are new or changed, by `id` or `symbol`, and the ids that are gone. */
const rows = <T extends z.ZodType>(row: T) => ({ snapshot: z.object({ rows: z.array(row) }), delta: z.object({ rows: z.array(row), gone: z.array(text) }) })

export const topics = define({
  tick: { per: 'symbol', snapshot: tickData, delta: tickData, slow: 'latest', paceMs: 100 },
  book: { per: 'symbol', snapshot: bookData, delta: bookDelta, slow: 'latest', paceMs: 100 },
  /** The forming candle of 5 minutes, or one that has just closed. */
  candle: { per: 'symbol', snapshot: candle, delta: candle, slow: 'latest', paceMs: 250 },
  pairs: { per: 'all', ...rows(pairState), slow: 'rows', paceMs: 500 },
  signals: { per: 'all', ...rows(signal), slow: 'every', paceMs: 100 },
  /** Snapshot: the newest 200, and all that are active. */
  orders: { per: 'all', ...rows(order), slow: 'every', paceMs: 100 },
  positions: { per: 'all', ...rows(position), slow: 'rows', paceMs: 250 },
  /** Positions that close. */
  trades: { per: 'all', ...rows(trade), slow: 'every', paceMs: 250 },
  balance: { per: 'all', snapshot: balance, delta: balance, slow: 'latest', paceMs: 500 },
  actors: { per: 'all', snapshot: actorTree, delta: actorTree, slow: 'latest', paceMs: 500 },
  status: { per: 'all', snapshot: botStatus, delta: botStatus, slow: 'latest', paceMs: 500 },
  alerts: { per: 'all', ...rows(alert), slow: 'every', paceMs: 250 },
})
export type TopicName = keyof typeof topics
export const topicName = z.enum(Object.keys(topics) as [TopicName, ...TopicName[]])
export type TopicSnapshot<Name extends TopicName> = z.output<(typeof topics)[Name]['snapshot']>
export type TopicDelta<Name extends TopicName> = z.output<(typeof topics)[Name]['delta']>

/** Client → server. `id` comes back in the answer. */
export const clientMessage = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('auth'), token: z.string().max(2048) }),
  z.strictObject({
    op: z.literal('subscribe'),
    id: count,
    topic: topicName,
    symbol: symbolName.optional(),
    /** What was heard last before the connection broke: what is missing follows as deltas where the server still has it, else a snapshot. */
    resume: z.strictObject({ stream: z.string().max(40), seq: count }).optional(),
  }),
  z.strictObject({ op: z.literal('unsubscribe'), id: count, topic: topicName, symbol: symbolName.optional() }),
  z.strictObject({ op: z.literal('ping'), id: count }),
])
export type ClientMessage = z.input<typeof clientMessage>

const channel = { topic: topicName, symbol: text.nullable() }

/**
 * Server → client. Each channel (topic and symbol) has its own `seq`. A `snapshot` replaces what the client holds; a `delta`
 * comes only where the client has heard `seq - 1`, so a client that follows them never has to look for holes.
 */
export const serverMessage = z.discriminatedUnion('op', [
  /** First of all. */
  z.object({ op: z.literal('hello'), protocol: z.literal(1), authMs: count, heartbeatMs: count }),
  /** The token was taken. A socket lives no longer than the session: a new `auth` before `expiresMs` prolongs it. */
  z.object({ op: z.literal('ready'), expiresMs: timeMs }),
  /** `resumed`: deltas go on from what the client told. `stream` names the life of the gateway that counts `seq`. */
  z.object({ op: z.literal('ack'), id: count, ...channel, stream: text, resumed: z.boolean() }),
  z.object({ op: z.literal('unsubscribed'), id: count, ...channel }),
  z.object({ op: z.literal('snapshot'), ...channel, seq: count, atMs: timeMs, data: z.unknown() }),
  z.object({ op: z.literal('delta'), ...channel, seq: count, atMs: timeMs, data: z.unknown() }),
  /** Also tells how many messages this client was spared because it reads slowly. A client that hears none for three of its times connects anew. */
  z.object({ op: z.literal('heartbeat'), atMs: timeMs, spared: count }),
  z.object({ op: z.literal('pong'), id: count, atMs: timeMs }),
  z.object({ op: z.literal('error'), id: count.nullable(), code: text, message: text }),
])
export type ServerMessage = z.output<typeof serverMessage>
/** One frame of the socket from the server: a list of messages, in order. Frames of the client hold one message each. */
export const serverFrame = z.array(serverMessage)
