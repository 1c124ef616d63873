import type { Row } from '../../workers/simulation/violation.ts'

export interface Edit {
  /** Below the root of the project. */
  readonly file: string
  /** Text that stands there once. */
  readonly find: string
  readonly put: string
}

/** A bug that somebody could make, planted into a run: the simulation must find it. */
export interface Mutant {
  readonly name: string
  /** Rows of which at least one must break. */
  readonly rows: readonly Row[]
  readonly edits: readonly Edit[]
}

const DECIDE = 'src/trading/decide'

export const mutants: readonly Mutant[] = [
  {
    name: 'resend on timeout',
    rows: ['F1'],
    edits: [{
      file: `${DECIDE}/outcome.ts`,
      find: "return decided([{ kind: 'order-unknown', ...stamp, reason: outcome.reason }], [ask])",
      put: "return decided([], [{ kind: 'place', receiveNs: now.ns, request: { clientId, symbol: order.symbol, side: order.side, type: order.type, priceTicks: order.priceTicks, lots: order.lots, timeInForce: 'GTC', reduceOnly: order.reduceOnly } }])",
    }],
  },
  {
    name: 'a lost answer ends the order',
    rows: ['F2', 'F3'],
    edits: [{
      file: `${DECIDE}/outcome.ts`,
      find: "return decided([{ kind: 'order-unknown', ...stamp, reason: outcome.reason }], [ask])",
      put: "return decided([{ kind: 'order-absent', ...stamp, waitedMs: 0 }], [])",
    }],
  },
  {
    name: 'entry beside an order of unknown outcome',
    rows: ['F2'],
    edits: [
      { file: `${DECIDE}/decision.ts`, find: 'if (symbol.live.length > 0) return againstPending(symbol, event, now)', put: '' },
      { file: `${DECIDE}/decision.ts`, find: "if (symbol.position !== null) return refuse('holding')", put: '' },
    ],
  },
  {
    name: '"not found" on a cancel ends the order',
    rows: ['F2', 'F3'],
    edits: [{
      file: `${DECIDE}/outcome.ts`,
      find: "return decided([{ kind: 'cancel-refused', atMs: now.wallMs, atNs: now.ns, clientId, code: outcome.code, text: outcome.text }], [askFor(order, venue.askMs)])",
      put: "return decided([{ kind: 'order-absent', atMs: now.wallMs, atNs: now.ns, clientId, waitedMs: 0 }], [])",
    }],
  },
  {
    name: 'late fills are dropped',
    rows: ['F3', 'F4', 'F6', 'F7', 'F8'],
    edits: [
      { file: 'src/trading/apply-moves.ts', find: 'if (order.ending === -1 || order.filledLots < order.venueFilledLots) return', put: 'if (order.ending === -1) return' },
      {
        file: `${DECIDE}/fill.ts`,
        find: 'if (state.seen.has(fill.executionId) || tally.has(fill.executionId) || fill.timeMs <= state.seen.floorMs) return',
        put: 'const ended = state.orders.get(fill.clientId)\n  if (ended !== undefined && isFinal(ended.state)) return\n  if (state.seen.has(fill.executionId) || tally.has(fill.executionId) || fill.timeMs <= state.seen.floorMs) return',
      },
    ],
  },
  {
    name: 'a fill is booked each time it arrives',
    rows: ['F4'],
    edits: [
      { file: `${DECIDE}/fill.ts`, find: "if (state.seen.has(fill.executionId)) return refuse('repeated')", put: '' },
      { file: `${DECIDE}/fill.ts`, find: 'if (state.seen.has(fill.executionId) || tally.has(fill.executionId) || fill.timeMs <= state.seen.floorMs) return', put: '' },
    ],
  },
  {
    name: 'reconciliation makes up execution ids',
    rows: ['F4', 'F5'],
    edits: [{
      file: 'src/trading/reconcile.ts',
      find: "bookFill(state, fill, 'snapshot', now, tally, records)",
      put: "bookFill(state, { ...fill, executionId: `${fill.executionId}-${now.ns}` }, 'snapshot', now, tally, records)",
    }],
  },
  {
    name: 'a failed position query is a flat position',
    rows: ['F6', 'F7', 'F3'],
    edits: [
      { file: 'src/venues/bybit/snapshot.ts', find: "if (own.length === 0) fail('RM_VENUE_SNAPSHOT', { what: `no position row of ${symbol}` })", put: "if (own.length === 0) return void positions.push({ symbol, signedLots: 0, entryPrice: '', leverage: '' })" },
      { file: 'src/trading/reconcile.ts', find: 'const stood = input.before === null ||', put: 'const stood = true ||' },
    ],
  },
  {
    name: 'a stale snapshot is believed',
    rows: ['F6', 'F7', 'F3'],
    edits: [{ file: 'src/trading/reconcile.ts', find: 'if (symbol !== undefined && symbol.lastFillMs >= input.fillsSinceMs &&', put: 'if (symbol === null &&' }],
  },
  {
    name: 'wrong sign at reconciliation',
    rows: ['F6', 'F7', 'F8'],
    edits: [{ file: 'src/trading/reconcile.ts', find: 'const venueLots = position?.signedLots ?? 0', put: 'const venueLots = -(position?.signedLots ?? 0)' }],
  },
  {
    name: 'no reconciliation at the start',
    rows: ['F7', 'F8', 'F3', 'heal'],
    edits: [{ file: 'src/trading/execution/agreement.ts', find: "if (!this.#waits) return this.reconcile(this.#readiness.everReconciled ? 'link up again' : 'start')", put: 'if (!this.#waits) return this.#readiness.agreed()' }],
  },
  {
    name: 'entries before the reconciliation',
    rows: ['F7'],
    edits: [{ file: 'src/trading/execution/readiness.ts', find: 'this.#linkUp && this.#reconciled && this.#recorder.healthy', put: 'this.#linkUp && this.#recorder.healthy' }],
  },
  {
    name: 'exits are not reduce-only',
    rows: ['F9'],
    edits: [
      { file: `${DECIDE}/exit-order.ts`, find: 'reduceOnly: true,', put: 'reduceOnly: false,' },
      // The last look at an order would keep it here.
      { file: 'src/trading/outbound.ts', find: "  if (closes && !reduceOnly) return 'an exit that is not reduce-only'\n", put: '' },
    ],
  },
  {
    name: 'exits ignore exits that are under way',
    rows: ['F9'],
    edits: [
      { file: `${DECIDE}/exit-order.ts`, find: 'Math.abs(symbol.ledger.signedLots) - closingLots(symbol)', put: 'Math.abs(symbol.ledger.signedLots)' },
      { file: `${DECIDE}/exit.ts`, find: "if (position === null || position.state !== OPEN) return refuse('nothing-to-close')", put: "if (position === null) return refuse('nothing-to-close')" },
      { file: `${DECIDE}/exit.ts`, find: 'position === null || position.state !== OPEN) return NOTHING', put: 'position === null) return NOTHING' },
    ],
  },
  {
    name: 'a frozen symbol trades on',
    rows: ['F12'],
    edits: [{ file: `${DECIDE}/decision.ts`, find: "if (symbol.frozen !== null) return refuse('frozen')", put: '' }],
  },
  {
    name: 'entries while it stops',
    rows: ['F13'],
    edits: [
      { file: 'src/trading/execution/readiness.ts', find: "return this.#phase === 'running' && this.#linkUp", put: 'return this.#linkUp' },
      { file: 'actors/execution.ts', find: " && this.#readiness.phase === 'running'\n  }\n\n  /**\n   * Folds", put: '\n  }\n\n  /**\n   * Folds' },
    ],
  },
  {
    name: 'stopped without waiting for the venue',
    rows: ['F13'],
    edits: [
      { file: 'src/trading/execution/drain.ts', find: 'if (waiting > 0 && nowNs < this.#byNs) return', put: 'if (nowNs < 0) return' },
      { file: 'src/trading/execution/drain.ts', find: 'drained: waiting === 0,', put: 'drained: true,' },
    ],
  },
  {
    name: 'prices of any age are fresh',
    rows: ['F14'],
    edits: [{ file: 'src/market/freshness.ts', find: "if (!(localMs <= price.limitMs && venueMs <= price.limitMs)) return this.#found('stale', ageMs, source)\n    if (!isQuote(tick", put: 'if (!isQuote(tick' }],
  },
  {
    name: 'a book stays valid after a gap',
    rows: ['F15'],
    edits: [{ file: 'src/venues/bybit/continuity.ts', find: "if (book.updateId !== this.lastUpdateId + 1) return 'gap'", put: '' }],
  },
  {
    name: 'stale decisions are taken',
    rows: ['F17'],
    edits: [{ file: `${DECIDE}/decision.ts`, find: "if (now.ns - event.receiveNs > entry.decisionAgeMsMax * 1e6) return refuse('stale-decision')", put: '' }],
  },
  {
    name: 'orders leave however long the disk took',
    rows: ['F16', 'F17'],
    edits: [{ file: 'src/trading/execution/pipeline.ts', find: "increases ? this.#lateness(effects) : ''", put: "''" }],
  },
  {
    name: 'rejects are repeated without a pause',
    rows: ['F19'],
    edits: [{ file: 'src/trading/risk.ts', find: 'if (symbol.rejects === 0) return false', put: 'if (symbol.rejects >= 0) return false' }],
  },
  {
    name: 'the epoch is forgotten in client ids',
    rows: ['F20', 'F16'],
    edits: [{ file: 'src/trading/client-id.ts', find: "E${digits('epoch', parts.epoch)}", put: 'E1' }],
  },
  {
    name: 'a fenced process goes on with exits',
    rows: ['F21'],
    edits: [{ file: 'src/trading/recorder.ts', find: 'if (increases || this.#fenced) return false', put: 'if (increases) return false' }],
  },
  {
    name: 'the fence is not looked at',
    rows: ['F21', 'F16', 'heal'],
    edits: [{ file: 'src/trading/journal/file-journal.ts', find: 'if (!this.#untidy && actual !== this.#end) this.#fenced = true', put: '' }],
  },
  {
    name: 'fees with the wrong sign',
    rows: ['F23', 'heal'],
    edits: [{ file: `${DECIDE}/fill.ts`, find: '    fee: fill.fee,\n    feeCoin', put: '    fee: `-${fill.fee}`,\n    feeCoin' }],
  },
  {
    name: 'confidence that is no number',
    rows: ['F24'],
    edits: [{ file: `${DECIDE}/decision.ts`, find: '!(event.confidence >= 0 && event.confidence <= 1) || ', put: '' }],
  },
  {
    name: 'sizes off the grid',
    rows: ['F24'],
    edits: [{ file: 'src/venues/bybit/order-args.ts', find: '    qty: instrument.lot.format(request.lots),', put: '    qty: `${instrument.lot.format(request.lots)}5`,' }],
  },
  {
    name: 'orders leave before the journal has them',
    rows: ['F25'],
    edits: [
      { file: 'src/trading/execution/pipeline.ts', find: '  act({ records, effects, increases }: Decided): void {\n', put: '  act({ records, effects, increases }: Decided): void {\n    for (const effect of effects) this.#ends.run(effect)\n' },
      { file: 'src/trading/execution/pipeline.ts', find: '    for (let i = 0; i < effects.length; i++) this.#ends.run(effects[i]!)\n', put: '' },
    ],
  },
  {
    name: 'orders leave without waiting for the disk',
    rows: ['F25'],
    edits: [{ file: 'src/trading/recorder.ts', find: 'return !(increases && this.#flushed) || this.#sync()', put: 'return true' }],
  },
  {
    name: 'a stop stays behind when its position is closed',
    rows: ['F10', 'heal'],
    edits: [{ file: `${DECIDE}/protection.ts`, find: "const clear = protection.clearAfterClose && stop.state", put: "const clear = stop === null && stop.state" }],
  },
  {
    name: 'no stop is set after a fill',
    rows: ['F11', 'heal'],
    edits: [
      { file: `${DECIDE}/protection.ts`, find: 'if (!rules.settings.protection.enabled) return {}', put: 'if (rules.settings.protection.enabled) return {}' },
      { file: `${DECIDE}/protection.ts`, find: '  if (!isCovered(symbol)) {\n', put: '  if (!isCovered(symbol)) {\n    if (now.ns >= 0) return null\n' },
    ],
  },
  {
    name: 'nobody is told of a position without a stop',
    rows: ['F11'],
    edits: [
      { file: `${DECIDE}/protection.ts`, find: 'if (nakedMs >= rules.settings.protection.nakedMs && !stop.alarm', put: 'if (nakedMs < 0 && !stop.alarm' },
    ],
  },
  {
    name: 'entries while the kill switch is engaged',
    rows: ['F12'],
    edits: [
      { file: `${DECIDE}/decision.ts`, find: "if (state.kill.engaged !== null) return refuse('kill-switch')", put: '' },
      { file: 'actors/execution.ts', find: 'return !this.#kill.engaged && this', put: 'return this' },
    ],
  },
  {
    name: 'a start forgets the kill switch',
    rows: ['F12'],
    edits: [
      { file: 'src/trading/kill/apply.ts', find: 'if (kill.engaged !== null) kill.engaged = { ...kill.engaged, sinceNs: inThisEpoch(kill.engaged.sinceMs) }', put: 'kill.engaged = null' },
      { file: 'src/trading/kill/kill-switch.ts', find: "if (found === null || (found.id !== ''", put: "if (found === null || found.id !== '' || (found.id !== ''" },
    ],
  },
  {
    name: 'the file of the kill switch is not read',
    rows: ['F12'],
    edits: [{ file: 'src/trading/kill/kill-switch.ts', find: 'const found = store.look()', put: 'const found = store.touched() === null ? null : store.look()' }],
  },
  {
    name: 'a command of the last session leaves in the next',
    rows: ['F16'],
    edits: [{ file: 'src/venues/resilience/session.ts', find: 'this.#value++', put: 'this.#value += 0' }],
  },
  {
    name: 'trades of a stranger close nothing',
    rows: ['F21'],
    edits: [
      { file: `${DECIDE}/fill.ts`, find: "if (note === 'foreign' && symbolState", put: "if (note !== note && symbolState" },
      { file: `${DECIDE}/order.ts`, find: '    if (symbolState(state, seen.symbol).frozen === null)\n      records', put: '    if (state === null)\n      records' },
      { file: 'src/trading/reconcile.ts', find: '(surprise && frozen === null', put: '(surprise && frozen !== null' },
    ],
  },
  {
    name: "the dead-man switch is not armed",
    rows: ['F13'],
    edits: [{ file: 'src/trading/execution/dead-man.ts', find: 'this.#trading.armDeadMan(this.#settings.timeoutMs, (outcome)', put: 'this.#trading.armDeadMan(0, (outcome)' }],
  },
  {
    name: 'the dead-man switch is armed once and not again',
    rows: ['F13'],
    edits: [{ file: 'src/trading/execution/dead-man.ts', find: 'this.#context.timers.every(Math.floor(timeoutMs / 3), () => this.#arm())', put: '{ cancel: () => {} }' }],
  },
  {
    name: 'the dead-man switch is set for another tag than that of entries',
    rows: ['F13'],
    edits: [{ file: 'src/venues/okx/account.ts', find: 'timeOut: String(seconds), tag: ENTRY_TAG', put: "timeOut: String(seconds), tag: 'rmother'" }],
  },
]
