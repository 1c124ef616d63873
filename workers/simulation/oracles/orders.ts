import { parseClientId, type OrderIntended, type TradingRecord } from '../../../src/trading/index.ts'
import { plainId, type Oracle } from '../court.ts'
import type { EngineProcess } from '../engine-process.ts'
import { type Command, commandsOfRequest, isRefusal, refusedRequest } from '../out-frame.ts'
import type { OracleParts } from './parts.ts'

interface Sent {
  readonly command: Command
  readonly atNs: number
  readonly process: number
}

/** Faults under which the journal loses what only reduces. */
const DISK_FAULTS = ['disk-full', 'failing-flush', 'power-cut'] as const

const NO_CODES: ReadonlyMap<number, string> = new Map()

/** An intent without the number of the attempt. */
const intentOf = (clientId: string): string => clientId.replace(/A[0-9a-z]+$/, '')

/**
 * From an intent to its order: F1 (one order each), F2 (an end needs evidence, an unknown outcome blocks), F20 (one id,
 * one intent), F25 (written before it leaves).
 */
export function ordersOracle({ court, stage, kinds }: OracleParts): Oracle {
  const sent = new Map<string, Sent>()
  const intents = new Map<string, OrderIntended>()
  /** Orders by the request that carries them, and those of which the engine has heard the venue's no: they may leave again as they are. */
  const waiting = new Map<string, { readonly clientId: string; readonly requestId: string }>()
  const refused = new Set<string>()

  const onPlace = (command: Command, process: EngineProcess): void => {
    const { clientId } = command
    const parts = parseClientId(clientId)
    const ids = [clientId]
    court.judge('F1')
    if (parts === null) return court.report('F20', `an order left without an id of ours ("${clientId}")`, ids)
    const before = sent.get(intentOf(clientId))
    if (before !== undefined && !(refused.has(clientId) && before.command.clientId === clientId && !court.orders.has(clientId)))
      court.report('F1', `${clientId} left twice for one intent: ${before.command.clientId} by process ${before.process} at ${(before.atNs / 1e9).toFixed(3)} s, now ${command.name} by process ${process.number}`, ids)
    refused.delete(clientId)
    if (command.requestId !== '') waiting.set(`${process.number}/${command.requestId}`, { clientId, requestId: command.requestId })
    sent.set(intentOf(clientId), { command, atNs: court.time.nowNs(), process: process.number })

    const logged = court.log.orders.get(clientId)
    const isEntry = !command.reduceOnly
    if (logged?.intent === undefined || logged.intent === null) {
      // What only reduces may leave while the disk does not take anything.
      if (isEntry) court.report('F25', `${clientId} left without an intent in the journal`, ids)
    } else if (isEntry && process.config.journal.durability === 'power' && !stage.disk.coversText(clientId))
      court.report('F25', `${clientId} left before its intent was safe from a power cut`, ids)
    if (!isEntry) return
    court.judge('F25')

    const unknown = [...court.log.orders.values()].find((order) => order.unknown && order.symbol === logged?.symbol && order.clientId !== clientId)
    if (unknown !== undefined) court.report('F2', `${clientId} left while the outcome of ${unknown.clientId} on ${unknown.symbol} is unknown`, [clientId, unknown.clientId])
    const other = court.openOrders(logged?.symbol).find((order) => order.clientId !== clientId && order.kind === 'decision')
    if (other !== undefined && logged !== undefined) court.report('F2', `${clientId} left while ${other.clientId} is open at the venue, which the log says ended by ${court.log.orders.get(other.clientId)?.ended || '(it does not)'}`, [clientId, other.clientId])
  }

  const onRecord = (record: TradingRecord): void => {
    switch (record.kind) {
      case 'order-intended': {
        court.judge('F20')
        const twin = intents.get(record.clientId)
        if (twin !== undefined && twin.atNs !== record.atNs) court.report('F20', `${record.clientId} names two intents: ${twin.why}; ${record.why}`, [record.clientId])
        intents.set(record.clientId, record)
        const epoch = parseClientId(record.clientId)?.epoch
        if (epoch !== court.log.epoch) court.report('F20', `${record.clientId} carries epoch ${epoch}, the journal is in ${court.log.epoch}`, [record.clientId])
        return
      }
      case 'order-unknown':
        return court.judge('F2')
      case 'order-unsent':
        court.judge('F16')
        if (sent.get(intentOf(record.clientId))?.command.clientId === record.clientId && court.orders.has(record.clientId)) court.report('F2', `${record.clientId} ended as never sent, and the venue has it`, [record.clientId])
        return
      case 'order-refused':
        if (court.orders.has(record.clientId)) court.report('F2', `${record.clientId} ended as refused (${record.code} ${record.text}), and the venue took it`, [record.clientId])
        return
      case 'order-absent':
        court.judge('F2')
        if (court.orders.has(record.clientId)) court.report('F2', `${record.clientId} ended as absent after ${record.waitedMs} ms, and the venue has it`, [record.clientId])
        return
      case 'order-seen': {
        const order = court.orders.get(record.clientId)
        const final = record.status === 'cancelled' || record.status === 'rejected' || record.status === 'filled'
        if (final && order?.open === true) court.report('F2', `${record.clientId} was seen ${record.status} (${record.source}) while it is open at the venue`, [record.clientId])
        return
      }
      default:
    }
  }

  return {
    onCommand: (command, process) => {
      if (command.op === 'place') onPlace(command, process)
    },
    onFrame: (url, frame, process) => {
      if (waiting.size === 0 || url.includes('/public')) return
      const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString()
      for (const [key, { clientId, requestId }] of waiting) {
        if (!key.startsWith(`${process.number}/`) || !text.includes(`"${requestId}"`)) continue
        // Whatever it says, this is its answer. One that was cut on its way says nothing.
        waiting.delete(key)
        if (refusedRequest(text) === requestId) refused.add(clientId)
        return
      }
    },
    onAnswered: (request, outcome) => {
      for (const { op, clientId } of commandsOfRequest(request, NO_CODES)) if (op === 'place' && isRefusal(outcome)) refused.add(clientId)
    },
    onRecord,
    onOrder: (order, isNew) => {
      if (!isNew) return
      const clientId = plainId(order.clientId)
      if (court.takenTwice.some((twice) => twice.clientId === clientId)) court.report('F1', `the venue took ${clientId} twice`, [clientId])
    },
    atRest: () => {
      // What only reduces may leave while the journal does not take anything, and its intent dies with the process.
      const failingDisk = DISK_FAULTS.some((kind) => kinds.has(kind))
      for (const order of court.orders.values()) if (!(failingDisk && order.kind !== 'decision') && !intents.has(order.clientId) && !court.log.orders.has(order.clientId) && !court.log.stops.has(order.clientId)) court.report('F25', `the venue had ${order.clientId}, of which the journal knows nothing`, [order.clientId])
      for (const twice of court.takenTwice) court.report('F1', `the venue took ${twice.clientId} twice`, [twice.clientId])
    },
  }
}
