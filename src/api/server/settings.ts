export type Say = (level: 'debug' | 'info' | 'warn' | 'error', words: string, data?: Readonly<Record<string, unknown>>) => void

/** How the gateway serves. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  /** Other origins whose pages may call. */
  readonly corsOrigins: readonly string[]
  readonly callsPerMinute: number
  readonly socketsMax: number
  /** Folder of the built dashboard; where there is none, its page says how to build it. */
  readonly dashboard: string
  readonly say: Say
}
