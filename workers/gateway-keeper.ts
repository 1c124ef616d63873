import { randomBytes } from 'node:crypto'
import type { AlertLine, AskKind, RootAsks } from '../src/api/index.ts'
import type { FeedAddress } from '../src/api/link/index.ts'
import { EXIT } from '../src/cli/index.ts'
import type { Clock, Timers } from '../src/core/index.ts'
import { errorLine } from '../src/core/index.ts'
import { type ChildMessage, type ChildStatus, ProcessSupervisor, type RestartLimits } from '../src/runtime/index.ts'
import type { RootLog } from '../src/telemetry/root/index.ts'
import { GATEWAY_ENV, type FromGateway, type GatewaySettings, type ToGateway } from './gateway-messages.ts'
import type { Usage } from './usage.ts'

/** It may read a long journal before it speaks. */
const SILENT_MS = 10_000
const STOP_MS = 3000
/** When it could not be kept alive, or its port is taken: nobody needs it to trade. */
const AGAIN_MS = 30_000
const TOKEN_BYTES = 32
/** Told to a gateway that begins. */
const ALERTS_KEPT = 200

/** How the supervisor answers each question. */
export type RootAnswers = { readonly [Kind in AskKind]: (give: RootAsks[Kind]['give']) => RootAsks[Kind]['get'] | Promise<RootAsks[Kind]['get']> }

export interface GatewayKeeperParts {
  readonly settings: () => Omit<GatewaySettings, 'feedToken'>
  readonly answers: RootAnswers
  readonly clock: Clock
  readonly timers: Timers
  readonly limits: RestartLimits
  readonly root: RootLog
  readonly onUsage: (usage: Usage) => void
  /** It serves; `password` was made just now. */
  readonly onReady: (url: string, password: string | null) => void
}

/** Keeps the gateway process and answers what it asks. What becomes of it changes nothing else. */
export class GatewayKeeper {
  /** Of this run, for the feed of the engine. */
  readonly feedToken = randomBytes(TOKEN_BYTES).toString('base64url')
  readonly #parts: GatewayKeeperParts
  #child: ProcessSupervisor
  readonly #alerts: AlertLine[] = []
  #address: FeedAddress | null = null
  #serves = false
  #error = ''
  #stopping = false

  constructor(parts: GatewayKeeperParts) {
    this.#parts = parts
    this.#child = this.#make()
  }

  get status(): ChildStatus {
    return this.#child.status
  }

  start(): void {
    this.#child.start()
  }

  /** The feed of the engine that runs now listens here. */
  at(address: FeedAddress): void {
    this.#address = address
    this.#tell({ type: 'feed', address })
  }

  /** Also those of before a gateway is told to it when it serves. */
  alert(line: AlertLine): void {
    this.#alerts.push(line)
    if (this.#alerts.length > ALERTS_KEPT) this.#alerts.shift()
    if (this.#serves) this.#tell({ type: 'alert', line })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#child.stop({ type: 'stop' }, STOP_MS)
  }

  #tell(message: ToGateway): void {
    this.#child.send(message as unknown as ChildMessage)
  }

  async #answer<Kind extends AskKind>(id: number, kind: Kind, give: RootAsks[Kind]['give']): Promise<void> {
    try {
      const get = await this.#parts.answers[kind](give)
      if (kind !== 'picture' && kind !== 'metrics') this.#parts.root.log('info', `the gateway asks: ${kind}`, { ...give, answer: get })
      this.#tell({ type: 'answer', id, get, problem: '' })
    } catch (error) {
      this.#tell({ type: 'answer', id, get: null, problem: errorLine(error) })
    }
  }

  #hear(message: FromGateway): void {
    const { root, onUsage, onReady } = this.#parts
    switch (message.type) {
      case 'ask':
        return void this.#answer(message.id, message.kind, message.give as never)
      case 'beat':
        return onUsage(message)
      case 'log':
        return root.accept(message.record)
      case 'failed':
        this.#error = message.error
        return root.log('error', `the gateway does not serve: ${message.error}; trading goes on`)
      case 'ready':
        this.#serves = true
        if (this.#address !== null) this.#tell({ type: 'feed', address: this.#address })
        for (const line of this.#alerts) this.#tell({ type: 'alert', line })
        return onReady(message.url, message.password)
    }
  }

  #make(): ProcessSupervisor {
    const { settings, clock, timers, limits, root } = this.#parts
    return new ProcessSupervisor(
      {
        name: 'gateway',
        entry: new URL('./gateway.ts', import.meta.url),
        env: () => ({ [GATEWAY_ENV]: JSON.stringify({ ...settings(), feedToken: this.feedToken } satisfies GatewaySettings) }),
        silentMs: SILENT_MS,
        fatalCodes: [EXIT.portTaken, EXIT.usage],
        onMessage: (message) => this.#hear(message as unknown as FromGateway),
        onExit: (error) => {
          this.#serves = false
          root.log('warn', 'the gateway process ended and is started again; trading goes on', { error: error.message })
        },
        onGiveUp: (error) => {
          root.log('error', `the gateway is tried again in ${AGAIN_MS / 1000} s; trading goes on: ${this.#error === '' ? error.message : this.#error}`)
          timers.after(AGAIN_MS, () => {
            if (this.#stopping) return
            this.#child = this.#make()
            this.#child.start()
          })
        },
      },
      clock,
      timers,
      limits,
    )
  }
}
