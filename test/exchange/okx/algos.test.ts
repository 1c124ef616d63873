import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { at, BTC, type Client, market, order, Venue, type Frame } from './venue.ts'

const PLACE = '/api/v5/trade/order-algo'
const sCode = (answer: Frame): unknown => at(answer, 'data', 0, 'sCode')
const algoId = (answer: Frame): string => at(answer, 'data', 0, 'algoId') as string
const trigger = (venue: Venue, more: Frame = {}): Frame => ({ instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'trigger', sz: '1', triggerPx: venue.price('sell', 30), orderPx: '-1', triggerPxType: 'last', ...more })

/** Nothing moves but what the test moves. */
function still(): { venue: Venue; orders: Client; algos: Client } {
  const venue = new Venue({ rate: 0.001 })
  return { venue, orders: venue.privately({ channel: 'orders', instType: 'SWAP' }), algos: venue.loggedIn('business', 'key-1', { channel: 'orders-algo', instType: 'SWAP' }) }
}

const states = (client: Client, id: string): unknown[] => client.rows('orders-algo').filter((row) => row['algoId'] === id).map((row) => row['state'])
const pending = (venue: Venue, ordType: string): Frame[] => venue.get('/api/v5/trade/orders-algo-pending', `ordType=${ordType}`)['data'] as Frame[]
const history = (venue: Venue, ordType: string, state: string): Frame[] => venue.get('/api/v5/trade/orders-algo-history', `ordType=${ordType}&state=${state}`)['data'] as Frame[]

