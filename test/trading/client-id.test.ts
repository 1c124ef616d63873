import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientId, isOurs, parseClientId, type ClientIdParts } from '../../src/trading/index.ts'

const parts: fc.Arbitrary<ClientIdParts> = fc.record({
  account: fc.stringMatching(/^[a-z0-9]{1,4}$/),
  epoch: fc.integer({ min: 0, max: 1_679_615 }),
  intent: fc.oneof(
    fc.record({ kind: fc.constant('decision' as const), symbolIndex: fc.integer({ min: 0, max: 127 }), sequence: fc.maxSafeInteger().map(Math.abs) }),
    fc.record({ kind: fc.constant('exit' as const), positionId: fc.integer({ min: 0, max: 2 ** 31 }), n: fc.integer({ min: 0, max: 46_655 }) }),
  ),
  attempt: fc.integer({ min: 0, max: 1295 }),
})

describe('client order ids (EX-11, F20)', () => {
  it('fits the shortest rule of the venues and can be read back', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const id = clientId(given)
        expect(id).toMatch(/^rm[A-Za-z0-9]{1,30}$/)
        expect(parseClientId(id)).toEqual(given)
        expect(isOurs(id, given.account)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('is injective: two intents never share an id', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(clientId(a) === clientId(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 500 },
    )
    // Neighbours that a careless concatenation would join: 1|11 and 11|1.
    const at = (symbolIndex: number, sequence: number, epoch = 1) => clientId({ account: 'a', epoch, intent: { kind: 'decision', symbolIndex, sequence }, attempt: 0 })
    expect(new Set([at(1, 11), at(11, 1), at(1, 1, 11), at(11, 11)]).size).toBe(4)
  })

  it.each(['', 'rm', 'abc', 'rmtestE1D0S1', 'rmtestE01D0S1A0', 'rmtestE1D0S1A0 ', 'RMTESTE1D0S1A0', 'rmtoolongE1D0S1A0', 'x'.repeat(64), 'rmtestE1D0SzzzzzzzzzzzzA0'])('takes "%s" for nobody of ours', (id) => {
    expect(parseClientId(id)).toBeNull()
    expect(isOurs(id, 'test')).toBe(false)
  })

  it('does not take the id of another account for its own', () => {
    const id = clientId({ account: 'one', epoch: 1, intent: { kind: 'exit', positionId: 1, n: 0 }, attempt: 0 })
    expect(isOurs(id, 'two')).toBe(false)
  })

  it.each([
    [{ account: 'UPPER' }, 'account'],
    [{ epoch: -1 }, 'epoch'],
    [{ epoch: 1.5 }, 'epoch'],
    [{ attempt: Number.NaN }, 'attempt'],
    [{ intent: { kind: 'decision' as const, symbolIndex: 0, sequence: 2 ** 53 } }, 'sequence'],
    [{ account: 'long', epoch: 2 ** 53 - 1, intent: { kind: 'decision' as const, symbolIndex: 2 ** 53 - 1, sequence: 2 ** 53 - 1 } }, 'longer than 32'],
  ])('refuses to make an id of %j', (change, words) => {
    expect(() => clientId({ account: 'main', epoch: 1, intent: { kind: 'exit', positionId: 1, n: 0 }, attempt: 0, ...change })).toThrow(words)
  })
})
