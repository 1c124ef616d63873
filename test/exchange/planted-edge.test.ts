import { describe, expect, test } from 'vitest'
import { BUY, Random } from '../../src/core/index.ts'
import { PlantedEdge } from '../../src/exchange/market/generator/planted-edge.ts'

interface Event {
  readonly side: number
  readonly wide: boolean
  readonly move: number
}

/** Every event of so many hours, looked at ten times a second. */
function events(seed: number, hours: number): readonly Event[] {
  const edge = new PlantedEdge(200, new Random(seed, 'edge'))
  const found: Event[] = []
  let side = 0
  let wide = false
  let move = 0
  for (let i = 0; i < hours * 36_000; i++) {
    const { push, spreadTicks, lean } = edge.step(0.1, 100_000)
    if (push === 0 && move !== 0) {
      found.push({ side, wide, move })
      side = move = 0
    }
    if (spreadTicks !== null) wide = spreadTicks > 1
    if (lean !== null) side = lean === BUY ? 1 : -1
    move += push
  }
  return found
}

describe('a planted edge', () => {
  test('moves the price the way that the book leans when quotes are tight, and against it when they are wide', () => {
    const all = events(1, 4)
    expect(all.length).toBeGreaterThan(600)
    for (const { side, wide, move } of all) expect(move).toBeCloseTo(side * (wide ? -1 : 1) * 200, 6)
  })

  test('tells nothing by the spread alone, and by the lean alone no more than the share of tight events', () => {
    const all = events(2, 20)
    const share = (of: (event: Event) => boolean): number => all.reduce((sum, event) => sum + Number(of(event)), 0) / all.length
    const chance = 4 * Math.sqrt(0.25 / all.length)
    expect(Math.abs(share(({ side, move }) => side * move > 0) - 0.65)).toBeLessThan(chance)
    expect(Math.abs(share(({ wide, move }) => wide === move > 0) - 0.5)).toBeLessThan(chance)
  })
})
