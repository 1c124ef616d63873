import { describe, expect, it } from 'vitest'
import { at } from '../okx/venue.ts'
import { BothVenue, SYMBOL, VENUES } from './both.ts'

const numbersOf = (frames: readonly string[]): number[] => frames.map((text) => Number(/"(?:u|seqId)":(\d+)/.exec(text)![1]))

describe.each(VENUES)('faults of the wire, on %s', (name) => {
  it('drop as many frames of a kind as were asked for', () => {
    const venue = new BothVenue(name)
    const published: string[] = []
    venue.faults.listenFrames((topic, text) => void (topic === venue.book && published.push(text)))
    const client = venue.listening()
    venue.run(500)
    expect(venue.books(client)).toEqual(published)
    venue.faults.frames.arm('drop', 2, { match: venue.bookMark })
    venue.run(1_000)
    expect(published.filter((text) => !client.texts.includes(text))).toHaveLength(2)
    expect(venue.faults.describe()).toMatchObject({ framesToHit: 0, framesHit: { drop: 2 } })
  })

  it('repeat a frame', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    venue.faults.frames.arm('duplicate', 1, { match: venue.bookMark })
    venue.run(1_000)
    const texts = venue.books(client)
    expect(texts.length - new Set(texts).size).toBe(1)
  })

  it('swap a frame with the next one of its kind', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    venue.faults.frames.arm('reorder', 1, { match: venue.bookMark })
    venue.run(1_000)
    const numbers = numbersOf(venue.books(client)).slice(1)
    const sorted = numbers.toSorted((x, y) => x - y)
    expect(numbers).toEqual([sorted[1], sorted[0], ...sorted.slice(2)])
  })

  it('hold frames back without changing their order', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    venue.faults.frames.arm('delay', 1, { match: venue.bookMark, delayMs: 700 })
    venue.run(600)
    expect(venue.books(client)).toHaveLength(1)
    venue.run(600)
    const numbers = numbersOf(venue.books(client))
    expect(numbers.length).toBeGreaterThan(3)
    expect(numbers).toEqual(numbers.toSorted((x, y) => x - y))
  })

  it.each([0, 1, 17, 90])('cut a frame at character %i and its connection with it', (place) => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    venue.faults.frames.arm('cut', 1, { match: venue.bookMark, at: place })
    venue.run(1_000)
    expect(client.closed?.code).toBe(1006)
    const last = client.texts.at(-1)!
    if (place > 0) {
      expect(last).toHaveLength(place)
      expect(() => JSON.parse(last) as unknown).toThrow(SyntaxError)
    }
    const said = client.texts.length
    venue.run(1_000)
    expect(client.texts).toHaveLength(said)
    expect(venue.front.counters.connectionsOpen).toBe(0)
  })

  it('turn one bit of one character', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    const heard: string[] = []
    venue.faults.listenFrames((topic, text) => void (topic === venue.book && heard.push(text)))
    venue.faults.frames.arm('damage', 1, { match: venue.bookMark, at: 2, bit: 1 })
    venue.run(500)
    const wrong = client.texts.filter((text) => text.includes('[[') && !heard.includes(text)).slice(1)
    expect(wrong).toHaveLength(1)
    const right = heard.find((text) => text.slice(3) === wrong[0]!.slice(3))!
    expect(right.charCodeAt(2) ^ wrong[0]!.charCodeAt(2)).toBe(2)
  })

  it('leave connections half open: nothing comes, nothing is heard, and no end is told, until they work again', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    expect(venue.faults.frames.silence('public', 5_000)).toBe(1)
    const before = client.texts.length
    client.say(name === 'bybit' ? '{"op":"ping"}' : 'ping')
    venue.run(2_000)
    expect(venue.faults.dropConnections('public')).toBe(1)
    venue.run(2_000)
    expect([client.texts.length, client.closed]).toEqual([before, null])
    // Another connection is not touched.
    expect(venue.books(venue.listening()).length).toBeGreaterThan(0)
    venue.run(2_000)
    expect(client.closed?.code).toBe(1006)
  })

  it('drain slowly and in order', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    const quick = venue.listening()
    venue.faults.frames.slow('public', 500, null)
    quick.texts.length = client.texts.length = 0
    venue.run(3_000)
    const slow = client.texts.join('').length
    expect(slow).toBeLessThanOrEqual(2_500)
    // Fast again: what waits is out at once.
    venue.faults.heal()
    venue.run(100)
    const numbers = numbersOf(venue.books(client))
    expect(numbers.length).toBe(venue.books(quick).length)
    expect(numbers.length).toBeGreaterThan(10)
    expect(numbers).toEqual(numbers.toSorted((x, y) => x - y))
  })

  it('refuse connections for a while, shut an address out, and close what a maintenance closes', () => {
    const venue = new BothVenue(name)
    const path = name === 'bybit' ? '/v5/private' : '/ws/v5/private'
    venue.faults.refuseConnections('private', 1_000)
    expect(venue.front.refused(path, '127.0.0.1')).toBe('503 Service Unavailable')
    expect(venue.connect(path).closed?.code).toBe(1013)
    expect(venue.listening().closed).toBeNull()
    venue.run(1_000)
    expect([venue.front.refused(path, '127.0.0.1'), venue.connect(path).closed]).toEqual([null, null])
    venue.faults.banAddress(1_000)
    expect(venue.front.refused(path, '127.0.0.1')).toBe('403 Forbidden')
    expect(venue.openOrders()!.status).toBe(403)
    venue.run(1_000)
    expect(venue.openOrders()).toMatchObject({ status: 200, code: '0' })
  })

  it('announce a maintenance, begin it by closing every connection, and end it', () => {
    const venue = new BothVenue(name)
    const client = venue.listening()
    const status = (): unknown => {
      const row = venue.http('GET', name === 'bybit' ? '/v5/system/status' : '/api/v5/system/status')?.rows[0]
      return row === undefined ? 'not listed' : at(row, 'state')
    }
    expect(venue.faults.planMaintenance(2_000, 3_000)).toBe(name === 'bybit' ? 0 : 1)
    venue.run(10)
    if (name === 'okx') expect(client.frames.at(-1)).toMatchObject({ event: 'notice', code: '64008' })
    expect([status(), client.closed]).toEqual(['scheduled', null])
    venue.run(2_500)
    expect(client.closed?.code).toBe(1012)
    expect([venue.openOrders()!.status, venue.listening().closed?.code]).toEqual([503, 1013])
    venue.faults.window.by = 'code'
    expect(venue.openOrders()).toMatchObject({ status: 200, code: name === 'bybit' ? '10016' : '50001' })
    venue.run(3_000)
    expect([venue.openOrders()!.code, venue.listening().closed, status()]).toEqual(['0', null, name === 'bybit' ? 'completed' : 'not listed'])
  })
})

