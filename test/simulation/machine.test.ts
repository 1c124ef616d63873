import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { FileJournal, type TradingRecord } from '../../src/trading/index.ts'
import { MemoryDisk } from '../../workers/simulation/memory-disk.ts'
import { ProcessTime } from '../../workers/simulation/process-time.ts'

const record = (n: number): TradingRecord => ({ kind: 'order-accepted', atMs: n, atNs: n, clientId: `rmtestE1D0S${n}A0`, venueId: `v${n}` })
const PATH = '/journal/trading.journal'

function machine(): { time: VirtualTime; disk: MemoryDisk; open: () => { process: ProcessTime; journal: FileJournal } } {
  const time = new VirtualTime(0)
  const disk = new MemoryDisk(time)
  const open = (): { process: ProcessTime; journal: FileJournal } => {
    const process = new ProcessTime(time)
    return { process, journal: new FileJournal(PATH, disk.handle(process, () => process.kill())) }
  }
  return { time, disk, open }
}

describe('a simulated process', () => {
  it('does nothing any more once it was killed, and never again', () => {
    const time = new VirtualTime(0)
    const process = new ProcessTime(time)
    const ran: string[] = []
    process.after(10, () => void ran.push('timer'))
    process.every(10, () => void ran.push('period'))
    time.runUntil(15e6)
    process.kill()
    process.enter(() => void ran.push('frame'))
    process.leave(() => void ran.push('command'))
    process.after(1, () => void ran.push('late timer'))
    time.runUntil(1e9)
    expect(ran).toEqual(['timer', 'period'])
  })

  it('meets after a stall everything that waited, once and in order, at the end of the stall', () => {
    const time = new VirtualTime(1000)
    const process = new ProcessTime(time)
    const ran: string[] = []
    const say = (what: string) => () => void ran.push(`${what} ${time.nowNs() / 1e6}`)
    process.every(20, say('period'))
    process.after(30, say('timer'))
    process.stall(100)
    time.at(10e6, () => process.enter(say('frame')))
    process.leave(say('sent in the middle of the call'))
    time.runUntil(130e6)
    expect(ran).toEqual(['frame 100', 'period 100', 'timer 100', 'sent in the middle of the call 100', 'period 120'])
    expect(process.wallMs()).toBe(1130)
    process.skewMs = -5000
    expect(process.wallMs()).toBe(-3870)
  })
})

describe('a simulated disk', () => {
  it('leaves after a torn write the records before it, and a tail that opening cuts off', () => {
    const { disk, open } = machine()
    const first = open()
    first.journal.append([record(0)])
    disk.arm('torn', 1)
    first.journal.append([record(1)])
    first.journal.append([record(2)])
    expect(first.process.alive).toBe(false)
    const { journal } = open()
    expect(journal.length).toBe(2)
    expect(journal.tornBytes).toBeGreaterThan(10)
    expect(disk.struck.torn).toBe(1)
  })

  it.each([['before', 1], ['after', 2]] as const)('leaves a crash %s a write %s records', (fault, length) => {
    const { disk, open } = machine()
    const first = open()
    first.journal.append([record(0)])
    disk.arm(fault, 0)
    first.journal.append([record(1)])
    expect(first.process.alive).toBe(false)
    expect(open().journal.length).toBe(length)
  })

  it('loses with the power what was not flushed, and nothing that was', () => {
    const { disk, open } = machine()
    const { journal } = open()
    journal.append([record(0)])
    journal.flush()
    journal.append([record(1), record(2)])
    disk.cutPower(0, false)
    expect(open().journal.length).toBe(1)
    const again = open().journal
    again.append([record(1)])
    disk.cutPower(0.5, true)
    const torn = open().journal
    expect(torn.length).toBe(1)
    expect(torn.tornBytes).toBeGreaterThan(0)
  })

  it('takes nothing while it is full, and everything afterwards', () => {
    const { disk, open } = machine()
    const { journal } = open()
    disk.full = true
    expect(() => journal.append([record(0)])).toThrow(/RM_JOURNAL_WRITE.*ENOSPC/)
    disk.heal()
    journal.append([record(0)])
    expect(open().journal.length).toBe(1)
  })

  it('shows a writer that another one has taken over', () => {
    const { open } = machine()
    const first = open().journal
    open().journal.append([record(0)])
    expect(() => first.append([record(0)])).toThrow(/RM_JOURNAL_FENCED/)
  })
})
