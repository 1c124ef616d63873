import { describe, expect, it } from 'vitest'

import { BUY } from '../../../src/core/index.ts'
import { at, Bench, limit, type Frame } from './harness.ts'

const control = (bench: Bench, action: string, body: unknown = {}, headers: Record<string, string> = {}): { status: number; body: Frame } => {
  const answer = bench.front.control({ method: action === 'state' ? 'GET' : 'POST', path: `/control/${action}`, query: '', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { status: answer.status, body: JSON.parse(answer.body) as Frame }
}

describe('the control page', () => {
  it('drops, skips, stalls, loses, delays and refuses on demand', () => {
    const bench = new Bench()
    const topic = 'orderbook.50.BTCUSDT'
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'subscribe', args: [topic] })
    bench.run(1)
    expect(control(bench, 'skip-updates', { topic })).toEqual({ status: 200, body: { ok: true } })
    control(bench, 'lose-replies', { count: 2 })
    control(bench, 'refuse-commands', { code: 10016, command: 'cancel' })
    control(bench, 'delay-replies', { delayMs: 100, command: 'amend' })
    control(bench, 'skew-clock', { ms: -200 })
    control(bench, 'duplicate-pushes')
    expect(at(control(bench, 'state').body, 'faults')).toMatchObject({ skips: { [topic]: 1 }, lostReplies: 2, refusals: 1, delayedReplies: 1, clockSkewMs: -200, duplicatePushes: 1 })
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 1)
    bench.run(30)
    control(bench, 'stall', { topic })
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 2)
    bench.run(30)
    expect(client.on(topic)).toHaveLength(1)
    control(bench, 'resume', { topic })
    bench.run(30)
    expect(client.on(topic)).toHaveLength(2)
    expect(control(bench, 'drop-connections', { connection: 'public' }).body).toEqual({ ok: true, dropped: 1 })
    expect(client.closed).toMatchObject({ code: 1006 })
    control(bench, 'maintenance', { on: true })
    expect(bench.http('POST', '/v5/order/create', { body: limit() }).status).toBe(503)
  })

  it.each([
    ['unknown', {}, 404], ['__proto__', {}, 404], ['lose-replies', { count: -1 }, 400], ['lose-replies', { count: '1' }, 400], ['lose-replies', { command: 'steal' }, 400], ['stall', {}, 400], ['skip-updates', { topic: 5 }, 400],
    ['drop-connections', { connection: 'mine' }, 400], ['skew-clock', { ms: 'x' }, 400], ['delay-replies', '{', 400], ['delay-replies', '[]', 400],
  ])('refuses %s with %j and arms nothing', (action, body, status) => {
    const bench = new Bench()
    const before = bench.front.faults.describe()
    expect(control(bench, action, body).status).toBe(status)
    expect(bench.front.faults.describe()).toEqual(before)
  })

  it('does not listen to browsers', () => {
    const bench = new Bench()
    expect(control(bench, 'maintenance', { on: true }, { origin: 'http://127.0.0.1:8000' }).status).toBe(403)
    expect(control(bench, 'state', '', { 'sec-fetch-site': 'cross-site' }).status).toBe(403)
    expect(bench.front.faults.maintenance).toBe(false)
  })
})
