import { fail } from '../../core/index.ts'
import { STRATEGY_NAMES } from '../../memory/index.ts'
import type { Invariants, MlStatus, ModelDrift, StrategiesStatus } from '../contract/index.ts'
import type { RootPicture } from '../command/index.ts'
import type { Desk, FaultPanel } from '../desk/index.ts'
import type { ModelsHealth } from '../../runtime/health/index.ts'
import { audited, type Handlers, taken } from './handler.ts'

const rate = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

function strategiesStatus({ strategies }: RootPicture, { decisions }: Desk): StrategiesStatus {
  const { counts, votes, sinceMs } = decisions
  const { consensus, single, model, conflicts, blocked, entries } = counts
  return {
    strategies: strategies.map(({ name, enabled, weight, parameters, outcome }) => ({
      name: name as StrategiesStatus['strategies'][number]['name'],
      enabled,
      weight,
      parameters: parameters.map((one) => ({ ...one, changed: one.value !== one.configured })),
      outcome: outcome === null ? null : { trades: outcome.trades, wins: outcome.wins, net: outcome.net },
      votes: { ...votes[STRATEGY_NAMES.indexOf(name as (typeof STRATEGY_NAMES)[number])]! },
    })),
    consensus: { decisions: counts.decisions, consensus, single, model, conflicts, blocked, consensusRate: rate(consensus, entries), sinceMs },
  }
}

/** What the actors say of their models. */
function modelHealth(models: ModelsHealth | null): Pick<MlStatus, 'refused' | 'drift' | 'shadow'> {
  if (models === null) return { refused: null, drift: null, shadow: null }
  const { error, drift, shadow } = models
  return {
    refused: error,
    drift: drift === null ? null : { severity: drift.severity as ModelDrift['severity'], recommendation: drift.recommendation, features: drift.features, worst: drift.worst.map((one) => ({ ...one })), predictionPsi: drift.predictions, accuracy: drift.accuracy, testAccuracy: drift.testAccuracy },
    shadow: shadow === null ? null : { ...shadow },
  }
}

/** What must hold whatever is broken, and whether it does. */
function invariantsOf({ snapshot }: RootPicture, { books }: Desk): Invariants {
  const bare = snapshot.symbols.filter(({ position }) => position?.stop.alarm === true).map(({ symbol }) => symbol)
  const held = [...books.state.symbols.values()].filter(({ ledger }) => ledger.signedLots !== 0)
  const differing = held.filter(({ symbol, ledger }) => {
    const shown = snapshot.symbols.find((one) => one.symbol === symbol)
    return shown !== undefined && (shown.position === null || (shown.position.side === 'long') !== ledger.signedLots > 0)
  })
  const frozen = [...books.state.symbols.values()].flatMap(({ symbol, frozen: why }) => (why === null ? [] : [`${symbol}: ${why.why}`]))
  const unknown = [...books.state.symbols.values()].flatMap(({ live }) => live.filter((order) => order.unknown !== '').map((order) => order.clientId))
  const { refusedTransitions, exposure } = books.state
  const most = snapshot.risk?.limits.find(({ name }) => name === 'max_open_positions')?.value
  const row = (name: string, holds: boolean, found: string): Invariants['items'][number] => ({ name, holds, found })
  return {
    items: [
      row('no position is held without a stop or an exit', bare.length === 0, bare.join(', ') || `${held.length} positions`),
      row('the journal and the cells of execution tell the same positions', differing.length === 0, differing.map(({ symbol }) => symbol).join(', ') || 'the same'),
      row('no order changed its state against the table', refusedTransitions === 0, `${refusedTransitions} transitions refused`),
      row('no order is without an outcome', unknown.length === 0, unknown.join(', ') || 'none'),
      row('no symbol is frozen', frozen.length === 0, frozen.join('; ') || 'none'),
      row('no more positions than the limit', most === undefined || exposure.positions <= Number(most), `${exposure.positions} of ${most ?? 'not told'}`),
    ],
  }
}

