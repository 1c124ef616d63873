import { describe, expect, it } from 'vitest'
import { Random, VirtualTime } from '../../src/core/index.ts'
import { bybitUrlsAt, createBybitVenue, createOkxVenue, okxUrlsAt, type Venue, type VenueServices } from '../../src/venues/index.ts'
import { BTC, http, INSTRUMENTS, ok } from './okx/okx-world.ts'
import { ProcessTime } from '../../workers/simulation/process-time.ts'
import { FakeTransport } from './fake-transport.ts'

type Make = (services: VenueServices) => Venue

const okx: Make = (services) => createOkxVenue({ ...services, urls: okxUrlsAt('127.0.0.1', 1), credentials: { key: 'k', secret: 's', passphrase: 'p' } })
const bybit: Make = (services) => createBybitVenue({ ...services, urls: bybitUrlsAt('127.0.0.1', 1), credentials: { key: 'k', secret: 's' } })

/** A feed and an account of a venue, each wish for a place written down with its time. */
function world(make: Make, placeOf: (ask: number) => { waitMs: number; granted: boolean }) {
  const time = new VirtualTime(1_700_000_000_000)
  const process = new ProcessTime(time)
  const transport = new FakeTransport(time)
  transport.respond = ({ url }) => (url.includes('/public/instruments') ? ok(INSTRUMENTS) : url.includes('/public/time') ? ok([{ ts: '1700000000000' }]) : http(404, '{}'))
  const asked: string[] = []
  const venue = make({
    transport, clock: process, timers: process, random: new Random(1), count: () => {},
    connectPlace: (url) => {
      asked.push(url)
      return placeOf(asked.length)
    },
  })
  const none = new Proxy({}, { get: () => () => {} }) as never
  venue.feed(BTC).start(none)
  return { transport, asked, stall: (ms: number) => process.stall(ms), run: (ms: number) => time.runUntil(time.nowNs() + ms * 1e6) }
}

describe.each([['bybit', bybit], ['okx', okx]] as const)('connections of %s', (_name, make) => {
  it('take a place before each is made, and are made when it has come', () => {
    const w = world(make, (ask) => ({ waitMs: ask * 300, granted: true }))
    w.run(299)
    expect([w.asked.length > 0, w.transport.sockets.length]).toEqual([true, 0])
    w.run(1500)
    expect(w.transport.sockets.map(({ url }) => url).sort()).toEqual([...w.asked].sort())
  })

  it('ask again as long as they are told to, and are not made meanwhile', () => {
    const w = world(make, (ask) => ({ waitMs: 500, granted: ask > 8 }))
    w.run(999)
    expect([w.asked.length > 1, w.transport.sockets.length]).toEqual([true, 0])
    w.run(10_000)
    expect(w.transport.sockets.length).toBeGreaterThan(0)
  })

  it('F19: take a new place when the process slept through the first', () => {
    const w = world(make, (ask) => ({ waitMs: ask * 300, granted: true }))
    w.run(50)
    const before = w.asked.length
    w.stall(5000)
    w.run(5010)
    expect([before > 0, w.transport.sockets.length]).toEqual([true, 0])
    expect(w.asked.length).toBeGreaterThanOrEqual(2 * before)
    w.run(5000)
    expect(new Set(w.transport.sockets.map(({ url }) => url))).toEqual(new Set(w.asked))
  })
})
