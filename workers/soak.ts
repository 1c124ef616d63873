/** `ringmaster soak`: the whole engine left alone on the generated market; prints what it takes of the machine. */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT, renderTable, type SoakRequest, startProgress } from '../src/cli/index.ts'
import type { HealthSnapshot } from '../src/runtime/health/index.ts'

/** Compilers and caches settle in this time: growth is counted from here. */
const WARM_UP_S = 60
const SAMPLE_S = 5
const START_LIMIT_S = 60
/** Goals: share of one core, and growth of all resident memory per hour beyond which it counts as a leak. */
const CPU_SHARE_MAX = 0.15
const GROWTH_MB_PER_HOUR_MAX = 60

interface Sample {
  readonly atS: number
  readonly cpuS: Readonly<Record<string, number>>
  readonly rssMb: Readonly<Record<string, number>>
}

/** Runs for `minutes` after the warm-up. @returns 0 when both goals are met */
export async function soak({ minutes, json }: SoakRequest): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-soak-'))
  const set = [`data_dir=${join(dir, 'data')}`, `log.dir=${join(dir, 'logs')}`, 'health.port=0', 'exchange.bybit_port=0', 'exchange.okx_port=0', 'database.enabled=false', 'gateway.enabled=false', 'log.level=warn']
  const child = fork(fileURLToPath(new URL('./ringmaster.ts', import.meta.url)), ['run', '--json', ...set.flatMap((one) => ['--set', one])], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the engine was not there after ${START_LIMIT_S} s`)), START_LIMIT_S * 1000)
      child.on('message', (message: { type: string; healthUrl?: string }) => {
        if (message.type !== 'started') return
        clearTimeout(timer)
        resolve(message.healthUrl!)
      })
      child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)))
    })
    const samples = await collect(url, WARM_UP_S + minutes * 60)
    return report(samples, json)
  } finally {
    const ended = new Promise((resolve) => void child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGTERM')) await ended
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function collect(url: string, seconds: number): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const bar = startProgress({ label: 'soak', total: seconds, unit: 's', stream: process.stderr, nowMs: () => performance.now() })
  for (let atS = 0; atS <= seconds; atS += SAMPLE_S) {
    const { processes } = (await (await fetch(`${url}/health`)).json()) as HealthSnapshot
    const known = processes.filter((one) => one.rssBytes !== null && one.cpuSeconds !== null)
    samples.push({ atS, cpuS: Object.fromEntries(known.map((one) => [one.name, one.cpuSeconds!])), rssMb: Object.fromEntries(known.map((one) => [one.name, one.rssBytes! / 1e6])) })
    bar.update(atS)
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_S * 1000))
  }
  bar.stop()
  return samples.filter((sample) => sample.atS >= WARM_UP_S)
}

function report(samples: readonly Sample[], json: boolean): number {
  const first = samples[0]!
  const last = samples.at(-1)!
  const elapsedS = last.atS - first.atS
  const rows = Object.keys(last.cpuS).map((name) => {
    const series = samples.map((sample) => ({ x: sample.atS, y: sample.rssMb[name]! }))
    return { name, share: (last.cpuS[name]! - first.cpuS[name]!) / elapsedS, firstMb: first.rssMb[name]!, lastMb: last.rssMb[name]!, mbPerHour: slope(series) * 3600 }
  })
  const sum = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + pick(row), 0)
  const total = { name: 'all', share: sum((row) => row.share), firstMb: sum((row) => row.firstMb), lastMb: sum((row) => row.lastMb), mbPerHour: sum((row) => row.mbPerHour) }
  const lines = [...rows, total].map((row) => [row.name, `${(row.share * 100).toFixed(1)} %`, row.firstMb.toFixed(0), row.lastMb.toFixed(0), row.mbPerHour.toFixed(1)])
  const passed = total.share < CPU_SHARE_MAX && total.mbPerHour < GROWTH_MB_PER_HOUR_MAX
  if (json) process.stdout.write(`${JSON.stringify({ elapsedS, processes: rows, total, passed })}\n`)
  else {
    process.stdout.write(`${elapsedS} s after ${WARM_UP_S} s of warm-up\n`)
    process.stdout.write(renderTable(['process', 'of one core', 'MB first', 'MB last', 'MB/h trend'], lines))
    process.stdout.write(`goals: below ${CPU_SHARE_MAX * 100} % of one core, trend below ${GROWTH_MB_PER_HOUR_MAX} MB/h: ${passed ? 'met' : 'missed'}\n`)
  }
  return passed ? EXIT.ok : EXIT.failure
}

/** Least-squares slope: single collections of garbage do not decide. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const n = points.length
  const meanX = points.reduce((total, { x }) => total + x, 0) / n
  const meanY = points.reduce((total, { y }) => total + y, 0) / n
  const covariance = points.reduce((total, { x, y }) => total + (x - meanX) * (y - meanY), 0)
  const variance = points.reduce((total, { x }) => total + (x - meanX) ** 2, 0)
  return variance === 0 ? 0 : covariance / variance
}
