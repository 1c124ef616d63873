import type { AlertLine, AnswerMessage, AskMessage, BotConfig } from '../src/api/index.ts'
import type { FeedAddress } from '../src/api/link/index.ts'
import type { Config } from '../src/config/index.ts'
import type { LogRecord } from '../src/telemetry/index.ts'
import type { Usage } from './usage.ts'
import type { VenueChoice } from './venue.ts'

/** Environment variable that carries `GatewaySettings` as JSON. */
export const GATEWAY_ENV = 'RINGMASTER_INTERNAL_GATEWAY'

/** What of the configuration the gateway needs; no key of a venue is in it. */
export type GatewayConfig = Pick<Config, 'gateway' | 'mode' | 'venue' | 'trading_pairs' | 'data_dir' | 'book_depth' | 'order_executor' | 'protection' | 'resilience' | 'model' | 'health'>

/** What the gateway process is started with. */
export interface GatewaySettings {
  readonly config: GatewayConfig
  readonly version: string
  readonly journal: string
  readonly logLevel: Config['log']['level']
  /** The configuration for people, masked. */
  readonly shown: BotConfig['settings']
  readonly modelFolder: string
  readonly modelRole: 'decides' | 'validates'
  /** Where public market data are asked for; the key is left out. */
  readonly venue: VenueChoice
  /** Of the control page of the built-in exchange; null but in paper mode. */
  readonly exchangePort: number | null
  readonly originNs: string
  readonly feedToken: string
}

/** Root supervisor → gateway. */
export type ToGateway = AnswerMessage | { readonly type: 'feed'; readonly address: FeedAddress } | { readonly type: 'alert'; readonly line: AlertLine } | { readonly type: 'stop' }

/** Gateway → root supervisor. */
export type FromGateway =
  | AskMessage
  | ({ readonly type: 'beat' } & Usage)
  | { readonly type: 'log'; readonly record: LogRecord }
  /** `password`: made just now, to be shown once. */
  | { readonly type: 'ready'; readonly url: string; readonly password: string | null }
  /** It cannot serve, and another start of the same kind cannot help. */
  | { readonly type: 'failed'; readonly error: string }
