import type { ActorId } from '../core/index.ts'
import type { ActorMessage, LogLevel } from './actor.ts'
import type { Fault } from './actor-slot.ts'
import type { ActorState } from './actor-table.ts'
import type { RiskHealth } from './health/snapshot.ts'
import type { DeadLetter } from './lives.ts'

/** Engine main → worker thread. */
export type ToThread =
  | { readonly type: 'restart'; readonly id: ActorId; readonly reason: string }
  | { readonly type: 'suspend'; readonly id: ActorId }
  | { readonly type: 'send'; readonly id: ActorId; readonly message: ActorMessage }
  | { readonly type: 'plant'; readonly id: ActorId; readonly fault: Fault }
  | { readonly type: 'stop' }

/** Worker thread → engine main. */
export type FromThread =
  | { readonly type: 'up' }
  | { readonly type: 'log'; readonly id: ActorId; readonly level: LogLevel; readonly message: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly type: 'counts'; readonly counts: readonly CountDelta[] }
  | { readonly type: 'status'; readonly id: ActorId; readonly state: ActorState; readonly note: string }
  | { readonly type: 'dead-letter'; readonly letter: DeadLetter }
  | { readonly type: 'checkpoint'; readonly id: ActorId; readonly checkpoint: unknown }
  | { readonly type: 'escalate'; readonly id: ActorId; readonly error: string }
  | { readonly type: 'restarted'; readonly id: ActorId }
  | { readonly type: 'risk'; readonly risk: RiskHealth }
  | { readonly type: 'report'; readonly id: ActorId; readonly report: unknown }
  | { readonly type: 'stopped' }

/** What a counter grew by since the last message. */
export interface CountDelta {
  readonly actor: ActorId
  readonly name: string
  readonly label: string
  readonly by: number
}
