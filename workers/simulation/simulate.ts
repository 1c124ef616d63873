/** `ringmaster simulate`: the whole engine against a hostile world, many times, each from its seed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EXIT, exitCodeOf, renderTable, type SimulateRequest } from '../../src/cli/index.ts'
import { errorLine, fail } from '../../src/core/index.ts'
import { campaign, type CampaignReport, CasePool, type CaseOutcome, hasFailed, isBroken } from './campaign.ts'
import { drawCase, type DrawOptions } from './draw-plan.ts'
import { FAULT_KINDS, type FaultKind } from './fault-kinds.ts'
import { parseCase, type SimulationCase } from './plan.ts'
import { shrink } from './shrink.ts'
import type { SimulationResult } from './simulation.ts'
import { violationLine } from './violation.ts'

const KINDS: ReadonlySet<string> = new Set(FAULT_KINDS)
const SHRINK_TRIES = 200
/** Failing seeds that are told one by one. */
const TOLD_MAX = 20
const FOLDER = 'data/simulations'
const PROGRESS_MS = 1000

type Print = (line: string) => void

/** Plays seeds, or one given plan. @returns 0 when every invariant held, 1 otherwise */
export async function simulateCommand(request: SimulateRequest, print: Print): Promise<number> {
  try {
    const draw = drawOptions(request)
    const pool = new CasePool(request.threads)
    try {
      return request.plan === null ? await playSeeds(request, draw, pool, print) : await playGiven(readCase(request.plan), pool, print)
    } finally {
      await pool.close()
    }
  } catch (error) {
    process.stderr.write(`${errorLine(error)}\n`)
    return exitCodeOf(error)
  }
}

/** @throws RM_USAGE for a kind of fault that there is none of */
function drawOptions({ faults, minutes, venue }: SimulateRequest): DrawOptions {
  const strange = faults.find((kind) => !KINDS.has(kind))
  if (strange !== undefined) fail('RM_USAGE', { what: '--fault', problem: `there is no fault "${strange}"; there are ${FAULT_KINDS.join(', ')}` })
  return { only: faults as readonly FaultKind[], minutes, venue: venue === 'both' ? null : venue }
}

/** @throws RM_SIMULATION_PLAN */
function readCase(path: string): SimulationCase {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return fail('RM_SIMULATION_PLAN', { problem: `${path} cannot be read` }, error)
  }
  return parseCase(text, KINDS)
}

async function playGiven(given: SimulationCase, pool: CasePool, print: Print): Promise<number> {
  const outcome = await pool.given(given)
  tell(outcome, print, true)
  return hasFailed(outcome) ? EXIT.failure : EXIT.ok
}

