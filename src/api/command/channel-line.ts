import { fail, RingmasterError } from '../../core/index.ts'
import type { AskKind, RootAsks, RootLine } from './asks.ts'

/** A release waits for the engine's word, five seconds at most. */
const ANSWER_MS = 8000
const WAITING_MAX = 1000

export interface AskMessage {
  readonly type: 'ask'
  readonly id: number
  readonly kind: AskKind
  readonly give: object
}

export interface AnswerMessage {
  readonly type: 'answer'
  readonly id: number
  readonly get: unknown
  /** Why there is none; '' when there is one. */
  readonly problem: string
}

/** Questions over the channel to the parent process, each answered once or given up. */
export class ChannelLine implements RootLine {
  readonly #send: (message: AskMessage) => boolean
  readonly #waiting = new Map<number, { readonly resolve: (get: unknown) => void; readonly reject: (error: unknown) => void; readonly timer: NodeJS.Timeout }>()
  #id = 0

  /** @param send false when the channel is closed */
  constructor(send: (message: AskMessage) => boolean) {
    this.#send = send
  }

  ask<Kind extends AskKind>(kind: Kind, give: RootAsks[Kind]['give']): Promise<RootAsks[Kind]['get']> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= WAITING_MAX) fail('RM_API_ENGINE_AWAY', { what: kind, reason: `${WAITING_MAX} questions wait for the supervisor` })
      const id = ++this.#id
      const away = (reason: string): void => {
        this.#waiting.delete(id)
        reject(new RingmasterError('RM_API_ENGINE_AWAY', { what: kind, reason }))
      }
      const timer = setTimeout(() => away(`the supervisor has not answered within ${ANSWER_MS} ms`), ANSWER_MS)
      this.#waiting.set(id, { resolve: resolve as (get: unknown) => void, reject, timer })
      if (this.#send({ type: 'ask', id, kind, give })) return
      clearTimeout(timer)
      away('the supervisor has gone')
    })
  }

  answer({ id, get, problem }: AnswerMessage): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    if (problem === '') waiting.resolve(get)
    else waiting.reject(new RingmasterError('RM_API_ENGINE_AWAY', { what: 'an answer of the supervisor', reason: problem }))
  }
}
