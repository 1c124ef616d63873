/**
 * The only way out of the engine: sockets and HTTP requests. The real one uses the network, the virtual one an
 * exchange in the same thread; adapters and actors cannot tell.
 */
export interface Transport {
  /** Opens a WebSocket. Handlers run on the caller's thread, never inside this call. */
  socket(url: string, handlers: SocketHandlers): Socket
  /** Sends one HTTP request; `done` runs exactly once, never inside this call. */
  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void
}

export interface SocketHandlers {
  open(): void
  /** One whole frame. The bytes are the handler's only until it returns. */
  message(frame: Uint8Array): void
  /** Runs exactly once, also when the connection could not be made; nothing follows it. */
  close(code: number, reason: string): void
}

export interface Socket {
  /** @returns false when the socket is not open: nothing was sent. */
  send(text: string): boolean
  /** Asks for a clean close; the `close` handler runs. */
  close(): void
  /** Cuts the connection without a word (also a half-dead one); the `close` handler runs. */
  terminate(): void
  /** Stops reading: the peer's window fills up. */
  pause(): void
  resume(): void
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly deadlineMs: number
  /** It does not leave after this: without a connection by then nothing was sent. Absent: until the deadline. */
  readonly leaveMs?: number
}

export type HttpOutcome =
  | { readonly kind: 'response'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  /** `sent: false` only when it is certain that no byte reached the peer (refused connection, for example). */
  | { readonly kind: 'failure'; readonly sent: boolean; readonly reason: string }
