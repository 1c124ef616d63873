import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fail } from '../../src/core/index.ts'
import type { ClientShape, ClientTops, ClientUsage, FromClient, ToClient } from './client-messages.ts'
import type { FromServer, ToServer } from './frame-server.ts'
import type { ScriptShape } from './script.ts'
import type { FromLoop } from './symbols-loop.ts'

const ANSWER_MS = 30_000
/** Whether processes can be kept to one core here. */
export const CAN_PIN = spawnSync('taskset', ['-V']).status === 0

/** A child that answers each message with one, in order. */
class Answering<To extends object, From extends { readonly type: string }> {
  readonly #child: ChildProcess
  readonly #name: string

  /** @param core null: wherever the machine likes */
  constructor(name: string, script: URL, argument: unknown, core: number | null) {
    this.#name = name
    const pinned = core !== null && CAN_PIN
    this.#child = fork(fileURLToPath(script), [JSON.stringify(argument)], pinned ? { execPath: 'taskset', execArgv: ['-c', `${core}`, process.execPath] } : {})
  }

  tell(message: To): void {
    this.#child.send(message)
  }

  /** The next message of a kind. @throws RM_ASSERT when it does not come, or the process ends */
  hear<Kind extends From['type']>(kind: Kind): Promise<Extract<From, { readonly type: Kind }>> {
    return new Promise((resolve, reject) => {
      const child = this.#child
      const end = (): void => {
        clearTimeout(timer)
        child.off('message', heard).off('exit', gone)
      }
      const gone = (code: number | null): void => {
        end()
        reject(new Error(`${this.#name} ended with ${code} instead of saying ${kind}`))
      }
      const heard = (message: unknown): void => {
        if ((message as From).type !== kind) return
        end()
        resolve(message as Extract<From, { readonly type: Kind }>)
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`${this.#name} did not say ${kind} within ${ANSWER_MS} ms`))
      }, ANSWER_MS)
      child.on('message', heard).on('exit', gone)
    })
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

/** The frame server in its own process. */
export class ServerProcess extends Answering<ToServer, FromServer> {
  static async start(shape: ScriptShape, core: number | null = null): Promise<{ readonly server: ServerProcess; readonly port: number }> {
    const server = new ServerProcess('the frame server', new URL('./frame-server.ts', import.meta.url), shape, core)
    const { port } = await server.hear('listening')
    return { server, port }
  }

  rate(framesPerS: number): void {
    this.tell({ type: 'rate', framesPerS })
  }

  /** @returns frames that were sent to a subscriber of everything since the rate was set, and that were due */
  stop(kind: 'stop' | 'finish' = 'stop'): Promise<{ readonly sent: number; readonly due: number }> {
    const stopped = this.hear('stopped')
    this.tell({ type: kind })
    return stopped
  }
}

/** A client of it in its own process. */
export class ClientProcess extends Answering<ToClient, FromClient> {
  static async start(kind: 'ringmaster' | 'ccxt', shape: ClientShape, core: number | null = null): Promise<ClientProcess> {
    const script = kind === 'ringmaster' ? new URL('./ringmaster-client.ts', import.meta.url) : new URL('./ccxt-client.ts', import.meta.url)
    const client = new ClientProcess(kind, script, shape, core)
    await client.hear('ready')
    return client
  }

  usage(): Promise<ClientUsage> {
    const usage = this.hear('usage')
    this.tell({ type: 'usage' })
    return usage
  }

  async tops(levels: number): Promise<ClientTops['tops']> {
    const tops = this.hear('tops')
    this.tell({ type: 'tops', levels })
    return (await tops).tops
  }
}

/** The loop without a network in its own process, pinned to one core where that can be done. */
export class LoopProcess extends Answering<never, FromLoop> {
  static async measure(shape: ScriptShape, core: number): Promise<FromLoop> {
    const loop = new LoopProcess('the loop', new URL('./symbols-loop.ts', import.meta.url), shape, core)
    try {
      return await loop.hear('measured')
    } finally {
      loop.end()
    }
  }
}

/** @throws RM_ASSERT unless both clients have the same levels. */
export function sameTops(what: string, one: ClientTops['tops'], other: ClientTops['tops']): void {
  for (const [symbol, top] of one.entries()) {
    const [a, b] = [JSON.stringify(top), JSON.stringify(other[symbol])]
    if (a !== b) fail('RM_ASSERT', { what: `${what}: both books of symbol ${symbol} are the same, not ${a} and ${b}` })
  }
}