describe.each(VENUES)('faults of answers, on %s', (name) => {
  it('accept an order and fail the answer, so that it is found later', () => {
    const venue = new BothVenue(name)
    venue.faults.rest.failReplies(1, 'create', 502)
    expect(venue.order()).toMatchObject({ status: 502 })
    expect(venue.openOrders()!.rows).toHaveLength(1)
    expect(venue.order()).toMatchObject({ status: 200, code: '0' })
  })

  it('accept an order and lose its push, or say it twice', () => {
    const venue = new BothVenue(name)
    const client = venue.trading()
    venue.faults.losePushes(1)
    expect(venue.order()!.code).toBe('0')
    venue.run(10)
    expect(venue.pushes(client)).toHaveLength(0)
    venue.faults.duplicatePushes(1)
    venue.order()
    venue.run(10)
    expect(venue.pushes(client)).toHaveLength(2)
    expect(venue.openOrders()!.rows).toHaveLength(2)
  })

  it('refuse as over the limit, with what the venue says then', () => {
    const venue = new BothVenue(name)
    venue.faults.rest.limitRates(2, '')
    expect(venue.order()).toMatchObject(name === 'bybit' ? { status: 200, code: '10006' } : { status: 429, code: '50011' })
    expect(venue.openOrders()).toMatchObject(name === 'bybit' ? { status: 200, code: '10006' } : { status: 429, code: '50011' })
    expect(venue.openOrders()).toMatchObject({ status: 200, code: '0', rows: [] })
    expect(venue.front.counters.rateLimited).toBeGreaterThanOrEqual(1)
  })

  it('refuse a right signature, by REST or on a stream', () => {
    const venue = new BothVenue(name)
    venue.faults.rest.refuseSignIns(1, 'rest')
    expect(venue.openOrders()).toMatchObject(name === 'bybit' ? { code: '10004' } : { status: 401, code: '50113' })
    expect(venue.openOrders()!.code).toBe('0')
    venue.faults.rest.refuseSignIns(1, 'stream')
    const client = venue.trading()
    venue.run(100)
    expect(client.closed?.code).toBe(name === 'bybit' ? 1008 : 4001)
  })

  it('show an empty list, or the first rows only, as if that were all', () => {
    const venue = new BothVenue(name)
    for (let i = 0; i < 5; i++) expect(venue.order()!.code).toBe('0')
    venue.faults.rest.shortenLists(1, 0, name === 'bybit' ? '/order/realtime' : '/orders-pending')
    expect(venue.openOrders()).toMatchObject({ status: 200, code: '0', rows: [] })
    venue.faults.rest.shortenLists(1, 2)
    expect(venue.openOrders()!.rows).toHaveLength(2)
    expect(venue.openOrders()!.rows).toHaveLength(5)
  })

  it('answer queries with the state of some time ago, market and account alike, and the present again after that', () => {
    const venue = new BothVenue(name)
    venue.run(500)
    venue.faults.replica.lag(2_000)
    const old = venue.restBook()
    expect(venue.order()!.code).toBe('0')
    expect(venue.order('market')!.code).toBe('0')
    expect(venue.exchange.orders('main', { open: true })).toHaveLength(1)
    expect([venue.openOrders()!.rows, venue.positions()!.rows]).toEqual([[], []])
    venue.run(1_000)
    expect(venue.restBook()).toEqual(old)
    venue.run(2_500)
    expect(venue.restBook().number).toBeGreaterThan(old.number)
    expect([venue.openOrders()!.rows, venue.positions()!.rows].map((rows) => rows.length)).toEqual([1, 1])
    const behind = venue.exchange.sequence(SYMBOL) - venue.restBook().number
    expect(behind).toBeGreaterThan(0)
    venue.faults.replica.lag(0)
    expect(venue.restBook().number).toBeGreaterThanOrEqual(venue.exchange.sequence(SYMBOL) - 3)
  })

  it('show an order as it was before it was filled, and cancelled ones as open, while the replica lags', () => {
    const venue = new BothVenue(name)
    venue.order()
    venue.order()
    venue.run(100)
    venue.faults.replica.lag(5_000)
    expect(venue.faults.accounts.cancelOrders(SYMBOL)).toBe(2)
    venue.run(100)
    expect(venue.openOrders()!.rows).toHaveLength(2)
    venue.run(6_000)
    expect(venue.openOrders()!.rows).toHaveLength(0)
  })
})

