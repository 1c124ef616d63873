import { describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import { alert, alertOf, relayLog, type LogRecord } from '../../src/telemetry/index.ts'
import { createRootLog } from '../../src/telemetry/root/index.ts'
import type { RecoveryReport } from '../../src/trading/index.ts'
import { countedAlerts, processEnded, processGivenUp, recovered, watchdogActed } from '../../workers/alert-events.ts'
import { raised } from './support.ts'

const report = (more: Partial<RecoveryReport> = {}): RecoveryReport => ({
  number: 2, reason: 'audit', requests: [], startedMs: 1, endedMs: 2, outcome: 'agreed', problem: '', epoch: 1, ordersRestored: {}, positionsRestored: {}, fillsBooked: 0, fundingBooked: 0,
  positionsAdopted: [], ordersAdopted: [], hanging: [], frozen: [], balance: '1000', ...more,
})

describe('events that people are alerted to', () => {
  it('a run of recovery: by what it found, silent for an audit that found nothing', () => {
    expect(recovered(report())).toBeNull()
    expect(recovered(report({ number: 1, reason: 'start' }))).toMatchObject({ severity: 'info', title: 'Books and venue agree' })
    expect(recovered(report({ frozen: [{ symbol: 'BTCUSDT', code: 'stranger', why: '3 lots that no order of ours explains' }] }))).toMatchObject({ key: 'frozen', severity: 'critical', text: 'BTCUSDT: stranger, 3 lots that no order of ours explains' })
    expect(recovered(report({ outcome: 'failed', problem: 'no answer' }))).toMatchObject({ key: 'recovery-failed', severity: 'critical', text: 'no answer' })
    expect(recovered(report({ outcome: 'waiting', problem: 'auto is off' }))).toMatchObject({ key: 'recovery-waiting', severity: 'critical' })
    expect(recovered(report({ positionsAdopted: [{ symbol: 'BTCUSDT', fromLots: 0, toLots: 5, why: 'filled while down' }], ordersAdopted: [{ clientId: 'c', venueId: 'v', symbol: 'ETHUSDT' }] }))).toMatchObject({
      severity: 'warning', text: 'BTCUSDT: position from 0 to 5 lots, filled while down\nETHUSDT: order c taken over',
    })
  })

  it('counters that tell of trouble: a strategy left out, a crash, a journal that cannot be written', () => {
    const counts = [
      { actor: 'inference:BTCUSDT', name: 'strategy_failures', label: 'sar_wave_threw', by: 2 },
      { actor: 'features:ETHUSDT', name: 'actor_crashes', label: '', by: 1 },
      { actor: 'execution', name: 'journal_failures', label: '', by: 1 },
      { actor: 'execution', name: 'decisions', label: '', by: 9 },
      { actor: 'execution', name: 'journal_failures', label: '', by: 0 },
    ]
    expect(countedAlerts(counts).map(({ key, severity, title, text }) => [key, severity, title, text])).toEqual([
      ['strategy:sar_wave', 'warning', 'Strategy sar_wave is left out of the vote', 'inference:BTCUSDT: threw'],
      ['crash:features:ETHUSDT', 'warning', 'features:ETHUSDT crashed and is started again', 'its successor goes on at the same record'],
      ['journal', 'critical', 'The journal cannot be written: nothing is opened', 'entries stop until it can; look at the disk'],
    ])
  })

  it('processes and the watchdog', () => {
    const error = new RingmasterError('RM_PROCESS_EXIT', { name: 'engine', pid: 7, how: 'signal SIGKILL' })
    expect(processEnded('engine', error, 'critical')).toMatchObject({ key: 'process:engine', severity: 'critical', text: error.message })
    expect(processGivenUp('archive', error, 'trading goes on')).toMatchObject({ key: 'given-up:archive', severity: 'critical', title: 'The archive process cannot be kept alive: trading goes on' })
    expect(watchdogActed([{ at: 't1', event: 'cancelled', text: '2 entries' }, { at: 't2', event: 'done', text: '' }])).toMatchObject({ severity: 'critical', text: 't1 cancelled: 2 entries\nt2 done: ' })
  })
})

describe('alerts on their way through logs', () => {
  it('reach the root from any thread or process, whatever the level of the log', () => {
    const records: LogRecord[] = []
    const { log } = relayLog((record) => void records.push(structuredClone(record)), { from: 'inference:BTCUSDT', level: 'error', wallMs: () => 5 })
    log('warn', 'an ordinary line')
    const drift = raised({ key: 'model-drift', severity: 'warning', values: { psi: 0.31, limit: 0.25, wrong: { a: 1 } as never } })
    alert(log, drift)
    alert(log, { ...drift, resolved: true })
    expect(records).toHaveLength(2)
    const taken: unknown[] = []
    const shown: string[] = []
    const root = createRootLog({ level: 'error', dir: null, readable: false, color: false, secrets: [], out: (text) => void shown.push(text), wallMs: () => 5, onAlert: (one) => taken.push(one) > 0 })
    for (const record of records) root.accept(record)
    alert(root.log, raised({ severity: 'critical' }))
    const heard = { ...drift, values: { psi: 0.31, limit: 0.25 } }
    expect(taken).toEqual([heard, { ...heard, resolved: true }, raised({ severity: 'critical' })])
    expect(shown).toEqual([])
  })

  it('are ordinary lines where nobody takes them', () => {
    const shown: string[] = []
    const settings = { level: 'info', dir: null, readable: false, color: false, secrets: [], out: (text: string) => void shown.push(text), wallMs: () => 5 } as const
    alert(createRootLog(settings).log, raised({ severity: 'critical', title: 'one' }))
    alert(createRootLog({ ...settings, onAlert: () => false }).log, raised({ title: 'two' }))
    expect(shown.map((line) => (JSON.parse(line) as { level: string; msg: string; alert: { key: string } })).map(({ level, msg, alert: { key } }) => [level, msg, key])).toEqual([['error', 'one', 'k'], ['warn', 'two', 'k']])
  })

  it('are not made of data that only look like one', () => {
    for (const data of [{}, { alert: null }, { alert: 'x' }, { alert: { key: 1, severity: 'info', title: 't', text: 't' } }, { alert: { key: 'k', severity: 'loud', title: 't', text: 't' } }, { alert: { key: 'k', severity: 'info', title: 't' } }]) expect(alertOf(data)).toBeNull()
    expect(alertOf({ alert: { key: 'k', severity: 'info', title: 't', text: 't', values: 'none', resolved: 'yes' } })).toEqual({ key: 'k', severity: 'info', title: 't', text: 't', values: {} })
  })
})