async function playSeeds(request: SimulateRequest, draw: DrawOptions, pool: CasePool, print: Print): Promise<number> {
  const failed: CaseOutcome[] = []
  const started = performance.now()
  let toldMs = started
  const report = await campaign({ firstSeed: request.seed, seeds: request.seeds, draw, threads: request.threads }, pool, (outcome, done) => {
    if (hasFailed(outcome)) {
      failed.push(outcome)
      if (failed.length <= TOLD_MAX) tell(outcome, print, false)
    }
    if (process.stderr.isTTY && performance.now() - toldMs >= PROGRESS_MS) {
      toldMs = performance.now()
      process.stderr.write(`\r${done}/${request.seeds} seeds, ${((done * 1000) / (toldMs - started)).toFixed(1)} seeds/s, ${failed.length} with violations `)
    }
    return true
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (request.seeds === 1 && failed.length === 0) tell(report.results[0]!, print, true)
  summarise(report, failed.length, pool.threads, print)
  const [first] = failed.toSorted((a, b) => a.seed - b.seed)
  if (first === undefined) return EXIT.ok
  if (request.shrink) await shrunk(drawCase(first.seed, draw), first, pool, print)
  else print(`reproduce: ringmaster simulate --seed ${first.seed} --seeds 1${argumentsOf(draw)}`)
  return EXIT.failure
}

const argumentsOf = ({ only, minutes, venue }: DrawOptions): string => `${minutes === 1 ? '' : ` --minutes ${minutes}`}${venue === null ? '' : ` --venue ${venue}`}${only.length === 0 ? '' : ` --fault ${only.join(' ')}`}`

function tell(outcome: CaseOutcome, print: Print, whole: boolean): void {
  if (isBroken(outcome)) return print(`seed ${outcome.seed} broke: ${outcome.broken}`)
  const { seed, venue, hash, violations, seconds, orders, executions, processes, healedS } = outcome
  print(`seed ${seed} on ${venue}: ${seconds.toFixed(1)} virtual s, ${orders} orders, ${executions} executions, ${processes} processes, healed ${healedS < 0 ? 'never' : `in ${healedS.toFixed(1)} s`}, ${violations.length} violations, sha256 ${hash}`)
  if (whole) print(`  had to judge: ${Object.entries(outcome.judgements).toSorted(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1))).map(([row, count]) => `${row} ${count}`).join(', ')}`)
  for (const one of whole ? violations : violations.slice(0, 3)) print(`  ${violationLine(one)}`)
  if (!whole && violations.length > 3) print(`  and ${violations.length - 3} more`)
}

function summarise(report: CampaignReport, failed: number, threads: number, print: Print): void {
  const rows = new Map<string, number>()
  for (const { violations } of report.results) for (const row of new Set(violations.map((one) => one.row))) rows.set(row, (rows.get(row) ?? 0) + 1)
  const rate = report.seeds / report.wallS
  const counts = Object.entries(report.faults)
  print(renderTable(['fault', 'due', 'struck'], counts.map(([kind, { applied, struck }]) => [kind, String(applied), String(struck)])).trimEnd())
  const each = (of: (one: SimulationResult) => number): string => (report.results.reduce((sum, one) => sum + of(one), 0) / Math.max(1, report.results.length)).toFixed(1)
  print(`a seed has ${each((one) => one.entries)} entries, ${each((one) => one.orders)} orders and stops, ${each((one) => one.executions)} executions, ${each((one) => one.processes)} processes`)
  print(`${report.seeds} seeds in ${report.wallS.toFixed(1)} s, ${rate.toFixed(2)} seeds/s on ${threads} threads; sha256 ${report.hash}`)
  const never = counts.filter(([, { applied, struck }]) => applied > 0 && struck === 0).map(([kind]) => kind)
  if (never.length > 0) print(`never struck: ${never.join(', ')}`)
  const held = report.results.length - report.results.filter((one) => one.violations.length > 0).length
  print(failed === 0 ? `every invariant held in ${held} of ${report.seeds} seeds` : `${failed} of ${report.seeds} seeds failed: ${[...rows].map(([row, count]) => `${row} in ${count}`).join(', ')}${report.broken.length > 0 ? `, ${report.broken.length} broke` : ''}`)
}

/** Finds the smallest plan that fails in the same way, keeps it in a file, and says how to play it. */
async function shrunk(failing: SimulationCase, outcome: CaseOutcome, pool: CasePool, print: Print): Promise<void> {
  const row = isBroken(outcome) ? null : outcome.violations[0]!.row
  const { smallest, tried } = await shrink(
    failing,
    async (smaller) => {
      const again = await pool.given(smaller)
      return row === null ? isBroken(again) : !isBroken(again) && again.violations.some((one) => one.row === row)
    },
    SHRINK_TRIES,
  )
  const path = join(FOLDER, `seed-${failing.seed}.json`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(smallest, null, 1)}\n`)
  print(`smallest plan of seed ${failing.seed} that fails with ${row ?? 'an exception'}: ${smallest.plan.length} of ${failing.plan.length} steps, ${smallest.minutes} minutes (${tried} tries)`)
  for (const step of smallest.plan) print(`  ${(step.atMs / 1000).toFixed(3)} s  ${step.kind} ${JSON.stringify(step.fields)}`)
  print(`reproduce: ringmaster simulate --plan ${path}`)
}
