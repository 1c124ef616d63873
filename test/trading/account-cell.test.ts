import { describe, expect, it } from 'vitest'
import { RegistryMemory } from '../../src/market/index.ts'
import { cellSink } from '../../src/trading/index.ts'
import type { VenueWallet } from '../../src/venues/index.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { settings, SYMBOLS, World } from './support/world.ts'

/** What the venue itself calls available is another number: unrealised profit counts in it. */
const wallet = (balance: string, marginUsed: string): VenueWallet => ({ balance, equity: '5000', marginUsed, marginAvailable: '4321' })

function bench() {
  const registry = RegistryMemory.create(SYMBOLS.length)
  const world = new World(3, NO_FAULTS)
  let now = wallet('1000.1', '0.3')
  const snapshot = world.venue.snapshot.bind(world.venue)
  world.venue.snapshot = (sinceMs) => ({ ...snapshot(sinceMs), wallet: now })
  world.start(true, -1, 'after-append', { views: cellSink(SYMBOLS.map((_symbol, index) => registry.positionView(index)), registry.accountView()) })
  const reader = registry.readAccount()
  return {
    world,
    holds: (next: VenueWallet) => void (now = next),
    cell: () => {
      expect(reader.read()).toBe(true)
      const { balance, marginUsed, marginAvailable, marginTotal, updatedNs } = reader.value
      return { numbers: [balance, marginUsed, marginAvailable, marginTotal], updatedNs }
    },
  }
}

describe('MD-11: the account in the registry', () => {
  it('is written at the start, with the first reconciliation: available = balance − used, total = balance, exactly', () => {
    const b = bench()
    expect(b.cell()).toEqual({ numbers: [0, 0, 0, 0], updatedNs: 0 })
    b.world.run(400)
    expect(b.cell().numbers).toEqual([1000.1, 0.3, 999.8, 1000.1])
    expect(b.cell().updatedNs).toBeGreaterThan(0)
  })

  it('is written on every update of the private stream', () => {
    const b = bench()
    b.world.run(400)
    for (const [balance, used, available] of [['990', '12.5', 977.5], ['991.00000001', '0', 991.00000001]] as const) {
      b.world.run(7)
      b.world.life.connection.push((handler) => handler.onWallet(wallet(balance, used)))
      b.world.run(100)
      expect(b.cell().numbers).toEqual([Number(balance), Number(used), available, Number(balance)])
    }
  })

  it('is written at every reconciliation: by the clock, after a link that was lost, and by command', () => {
    const b = bench()
    b.world.run(400)
    b.holds(wallet('800', '1'))
    b.world.run(settings.reconcile.auditMs + 500)
    expect(b.cell().numbers).toEqual([800, 1, 799, 800])
    b.holds(wallet('700', '2'))
    b.world.life.actor.onMessage({ type: 'reconcile', why: 'test' })
    b.world.run(300)
    expect(b.cell().numbers).toEqual([700, 2, 698, 700])
    b.holds(wallet('600', '3'))
    b.world.life.connection.drop()
    b.world.run(1500)
    expect(b.cell().numbers).toEqual([600, 3, 597, 600])
  })
})