describe.each(VENUES)('what happens to an account by other hands, on %s', (name) => {
  it('fills a part of an order where it rests, once or for the next ones', () => {
    const venue = new BothVenue(name)
    venue.order('rests', 10)
    const lots = venue.exchange.orders('main', { open: true })[0]!.lots
    expect(venue.faults.accounts.fillOrder(30)).toBe(lots * 0.3)
    expect(venue.exchange.orders('main', { open: true })[0]).toMatchObject({ filledLots: lots * 0.3, status: 'PartiallyFilled' })
    expect(venue.exchange.position('main', SYMBOL).signedLots).toBe(lots * 0.3)
    expect(venue.faults.accounts.fillOrder(100)).toBe(lots * 0.7)
    expect(venue.exchange.orders('main', { open: true })).toHaveLength(0)
    expect(venue.faults.accounts.fillOrder(50)).toBe(0)
    venue.faults.accounts.fillNext(1, 50)
    venue.order('rests', 10)
    venue.order('rests', 10)
    venue.run(1)
    expect(venue.exchange.orders('main', { open: true }).map((order) => order.filledLots).toSorted((a, b) => a - b)).toEqual([0, lots * 0.5])
  })

  it('closes a position, and the account hears it on its stream', () => {
    const venue = new BothVenue(name)
    expect(venue.order('market')!.code).toBe('0')
    expect(venue.positions()!.rows).toHaveLength(1)
    const client = venue.trading()
    expect(venue.faults.accounts.closePositions()).toBe(1)
    venue.run(100)
    expect(venue.exchange.position('main', SYMBOL).signedLots).toBe(0)
    expect(venue.pushes(client).length).toBeGreaterThan(0)
    expect(venue.faults.accounts.closePositions()).toBe(0)
  })
})

