import { MessageChannel } from 'node:worker_threads'
import { Door, Ring } from '../../src/memory/index.ts'
import type { Side } from '../harness.ts'
import type { MessageTask } from './message-thread.ts'
import type { RingTask } from './ring-thread.ts'
import { pair, RECORD_BYTES, WINDOW } from './threads.ts'

const ringScript = new URL('./ring-thread.ts', import.meta.url)
const messageScript = new URL('./message-thread.ts', import.meta.url)

/** Two fresh threads with a ring between them, both parked through doors when they have nothing to do. */
export const overRing = (name: string, roles: readonly [RingTask['role'], RingTask['role']], records: RingTask['records']): Side => ({
  name,
  measure: () => {
    const [there, back] = [Ring.create(WINDOW, RECORD_BYTES), Ring.create(WINDOW, RECORD_BYTES)]
    there.open(0, 'gating')
    back.open(0, 'gating')
    const shared = { there: there.buffer, back: back.buffer, doors: Door.buffer(2), records }
    return pair(ringScript, { ...shared, role: roles[0] }, { ...shared, role: roles[1] })
  },
})

/** Two fresh threads with a message channel between them. */
export const overMessages = (name: string, shape: MessageTask['shape'], roles: readonly [MessageTask['role'], MessageTask['role']], records: MessageTask['records']): Side => ({
  name,
  measure: () => {
    const { port1, port2 } = new MessageChannel()
    return pair(messageScript, { role: roles[0], shape, records, port: port1 }, { role: roles[1], shape, records, port: port2 }, [[port1], [port2]])
  },
})