/** Models, strategies, recovery, breakers; and the breaking of things, in paper mode. */
export function engineRoutes(desk: Desk): Handlers<'mlStatus' | 'models' | 'activateModel' | 'strategiesStatus' | 'setStrategy' | 'recoveryStatus' | 'recoveryTrigger' | 'breakers' | 'resetBreaker' | 'faults' | 'armFault' | 'killActor' | 'invariants'> {
  const { root, line, facts, models, decisions } = desk
  const panel = (): FaultPanel => desk.faults ?? fail('RM_API_PAPER_ONLY', { what: 'the fault panel' })
  const paper = (what: string): void => void (facts.mode === 'paper' || fail('RM_API_PAPER_ONLY', { what }))
  return {
    async mlStatus() {
      const { modelRuns, modelAgrees, entries, withoutModel } = decisions.counts
      const picture = await root.get().catch(() => root.last)
      return {
        active: models.list().active,
        folder: facts.modelFolder,
        role: facts.modelRole,
        decisions: decisions.counts.decisions,
        runs: modelRuns,
        fallbackRate: rate(withoutModel, entries),
        agreementRate: rate(modelAgrees, modelRuns),
        inferenceNs: picture?.snapshot.latencyNs['model_run'] ?? null,
        sinceMs: decisions.sinceMs,
        ...modelHealth(picture?.snapshot.models ?? null),
      }
    },
    models: () => models.list(),
    activateModel: ({ params, body }, call) => audited(desk, call, 'activate-model', params.version, body.why, async () => ({ version: params.version, inForce: await models.activate(params.version, { who: call.user, why: body.why }) })),
    strategiesStatus: async () => strategiesStatus(await root.get(), desk),
    setStrategy: ({ params, body }, call) =>
      audited(desk, call, 'set-strategy', `${params.strategy} ${params.setting} = ${String(body.value)}`, body.why, async () => {
        const problem = await line.ask('set-strategy', { user: call.user, why: body.why, strategy: params.strategy, setting: params.setting, value: String(body.value) })
        return problem === null ? { accepted: true } : fail('RM_API_REFUSED', { what: `${params.strategy} ${params.setting}`, reason: problem })
      }),
    async recoveryStatus() {
      const { snapshot, recovery } = await root.get()
      const plain = (rows: readonly object[]): Record<string, unknown>[] => rows.map((row) => ({ ...row }))
      return {
        running: snapshot.actors.some(({ kind, state }) => kind === 'execution' && state !== 'ready'),
        ready: snapshot.ready,
        last: recovery === null ? null : { reason: recovery.reason, outcome: recovery.outcome, epoch: recovery.epoch, requests: [...recovery.requests], hanging: plain(recovery.hanging), frozen: plain(recovery.frozen), report: { ...recovery } },
      }
    },
    recoveryTrigger: ({ body }, call) =>
      audited(desk, call, 'recover', '', body.why, async () => {
        const answer = await line.ask('recover', { user: call.user, why: `${call.user}: ${body.why}` })
        return answer.kind === 'accepted' ? { accepted: true, request: answer.request } : fail('RM_API_REFUSED', { what: 'recovery', reason: answer.reason })
      }),
    async breakers() {
      const { way } = (await root.get()).snapshot
      return way === null ? fail('RM_API_ENGINE_AWAY', { what: 'the breakers', reason: 'execution has not told of them yet' }) : { ...way, groups: [...way.groups] }
    },
    resetBreaker: ({ params, body }, call) => audited(desk, call, 'reset-breaker', params.group, body.why, async () => taken(await line.ask('reset-breaker', { user: call.user, why: body.why, group: params.group }), 'breaker', params.group)),
    faults: () => panel().list(),
    armFault: ({ params, body }, call) => {
      const faults = panel()
      return audited(desk, call, 'arm-fault', `${params.action} ${JSON.stringify(body.fields)}`, body.why, async () => ({ accepted: true as const, answer: await faults.arm(params.action, body.fields) }))
    },
    killActor: ({ params, body }, call) => {
      paper('breaking actors')
      return audited(desk, call, 'kill-actor', `${params.id} ${body.fault}`, body.why, async () => taken(await line.ask('plant', { user: call.user, why: body.why, id: params.id, fault: body.fault }), 'actor', params.id))
    },
    async invariants() {
      paper('the list of invariants')
      return invariantsOf(await root.get(), desk)
    },
  }
}
