import type { Transport } from './transport.ts'

/** What passes through a transport, in the order in which it passes. Connections are counted from 1. */
export interface TransportTap {
  opened(connection: number, url: string): void
  /** The client said something over an open connection. */
  sent(connection: number, text: string): void
  /** A whole frame, before the client sees it. The bytes are the tap's only until it returns. */
  frame(connection: number, bytes: Uint8Array): void
  /** An opened connection ended, by whichever side; before the client hears of it. */
  lost(connection: number, url: string, reason: string): void
  /** A whole answer to a request. */
  answer(url: string, status: number, body: string): void
}

/** A transport that tells all it carries and changes nothing. */
export function tapTransport(inner: Transport, tap: TransportTap): Transport {
  let connections = 0
  return {
    socket(url, handlers) {
      let connection = 0
      const socket = inner.socket(url, {
        open: () => {
          connection = ++connections
          tap.opened(connection, url)
          handlers.open()
        },
        message: (frame) => {
          tap.frame(connection, frame)
          handlers.message(frame)
        },
        close: (code, reason) => {
          if (connection > 0) tap.lost(connection, url, `${code} ${reason}`.trimEnd())
          handlers.close(code, reason)
        },
      })
      return {
        send: (text) => {
          const left = socket.send(text)
          if (left) tap.sent(connection, text)
          return left
        },
        close: () => socket.close(),
        terminate: () => socket.terminate(),
        pause: () => socket.pause(),
        resume: () => socket.resume(),
      }
    },
    request: (request, done) =>
      inner.request(request, (outcome) => {
        if (outcome.kind === 'response') tap.answer(request.url, outcome.status, outcome.body)
        done(outcome)
      }),
  }
}