describe('a trigger order', () => {
  it('waits as an algo order, is no order before it fires, and then one with an id of its own that names it', () => {
    const { algos, orders, venue } = still()
    const placed = venue.post(PLACE, trigger(venue, { algoClOrdId: 'alg1', tag: 'bot' }))
    expect(placed).toMatchObject({ code: '0', data: [{ algoClOrdId: 'alg1', clOrdId: '', tag: 'bot', sCode: '0' }] })
    const id = algoId(placed)
    expect(pending(venue, 'trigger')).toMatchObject([{ algoId: id, algoClOrdId: 'alg1', state: 'live', triggerPx: venue.price('sell', 30), ordPx: '-1', triggerPxType: 'last', side: 'buy', sz: '1', ordId: '' }])
    expect(venue.get('/api/v5/trade/orders-pending')['data']).toEqual([])
    venue.sweep('buy', 60)
    venue.run(10)
    expect(states(algos, id)).toEqual(['live', 'effective'])
    const fired = algos.rows('orders-algo').at(-1)!
    expect(fired['ordId']).toMatch(/^\d{19}$/)
    expect(fired['ordId']).not.toBe(id)
    expect(orders.rows('orders').findLast((row) => row['ordId'] === fired['ordId'])).toMatchObject({ algoId: id, algoClOrdId: 'alg1', clOrdId: '', source: '6', ordType: 'market', state: 'filled', tag: 'bot' })
    expect(orders.rows('orders').find((row) => row['algoId'] === id)!['state']).toBe('live')
    expect(history(venue, 'trigger', 'effective')).toMatchObject([{ algoId: id, ordId: fired['ordId'], ordIdList: [fired['ordId']], actualSz: '1' }])
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&ordId=${String(fired['ordId'])}`), 'data', 0)).toMatchObject({ algoId: id, state: 'filled' })
    expect(at(venue.get(PLACE, 'algoClOrdId=alg1'), 'data', 0, 'state')).toBe('effective')
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(10)
    expect(venue.defects).toEqual([])
  })

  it('is amended and cancelled under its id or name, and cannot be once it is gone', () => {
    const { algos, venue } = still()
    const id = algoId(venue.post(PLACE, trigger(venue, { algoClOrdId: 'alg1', orderPx: venue.price('sell', 40) })))
    expect(venue.post('/api/v5/trade/amend-algos', { instId: BTC, algoClOrdId: 'alg1', newTriggerPx: venue.price('sell', 90), newSz: '2', reqId: 'r1' })).toMatchObject({ code: '0', data: [{ algoId: id, reqId: 'r1', sCode: '0' }] })
    expect(pending(venue, 'trigger')).toMatchObject([{ triggerPx: venue.price('sell', 90), sz: '2' }])
    expect(sCode(venue.post('/api/v5/trade/amend-algos', { instId: BTC, algoId: id }))).toBe('51500')
    expect(venue.post('/api/v5/trade/cancel-algos', [{ instId: BTC, algoId: id }, { instId: BTC, algoId: '1' }])).toMatchObject({ code: '2', data: [{ algoId: id, sCode: '0' }, { sCode: '51400' }] })
    expect(sCode(venue.post('/api/v5/trade/cancel-algos', [{ instId: BTC, algoId: id }]))).toBe('51400')
    expect(sCode(venue.post('/api/v5/trade/amend-algos', { instId: BTC, algoId: id, newSz: '3' }))).toBe('51503')
    venue.run(10)
    expect(states(algos, id)).toEqual(['live', 'live', 'canceled'])
    expect(algos.rows('orders-algo')[1]).toMatchObject({ reqId: 'r1', amendResult: '0', sz: '2' })
    expect(history(venue, 'trigger', 'canceled')).toMatchObject([{ algoId: id }])
  })

  it('fails when the margin is not there as it fires', () => {
    const { algos, orders, venue } = still()
    const id = algoId(venue.post(PLACE, trigger(venue, { sz: '9000' })))
    venue.sweep('buy', 60)
    venue.run(10)
    expect(states(algos, id).at(-1)).toBe('order_failed')
    expect(history(venue, 'trigger', 'order_failed')).toMatchObject([{ algoId: id, failCode: '51008', ordId: '' }])
    expect(orders.rows('orders').filter((row) => row['state'] === 'filled')).toEqual([])
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
  })

  it('waits on through a dead man\'s switch, and a restart', () => {
    const { venue } = still()
    const id = algoId(venue.post(PLACE, trigger(venue, { algoClOrdId: 'kept', triggerPx: venue.price('sell', 9_000) })))
    venue.post('/api/v5/trade/order', order(venue))
    venue.post('/api/v5/trade/cancel-all-after', { timeOut: '10' })
    venue.run(11_000)
    expect(venue.exchange.orders('main', { open: true })).toEqual([])
    venue.exchange.stop()
    const after = new Venue({ rate: 0.001, lines: venue.ledger.lines, startMs: venue.time.wallMs() + 1_000 })
    expect(pending(after, 'trigger')).toMatchObject([{ algoId: id, algoClOrdId: 'kept', state: 'live' }])
    expect(sCode(after.post(PLACE, trigger(after, { algoClOrdId: 'kept' })))).toBe('51065')
    expect(sCode(after.post('/api/v5/trade/cancel-algos', [{ instId: BTC, algoId: id }]))).toBe('0')
    expect(sCode(after.post(PLACE, trigger(after, { algoClOrdId: 'kept' })))).toBe('0')
  })
})

describe('take profit and stop loss', () => {
  const oco = (venue: Venue, more: Frame = {}): Frame => ({
    instId: BTC, tdMode: 'cross', side: 'sell', ordType: 'oco', sz: '2', reduceOnly: true, tpTriggerPx: venue.price('sell', 30), tpOrdPx: '-1', slTriggerPx: venue.price('buy', -30), slOrdPx: '-1', ...more,
  })

  it('as a pair are one algo order: the half that fires ends the other', () => {
    const { algos, orders, venue } = still()
    venue.post('/api/v5/trade/order', market({ sz: '2' }))
    const id = algoId(venue.post(PLACE, oco(venue, { algoClOrdId: 'pair' })))
    expect(pending(venue, 'oco')).toMatchObject([{ algoId: id, tpTriggerPx: venue.price('sell', 30), slTriggerPx: venue.price('buy', -30), tpOrdPx: '-1', slOrdPx: '-1', reduceOnly: 'true' }])
    venue.sweep('sell', 60)
    venue.run(10)
    expect(states(algos, id)).toEqual(['live', 'effective'])
    expect(algos.rows('orders-algo').at(-1)).toMatchObject({ actualSide: 'sl', algoClOrdId: 'pair' })
    expect(orders.rows('orders').at(-1)).toMatchObject({ algoId: id, source: '7', state: 'filled', accFillSz: '2' })
    expect([pending(venue, 'oco,conditional'), history(venue, 'oco', 'effective').length]).toEqual([[], 1])
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
  })

  it('as a pair are cancelled as one', () => {
    const { algos, venue } = still()
    venue.post('/api/v5/trade/order', market({ sz: '2' }))
    const id = algoId(venue.post(PLACE, oco(venue)))
    expect(sCode(venue.post('/api/v5/trade/cancel-algos', [{ instId: BTC, algoId: id }]))).toBe('0')
    venue.run(10)
    expect(states(algos, id)).toEqual(['live', 'canceled'])
    expect(venue.exchange.orders('main', { conditional: true, open: true })).toEqual([])
  })

  it.each<[string, Frame, string]>([
    ['a sale with its take profit below', { tpTriggerPx: '1' }, '51279'],
    ['a sale with its stop loss above', { slTriggerPx: '900000' }, '51280'],
    ['a buy with its take profit above', { side: 'buy', tpTriggerPx: '900000', slTriggerPx: '900001' }, '51277'],
    ['a buy with its stop loss below', { side: 'buy', tpTriggerPx: '1', slTriggerPx: '2' }, '51278'],
    ['half of a pair', { slTriggerPx: '' }, '50014'],
    ['no price of the order', { tpOrdPx: '' }, '50014'],
    ['another price to look at', { tpTriggerPxType: 'mid' }, '51000'],
    ['a part of the position', { closeFraction: '0.5', sz: '' }, '51000'],
    ['size and fraction at once', { closeFraction: '1' }, '51000'],
    ['a size off the lot', { sz: '0.05' }, '51121'],
    ['another type', { ordType: 'iceberg' }, '51000'],
    ['a name with a dash', { algoClOrdId: 'a-b' }, '51000'],
    ['isolated margin', { tdMode: 'isolated' }, '51000'],
    ['an unknown instrument', { instId: 'NO-USDT-SWAP' }, '51001'],
  ])('are refused (%s) by their own code, and nothing of them is there', (_name, change, code) => {
    const { algos, venue } = still()
    venue.post('/api/v5/trade/order', market({ sz: '2' }))
    const answer = venue.post(PLACE, { ...oco(venue), ...change })
    expect([answer['code'], sCode(answer), algoId(answer)]).toEqual(['1', code, ''])
    venue.run(10)
    expect([venue.exchange.orders('main', { conditional: true }), algos.rows('orders-algo'), venue.defects]).toEqual([[], [], []])
  })

  it('of the whole position close what there is when they fire', () => {
    const { venue } = still()
    venue.post('/api/v5/trade/order', market({ sz: '2' }))
    expect(sCode(venue.post(PLACE, { instId: BTC, tdMode: 'cross', side: 'sell', ordType: 'conditional', closeFraction: '1', reduceOnly: true, slTriggerPx: venue.price('buy', -30), slOrdPx: '-1' }))).toBe('0')
    expect(pending(venue, 'conditional')).toMatchObject([{ closeFraction: '1', sz: '' }])
    venue.post('/api/v5/trade/order', market({ sz: '3' }))
    venue.sweep('sell', 60)
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
  })

  it('that came with an order wait for its fill, keep their names, and go with the position', () => {
    const { algos, orders, venue } = still()
    const tp = venue.price('sell', 9_000)
    const sl = venue.price('buy', -9_000)
    const attachAlgoOrds = [{ attachAlgoClOrdId: 'mytp', tpTriggerPx: tp, tpOrdPx: '-1' }, { attachAlgoClOrdId: 'mysl', slTriggerPx: sl, slOrdPx: '-1', slTriggerPxType: 'mark' }]
    venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'resting', attachAlgoOrds }))
    expect(at(venue.get('/api/v5/trade/orders-pending'), 'data', 0, 'attachAlgoOrds')).toMatchObject([{ attachAlgoClOrdId: 'mytp', tpTriggerPx: tp, tpOrdPx: '-1', slTriggerPx: '' }, { attachAlgoClOrdId: 'mysl', slTriggerPx: sl, slTriggerPxType: 'mark' }])
    expect(pending(venue, 'oco,conditional')).toEqual([])
    venue.post('/api/v5/trade/order', market({ clOrdId: 'taken', attachAlgoOrds }))
    const [waiting] = pending(venue, 'oco')
    expect(waiting).toMatchObject({ state: 'live', tpTriggerPx: tp, slTriggerPx: sl, slTriggerPxType: 'mark', sz: '1', side: 'sell' })
    expect(['mytp', 'mysl']).toContain(waiting!['algoClOrdId'])
    venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross' })
    venue.run(10)
    expect(states(algos, waiting!['algoId'] as string).at(-1)).toBe('canceled')
    expect(pending(venue, 'oco')).toEqual([])
    expect(orders.rows('orders').some((row) => row['clOrdId'] === 'taken' && row['state'] === 'filled')).toBe(true)
  })
})

describe('a trailing stop', () => {
  it('follows the price at its distance and fires when it turns', () => {
    const { algos, orders, venue } = still()
    venue.post('/api/v5/trade/order', market({ sz: '1' }))
    const placed = venue.post(PLACE, { instId: BTC, tdMode: 'cross', side: 'sell', ordType: 'move_order_stop', sz: '1', reduceOnly: true, callbackSpread: '2' })
    expect(placed['code']).toBe('0')
    const id = algoId(placed)
    const [first] = pending(venue, 'move_order_stop')
    venue.sweep('buy', 40)
    const [second] = pending(venue, 'move_order_stop')
    expect(Number(second!['moveTriggerPx'])).toBeGreaterThan(Number(first!['moveTriggerPx']))
    venue.sweep('sell', 90)
    venue.run(10)
    expect(states(algos, id).at(-1)).toBe('effective')
    expect(orders.rows('orders').at(-1)).toMatchObject({ algoId: id, source: '25', state: 'filled' })
  })

  it.each<[string, Frame]>([['no distance', {}], ['two distances', { callbackSpread: '1', callbackRatio: '0.01' }], ['a ratio of nothing', { callbackRatio: '0' }], ['a ratio above one', { callbackRatio: '1.5' }], ['a distance off the tick', { callbackSpread: '0.05' }]])('with %s is refused', (_name, change) => {
    const { venue } = still()
    const answer = venue.post(PLACE, { instId: BTC, tdMode: 'cross', side: 'sell', ordType: 'move_order_stop', sz: '1', ...change })
    expect(answer['code']).toBe('1')
    expect(venue.exchange.orders('main', { conditional: true })).toEqual([])
  })
})

describe('algo orders under any sequence of commands', () => {
  it('are in exactly one list, say their last state on the stream, and never leave half a pair behind', () => {
    const action = fc.record({ kind: fc.constantFrom('oco', 'trigger', 'conditional', 'cancel', 'amend', 'up', 'down', 'buy', 'flat'), pick: fc.nat(20), far: fc.integer({ min: 20, max: 300 }) })
    fc.assert(fc.property(fc.array(action, { minLength: 4, maxLength: 18 }), (actions) => {
      const { algos, venue } = still()
      const bookStands = (): boolean => venue.exchange.summary('BTCUSDT').bidLots > 0 && venue.exchange.summary('BTCUSDT').askLots > 0
      const ids: string[] = []
      const keep = (answer: Frame): void => void (sCode(answer) === '0' && ids.push(algoId(answer)))
      for (const { far, kind, pick } of actions) {
        if (!bookStands()) break
        const id = ids[pick % Math.max(1, ids.length)] ?? '1'
        if (kind === 'trigger') keep(venue.post(PLACE, trigger(venue, { triggerPx: venue.price('sell', far) })))
        else if (kind === 'oco' || kind === 'conditional') keep(venue.post(PLACE, { instId: BTC, tdMode: 'cross', side: 'sell', ordType: kind, sz: '1', tpTriggerPx: kind === 'oco' ? venue.price('sell', far) : '', tpOrdPx: '-1', slTriggerPx: venue.price('buy', -far), slOrdPx: '-1' }))
        else if (kind === 'cancel') venue.post('/api/v5/trade/cancel-algos', [{ instId: BTC, algoId: id }])
        else if (kind === 'amend') venue.post('/api/v5/trade/amend-algos', { instId: BTC, algoId: id, newSz: '2' })
        else if (kind === 'buy') venue.post('/api/v5/trade/order', market())
        else if (kind === 'flat') venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross' })
        else venue.sweep(kind === 'up' ? 'buy' : 'sell', far)
        venue.run(2_100)
      }
      const listed = new Map([...pending(venue, 'oco,trigger,conditional'), ...['effective', 'canceled', 'order_failed'].flatMap((state) => history(venue, 'oco,trigger,conditional', state))].map((row) => [row['algoId'] as string, row['state']]))
      expect([...listed.keys()].toSorted()).toEqual(ids.toSorted())
      for (const id of ids) expect(states(algos, id).at(-1)).toBe(listed.get(id))
      const waiting = venue.exchange.orders('main', { conditional: true, open: true })
      const halves = pending(venue, 'oco,trigger,conditional').reduce((sum, row) => sum + (row['ordType'] === 'oco' ? 2 : 1), 0)
      expect(waiting).toHaveLength(halves)
      expect(venue.defects).toEqual([])
    }), { numRuns: 15 })
  })
})