describe.each(VENUES)('the control page, on %s', (name) => {
  it('lists every action with its fields, and each of them can be asked for with what it needs', () => {
    const venue = new BothVenue(name)
    const { actions } = venue.control('', {}, 'GET').body as { actions: Record<string, { says: string; fields: Record<string, { is: string; needed?: boolean; otherwise?: unknown }> }> }
    expect(Object.keys(actions).length).toBeGreaterThan(25)
    const given: Record<string, unknown> = { topic: venue.book, action: 'drop', bytesPerSecond: 1000, lagMs: 100, ms: 5 }
    for (const [action, { says, fields }] of Object.entries(actions)) {
      expect(says.length).toBeGreaterThan(10)
      const needed = Object.entries(fields).filter(([, field]) => field.needed === true).map(([field]) => field)
      expect(venue.control(action, Object.fromEntries(needed.map((field) => [field, given[field]]))), action).toMatchObject({ status: 200, body: { ok: true } })
      if (needed.length > 0) expect(venue.control(action, {}), action).toMatchObject({ status: 400, body: { code: 'RM_CONTROL_FIELD' } })
      expect(venue.control(action, { nonsense: 1 }), action).toMatchObject({ status: 400, body: { code: 'RM_CONTROL_FIELD' } })
    }
  })

  it('heals everything that it armed', () => {
    const venue = new BothVenue(name)
    const fresh = venue.faults.describe()
    for (const [action, fields] of [
      ['frames', { action: 'drop', count: 5 }], ['lose-replies', {}], ['fail-replies', {}], ['delay-replies', { delayMs: 5 }], ['refuse-commands', {}], ['limit-rates', {}], ['refuse-sign-ins', {}], ['shorten-lists', {}],
      ['lag-replica', { lagMs: 500 }], ['skip-updates', { topic: venue.book }], ['stall', { topic: venue.book }], ['duplicate-pushes', {}], ['lose-pushes', {}], ['fill-next', {}], ['skew-clock', { ms: 5 }], ['step-clock', { ms: -50 }],
      ['refuse-connections', {}], ['ban-address', {}], ['maintenance', { on: true, by: 'code' }],
    ] as const) expect(venue.control(action, fields), action).toMatchObject({ status: 200 })
    expect(venue.faults.describe()).toMatchObject({ framesToHit: 5, banned: true, maintenance: true, replicaLagMs: 500, clockSkewMs: -45, refusedConnections: ['public', 'private', 'trade'] })
    expect(venue.control('heal')).toMatchObject({ status: 200 })
    expect(venue.faults.describe()).toEqual(fresh)
    expect(venue.order()!.code).toBe('0')
  })

  it.each([
    ['frames', { action: 'melt' }], ['frames', { action: 'drop', bit: 7 }], ['slow-drain', { bytesPerSecond: 0 }], ['drop-connections', { code: 5 }], ['fill-order', { percent: 101 }], ['fail-replies', { status: 200 }], ['maintenance', { on: 'yes' }],
    ['lag-replica', { lagMs: -1 }], ['stall', { topic: '' }], ['shorten-lists', { path: 'x'.repeat(201) }],
  ])('refuses %s with %j by a coded answer and arms nothing', (action, fields) => {
    const venue = new BothVenue(name)
    const before = venue.faults.describe()
    expect(venue.control(action, fields)).toMatchObject({ status: 400, body: { code: 'RM_CONTROL_FIELD' } })
    expect(venue.faults.describe()).toEqual(before)
  })

  it('plays a plan, shows it, and heals it for good', () => {
    const venue = new BothVenue(name)
    venue.front.playFaults([{ atMs: 10, action: 'skew-clock', fields: { ms: 7 } }, { atMs: 20, action: 'lose-pushes', fields: {} }, { atMs: 5_000, action: 'skew-clock', fields: { ms: 9 } }])
    venue.run(100)
    expect([venue.faults.clockSkewMs, at(venue.control('state', {}, 'GET').body, 'seeded', 'armed')]).toEqual([7, 2])
    expect(venue.control('plan', {}, 'GET').body).toEqual([{ atMs: 10, action: 'skew-clock', fields: { ms: 7 } }, { atMs: 20, action: 'lose-pushes', fields: {} }])
    venue.control('heal')
    venue.run(10_000)
    expect(venue.faults.clockSkewMs).toBe(0)
  })
})
