import type { FrontCounters } from './counters.ts'

/** One HTTP request as it came. */
export interface FrontRequest {
  readonly method: string
  readonly path: string
  /** Raw query string without the question mark. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** Address that is counted against the address limit; those without one share a bucket. */
  readonly ip?: string
}

export interface FrontResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The client's end of a connection. */
export interface FrontPeer {
  send(text: string): void
  /** 1006 cuts without a close frame; any other code says goodbye with it. */
  close(code: number, reason: string): void
}

/** One connection as the transport drives it. */
export interface FrontSession {
  receive(text: string): void
  /** The transport lost the connection; nothing is sent any more. */
  closed(): void
}

/** A protocol of the exchange, as a transport serves it. */
export interface ServedFront {
  readonly counters: FrontCounters
  /** One REST request. `done` runs once, later; never when a fault loses the answer. */
  http(request: FrontRequest, done: (response: FrontResponse) => void): void
  /** One request of the control page (`/control/…`); the transport lets only loopback through. */
  control(request: FrontRequest): FrontResponse
  /** Whether there is a stream at this path (query string allowed). */
  hasPath(path: string): boolean
  /** The HTTP status line with which a new connection of this address is turned away now, or null. */
  refused(path: string, ip: string): string | null
  connect(path: string, peer: FrontPeer): FrontSession
  close(): void
}
