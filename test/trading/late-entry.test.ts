import { describe, expect, it } from 'vitest'
import { apply, compileRules, createState, type Decided, type Effect, type Journal, MemoryJournal, openingRecords, type OrderIntended, Pipeline, Readiness, Recorder } from '../../src/trading/index.ts'
import { instruments, settings } from './support/world.ts'

const ID = 'rmtestE1D0S1A0'

/** A pipeline over a journal that takes so long for each write. */
function pipelineOver(writeMs: number): { act: (decided: Decided) => void; effects: Effect[]; state: ReturnType<typeof createState> } {
  const clock = { ns: 10e9, nowNs: () => clock.ns, wallMs: () => 1_700_000_000_000 + clock.ns / 1e6 }
  const rules = compileRules(settings, instruments)
  const state = createState()
  for (const record of openingRecords(rules, state, true, { ns: clock.ns, wallMs: clock.wallMs(), opens: true })) apply(state, record)
  const inner = new MemoryJournal()
  const journal: Journal = {
    length: 0,
    tornBytes: 0,
    replay: () => {},
    append: (records) => {
      inner.append(records)
      clock.ns += writeMs * 1e6
    },
    flush: () => {},
    flushLater: () => {},
    close: () => {},
  }
  const recorder = new Recorder(journal, state, false, () => {})
  const effects: Effect[] = []
  const pipeline = new Pipeline(rules, state, recorder, new Readiness(recorder, () => {}), { clock, count: () => {}, observe: () => {} }, { run: (effect) => void effects.push(effect), takesEntries: () => true, refused: () => {}, tell: () => {} })
  return { act: (decided) => pipeline.act(decided), effects, state }
}

function entry(reduceOnly: boolean): Decided {
  const record: OrderIntended = {
    kind: 'order-intended', atMs: 1, atNs: 10e9, clientId: ID, symbol: 'AAAUSDT', purpose: reduceOnly ? 'exit' : 'entry', positionId: 1, side: 0, type: 'limit', priceTicks: 1000, referenceTicks: 1000, lots: 10,
    timeInForce: 'GTC', reduceOnly, ttlMs: 1000, why: 'a test', trace: 't', decisionSequence: 1, plan: { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'test', regime: 'choppy', atrTicks: null, takeProfit: null, stopLoss: null, trailing: null }, reason: null, terms: null,
  }
  const request = { clientId: ID, symbol: 'AAAUSDT', side: 0, type: 'limit', priceTicks: 1000, lots: 10, timeInForce: 'GTC', reduceOnly } as const
  return { records: [record], effects: [{ kind: 'place', request, receiveNs: 10e9 - 500e6 }], refusal: null, increases: !reduceOnly }
}

describe('F17: an order that waits for the disk', () => {
  const limitMs = settings.entry.decisionAgeMsMax
  it('leaves when its data is still young enough', () => {
    const { act, effects } = pipelineOver(limitMs - 600)
    act(entry(false))
    expect(effects.map((effect) => effect.kind)).toEqual(['place'])
  })

  it('stays here when its data grew too old meanwhile, and the books say that nothing left', () => {
    const { act, effects, state } = pipelineOver(limitMs - 400)
    act(entry(false))
    expect(effects).toEqual([])
    expect(state.orders.get(ID)!.history.at(-1)).toMatchObject({ to: 'Failed', why: expect.stringContaining(`at most ${limitMs} are allowed`) as string })
  })

  it('leaves however late when it only reduces', () => {
    const { act, effects } = pipelineOver(10_000)
    act(entry(true))
    expect(effects.map((effect) => effect.kind)).toEqual(['place'])
  })
})
