import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VirtualTime } from '../../../src/core/index.ts'
import { defaultContracts, Exchange, FileLedger, generatedMarket } from '../../../src/exchange/index.ts'

/** Lets the child trade until it told of `lines` executions and three fired triggers, kills it, and gives what it said. */
function killedAfter(ledger: string, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-exchange.ts'), ledger], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    let complaints = ''
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString()
      if (said.split('\n').length > lines && said.split('fired ').length > 3) child.kill('SIGKILL')
    })
    child.stderr.on('data', (data: Buffer) => { complaints += data.toString() })
    child.on('error', reject)
    child.on('close', (code, signal) => (signal === 'SIGKILL' ? resolve(said.split('\n').filter((line) => /^(fired )?[0-9a-f-]{36} \d+$/.test(line))) : reject(new Error(`exchange ended with ${code}: ${complaints}`))))
  })
}

describe('an exchange killed with SIGKILL', () => {
  let folder = ''
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'exchange-killed-')) })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has every execution and every fired trigger that anybody heard of in its ledger, life after life, and gives no id twice', async () => {
    const path = join(folder, 'ledger')
    const told: string[] = []
    for (const lines of [40, 90]) told.push(...(await killedAfter(path, lines)))
    const fired = told.filter((line) => line.startsWith('fired '))
    const heard = told.filter((line) => !line.startsWith('fired '))
    expect(told.length).toBeGreaterThanOrEqual(130)
    expect(fired.length).toBeGreaterThanOrEqual(6)
    expect(new Set(heard.map((line) => line.split(' ')[0])).size).toBe(heard.length)
    const time = new VirtualTime(1_700_000_000_000)
    const exchange = new Exchange({ clock: time, timers: time, markets: [generatedMarket({ contract: defaultContracts[2], seed: 1, startTicks: 6000, historyMin: 10 })], ledger: new FileLedger(path), startingBalance: '100000', defaultLeverage: '10' })
    const rows = exchange.executions('alice', {})
    const kept = new Map(rows.map((row) => [row.executionId, row.lots]))
    for (const line of heard) {
      const [id, lots] = line.split(' ')
      expect(kept.get(id), line).toBe(Number(lots))
    }
    expect(kept.size).toBe(rows.length)
    for (const line of fired) expect(exchange.findOrder('alice', { orderId: line.split(' ')[1]! })?.trigger?.triggeredMs, line).toBeGreaterThan(0)
    expect(rows.reduce((sum, row) => sum + (row.side === 0 ? row.lots : -row.lots), 0)).toBe(exchange.position('alice', 'XRPUSDT').signedLots)
    exchange.stop()
  })
})
