import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fail, money, RingmasterError } from '../../src/core/index.ts'
import { plainData, relayLog, type LogRecord } from '../../src/telemetry/index.ts'
import { createRootLog, type RootLogSettings } from '../../src/telemetry/root/index.ts'

const NOON = Date.UTC(2026, 2, 4, 12)
let root = ''
let count = 0
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-log-'))))
afterAll(() => rmSync(root, { recursive: true }))

function openLog(more: Partial<RootLogSettings> = {}) {
  const dir = join(root, String(count++))
  const shown: string[] = []
  const at = { wallMs: NOON }
  const root_ = createRootLog({ level: 'info', dir, readable: false, color: false, secrets: [], out: (text) => void shown.push(text), wallMs: () => at.wallMs, ...more })
  const lines = (file: string): Record<string, unknown>[] => readFileSync(join(dir, file), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  return { ...root_, dir, shown, at, lines, root: root_ }
}

describe('log', () => {
  it('writes every line as JSON to the console and the general file of the day, errors to the error file too', () => {
    const { log, shown, lines, dir, close } = openLog()
    log('info', 'started', { pairs: 3 })
    log.child('features:BTCUSDT')('error', 'broke', { error: new RingmasterError('RM_ASSERT', { what: 'x' }) })
    log('debug', 'too fine')
    close()
    expect(readdirSync(dir).toSorted()).toEqual(['error-2026-03-04.log', 'ringmaster-2026-03-04.log'])
    const general = lines('ringmaster-2026-03-04.log')
    expect(general).toEqual([
      { level: 'info', time: '2026-03-04T12:00:00.000Z', from: 'ringmaster', pairs: 3, msg: 'started' },
      expect.objectContaining({ level: 'error', from: 'features:BTCUSDT', msg: 'broke', error: expect.objectContaining({ code: 'RM_ASSERT', message: 'RM_ASSERT: invariant broken: x' }) as unknown }),
    ])
    expect(lines('error-2026-03-04.log')).toEqual([general[1]])
    expect(shown.map((text) => JSON.parse(text) as unknown)).toEqual(general)
  })

  it('opens new files at midnight UTC and goes on in the same ones after a restart', () => {
    const { root: first, dir, at, lines, shown } = openLog()
    first.log('info', 'before')
    at.wallMs = Date.UTC(2026, 2, 5)
    first.log('info', 'after')
    first.close()
    const second = createRootLog({ level: 'info', dir, readable: false, color: false, secrets: [], out: (text) => void shown.push(text), wallMs: () => at.wallMs })
    second.log('info', 'again')
    second.close()
    expect(lines('ringmaster-2026-03-04.log').map(({ msg }) => msg)).toEqual(['before'])
    expect(lines('ringmaster-2026-03-05.log').map(({ msg }) => msg)).toEqual(['after', 'again'])
  })

  it('lets no secret through: not by name, not by value, at no depth', () => {
    const { log, addSecret, shown, dir, close } = openLog({ secrets: ['hunter2-"quoted"'] })
    addSecret('late-secret')
    log('error', 'signed with hunter2-"quoted"', { headers: { authorization: 'Bearer abcdefgh', 'X-BAPI-API-KEY': 'k-123456', list: [{ apiSecret: 'zzzzzz', note: 'has late-secret inside' }] }, error: new Error('bad hunter2-"quoted"') })
    close()
    const everything = [...shown, ...readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8'))].join('')
    for (const secret of ['hunter2', 'abcdefgh', 'zzzzzz', 'late-secret']) expect(everything).not.toContain(secret)
    expect(everything.split('***').length).toBeGreaterThan(5)
  })

  it('keeps time, actor and level of a relayed record, which survives a structured clone', () => {
    const { root: target, shown } = openLog({ dir: null })
    const sent: LogRecord[] = []
    const relay = relayLog((record) => void sent.push(structuredClone(record)), { from: 'shard-1', level: 'warn', wallMs: () => NOON - 1000 })
    relay.log('info', 'left out')
    relay.log.child('ingest:BTCUSDT')('warn', 'gap', { updateId: 10n, amount: money('1.10'), call: () => 1, token: 't', bytes: new Uint8Array(3), at: new Date(NOON) })
    relay.setLevel('info')
    relay.log('info', 'now heard')
    for (const record of sent) target.accept(record)
    expect(shown.map((text) => JSON.parse(text) as unknown)).toEqual([
      { level: 'warn', time: '2026-03-04T11:59:59.000Z', from: 'ingest:BTCUSDT', updateId: '10', amount: '1.1', call: '[function]', token: '***', bytes: '[Uint8Array of 3 bytes]', at: '2026-03-04T12:00:00.000Z', msg: 'gap' },
      { level: 'info', time: '2026-03-04T11:59:59.000Z', from: 'shard-1', msg: 'now heard' },
    ])
  })

  it('goes on when the parent is gone', () => {
    const relay = relayLog(
      () => {
        throw new Error('channel closed')
      },
      { from: 'x', level: 'info', wallMs: () => NOON },
    )
    expect(() => relay.log('error', 'nobody hears')).not.toThrow()
  })

  it('does not let data replace the time, level or words of a line', () => {
    const { log, shown } = openLog({ dir: null })
    log('info', 'true words', { msg: 'false words', time: 0, level: 'error', from: 'someone else' })
    expect(JSON.parse(shown[0]!)).toMatchObject({ msg: 'true words', level: 'info', from: 'ringmaster', time: '2026-03-04T12:00:00.000Z', msg_: 'false words', from_: 'someone else' })
  })

  it('changes its level while running', () => {
    const { log, setLevel, shown } = openLog({ dir: null })
    setLevel('error')
    log('warn', 'a')
    setLevel('debug')
    log('debug', 'b')
    expect(shown.map((text) => (JSON.parse(text) as { msg: string }).msg)).toEqual(['b'])
  })

  it('writes readable lines for a terminal', () => {
    const { log, shown } = openLog({ dir: null, readable: true })
    log.child('execution')('warn', 'order refused', { clientId: 'rm-1' })
    expect(shown).toHaveLength(1)
    expect(shown[0]).toMatch(/WARN: execution: order refused \{"clientId":"rm-1"\}\n$/)
  })

  it('never throws for a folder that cannot be written: it says so once and counts the lines', () => {
    const blocked = join(root, 'a-file')
    writeFileSync(blocked, '')
    chmodSync(blocked, 0o400)
    const { root: log, shown } = openLog({ dir: join(blocked, 'logs') })
    log.log('info', 'one')
    log.log('info', 'two')
    expect(log.lostLines).toBe(2)
    expect(shown.filter((text) => text.includes('cannot be written'))).toHaveLength(1)
    expect(shown.filter((text) => text.includes('"msg"'))).toHaveLength(2)
  })

  it('turns any data into plain JSON of bounded size', () => {
    const circular: Record<string, unknown> = { name: 'loop' }
    circular['self'] = circular
    expect(plainData({ circular })).toEqual({ circular: { name: 'loop', self: '[circular]' } })
    expect(plainData({ text: 'x'.repeat(10_000), many: Array.from({ length: 1000 }, () => 0), nan: Number.NaN })).toMatchObject({ text: expect.stringMatching(/^x{4096}… \(10000 characters\)$/) as string, nan: 'NaN', many: { length: 100 } })
    const hostile = { toJSON: () => fail('RM_ASSERT', { what: 'x' }) }
    expect(plainData({ hostile, after: 1 })).toEqual({ hostile: '[unreadable]', after: 1 })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true })), (data) => {
        const plain = plainData(data)
        expect(() => structuredClone(plain)).not.toThrow()
        expect(() => JSON.stringify(plain)).not.toThrow()
      }),
      { numRuns: 200 },
    )
  })
})
