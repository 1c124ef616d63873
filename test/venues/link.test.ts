import { describe, expect, it } from 'vitest'
import { Random, VirtualTime } from '../../src/core/index.ts'
import { Link } from '../../src/venues/link.ts'
import type { Socket, SocketHandlers } from '../../src/venues/index.ts'

function bench() {
  const time = new VirtualTime(1_700_000_000_000)
  const sockets: { readonly atMs: number; readonly handlers: SocketHandlers; terminated: boolean }[] = []
  const transport = {
    socket: (_url: string, handlers: SocketHandlers): Socket => {
      const entry = { atMs: time.nowNs() / 1e6, handlers, terminated: false }
      sockets.push(entry)
      return { send: () => true, close: () => {}, terminate: () => void (entry.terminated = true), pause: () => {}, resume: () => {} }
    },
    request: () => {},
  }
  const lost: string[] = []
  const settings = { openMs: 10_000, pingMs: 20_000, silentMs: 10_000, backoffMinMs: 20_000, backoffMaxMs: 20_000, stableMs: 30_000 }
  const link = new Link({ transport, clock: time, timers: time, random: new Random(1), count: () => {} }, 'test', 'wss://venue.invalid', settings, {
    connecting: () => {}, opened: () => {}, frame: () => {}, lost: (reason) => void lost.push(reason), ping: () => 'ping',
  })
  return { time, sockets, lost, link, run: (ms: number) => time.runUntil(time.nowNs() + ms * 1e6) }
}

describe('a link that is to be made anew', () => {
  it('is cut and waits its turn when there is a connection', () => {
    const b = bench()
    b.link.start()
    b.sockets[0]!.handlers.open()
    b.link.renew('too many fallbacks')
    expect([b.sockets[0]!.terminated, b.lost, b.sockets.length]).toEqual([true, ['too many fallbacks'], 1])
    b.run(20_000)
    expect(b.sockets.length).toBe(2)
  })

  it('connects at once while it waits for its next try, and once only', () => {
    const b = bench()
    b.link.start()
    b.sockets[0]!.handlers.close(1006, 'gone')
    b.run(1000)
    b.link.renew('another symbol is connected again')
    expect(b.sockets.map((socket) => socket.atMs)).toEqual([0, 1000])
    b.sockets[1]!.handlers.open()
    b.run(5000)
    expect([b.sockets.length, b.lost]).toEqual([2, ['closed by the other side: 1006 gone']])
  })

  it('stays down when it was stopped or never started', () => {
    const b = bench()
    b.link.renew('early')
    b.link.start()
    b.link.stop()
    b.link.renew('late')
    b.run(60_000)
    expect(b.sockets.length).toBe(1)
  })
})
