import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, problemLine, type Config } from '../config/index.ts'
import { errorLine } from '../core/index.ts'
import { EXIT } from './exit-codes.ts'

export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it; empty when all is well. */
  readonly remedy: string
}

export interface Check {
  readonly name: string
  run(): Finding | Promise<Finding>
}

const ok = (name: string, detail: string): Finding => ({ name, status: 'ok', detail, remedy: '' })
const warn = (name: string, detail: string, remedy: string): Finding => ({ name, status: 'warn', detail, remedy })
const bad = (name: string, detail: string, remedy: string): Finding => ({ name, status: 'fail', detail, remedy })

const PACKAGE_DIR = join(import.meta.dirname, '../..')
const GB = 1024 ** 3
const INDENT = ' '.repeat(21)

/** Whether this machine is fit to run the engine. @param load gives the configuration, or throws what is wrong with it */
export function doctorChecks(load: () => Config): Check[] {
  let config: Config | null = null
  const machine: Check[] = [
    { name: 'node', run: checkNode },
    { name: 'platform', run: checkPlatform },
    { name: 'cores', run: () => checkCores(availableParallelism()) },
    { name: 'memory', run: () => checkMemory(totalmem(), freeMemory()) },
    { name: 'shared memory', run: checkSharedMemory },
    { name: 'clock', run: checkClock },
    { name: 'onnx runtime', run: checkOnnx },
    {
      name: 'configuration',
      run() {
        config = load()
        return ok('configuration', `${config.mode} on ${config.venue}, ${config.trading_pairs.join(' ')}`)
      },
    },
  ]
  const configured: readonly (readonly [string, (name: string, known: Config) => Finding | Promise<Finding>])[] = [
    ['data folder', (name, { data_dir: dir }) => checkFolder(name, dir, 'data_dir')],
    ['log folder', (name, { log }) => checkFolder(name, log.dir, 'log.dir')],
    ['disk', (_name, { data_dir: dir }) => checkDisk(dir)],
    ['health port', (name, { health }) => checkPort(name, health.host, health.port, 'health.port')],
    ['exchange port', (name, { exchange }) => checkPort(name, '127.0.0.1', exchange.bybit_port, 'exchange.bybit_port')],
    ['OKX port', (name, { exchange }) => checkPort(name, '127.0.0.1', exchange.okx_port, 'exchange.okx_port')],
  ]
  const withConfig = ([name, run]: (typeof configured)[number]): Check => ({
    name,
    run: () => (config === null ? warn(name, 'not checked', 'mend the configuration first') : run(name, config)),
  })
  return [...machine, ...configured.map(withConfig)]
}

/** Runs the checks one after the other; one that throws is a failed one. */
export async function runDoctor(checks: readonly Check[], print: (text: string) => void): Promise<number> {
  let failed = 0
  for (const check of checks) {
    const finding = await outcome(check)
    if (finding.status === 'fail') failed += 1
    print(`${finding.status.padEnd(5)} ${finding.name.padEnd(14)} ${finding.detail}\n${finding.remedy === '' ? '' : `${INDENT}${finding.remedy}\n`}`)
  }
  print(failed === 0 ? 'fit to run\n' : `${failed} of ${checks.length} checks failed\n`)
  return failed === 0 ? EXIT.ok : EXIT.unhealthy
}

async function outcome(check: Check): Promise<Finding> {
  try {
    return await check.run()
  } catch (error) {
    if (error instanceof ConfigError) return bad(check.name, `${error.problems.length} problem(s)`, error.problems.map(problemLine).join(`\n${INDENT}`))
    return bad(check.name, `cannot be checked: ${errorLine(error)}`, '')
  }
}

function checkNode(): Finding {
  const { optionalDependencies } = JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> }
  const pinned = Object.entries(optionalDependencies).find(([name]) => name.endsWith(`${process.platform}-${process.arch}`))?.[1]
  const running = process.versions.node
  if (Number(running.split('.')[0]) < 24) return bad('node', `v${running} cannot run TypeScript as it is`, 'start through npm or make: they use the pinned Node of node_modules/.bin')
  if (pinned === undefined) return warn('node', `v${running}; none is pinned for this platform`, 'Node 24 or newer is needed')
  return running === pinned ? ok('node', `v${running}, the pinned one`) : warn('node', `v${running}; v${pinned} is pinned and tested`, 'start through npm or make, or run node_modules/.bin/node')
}

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64']

function checkPlatform(): Finding {
  const platform = `${process.platform}-${process.arch}`
  return PLATFORMS.includes(platform) ? ok('platform', platform) : warn('platform', `${platform} is not tested`, `tested: ${PLATFORMS.join(', ')}`)
}

export function checkCores(cores: number): Finding {
  if (cores >= 2) return ok('cores', String(cores))
  return warn('cores', `${cores}: shards, execution and supervisor share it`, 'two or more keep latency low')
}

const freeMemory = (): number => (typeof process.availableMemory === 'function' ? process.availableMemory() : freemem())

export function checkMemory(totalBytes: number, freeBytes: number): Finding {
  const detail = `${(freeBytes / GB).toFixed(1)} GB free of ${(totalBytes / GB).toFixed(1)} GB`
  if (freeBytes < 0.5 * GB) return bad('memory', detail, 'half a gigabyte has to be free')
  return freeBytes < GB ? warn('memory', detail, 'one gigabyte or more should be free') : ok('memory', detail)
}

async function checkSharedMemory(): Promise<Finding> {
  const words = new Int32Array(new SharedArrayBuffer(64))
  const wait = Atomics.waitAsync(words, 0, 0, 2000)
  Atomics.store(words, 0, 1)
  Atomics.notify(words, 0)
  const woken = wait.async ? await wait.value : wait.value
  return woken === 'ok' ? ok('shared memory', 'SharedArrayBuffer and Atomics.waitAsync work') : bad('shared memory', `Atomics.waitAsync answered "${woken}"`, 'run the pinned Node')
}

const EARLIEST_MS = Date.UTC(2025, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)
const CLOCK_PROBE_MS = 200
const CLOCK_SLIP_MS = 50

async function checkClock(): Promise<Finding> {
  const wallMs = Date.now()
  const monotonicMs = performance.now()
  await sleep(CLOCK_PROBE_MS)
  return judgeClock(wallMs, Date.now() - wallMs - (performance.now() - monotonicMs))
}

/** @param slipMs what the wall clock gained on the monotonic one while it was watched */
export function judgeClock(wallMs: number, slipMs: number): Finding {
  const now = new Date(wallMs).toISOString()
  if (wallMs < EARLIEST_MS || wallMs > LATEST_MS) return bad('clock', `it says ${now}`, 'set the clock: venues refuse requests with a wrong time')
  if (Math.abs(slipMs) > CLOCK_SLIP_MS) return warn('clock', `it moved by ${Math.round(slipMs)} ms within ${CLOCK_PROBE_MS} ms`, 'is it being set right now? keep it in step with a time service')
  return ok('clock', `${now}, steady`)
}

function checkFolder(name: string, dir: string, setting: string): Finding {
  const probe = join(dir, `.ringmaster-probe-${process.pid}`)
  try {
    const made = mkdirSync(dir, { recursive: true })
    writeFileSync(probe, 'probe')
    rmSync(probe)
    if (made !== undefined) removeEmpty(dir, made)
    return ok(name, `${resolve(dir)} is writable`)
  } catch (error) {
    return bad(name, (error as Error).message, `make it writable, or set ${setting}`)
  }
}

/** Takes back folders that the check made, up to `top`; one that is in use by now stays. */
function removeEmpty(dir: string, top: string): void {
  try {
    for (let at = resolve(dir); at.startsWith(resolve(top)); at = dirname(at)) rmdirSync(at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
}

function checkDisk(dir: string): Finding {
  let at = resolve(dir)
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  const { bavail, bsize } = statfsSync(at)
  return judgeDisk(bavail * bsize, at)
}

export function judgeDisk(freeBytes: number, dir: string): Finding {
  const detail = `${(freeBytes / GB).toFixed(1)} GB free at ${dir}`
  if (freeBytes < 0.2 * GB) return bad('disk', detail, 'the journal must be able to grow: free some space, or set data_dir')
  return freeBytes < 2 * GB ? warn('disk', detail, 'journal and logs grow by up to a gigabyte a day') : ok('disk', detail)
}

export function checkPort(name: string, host: string, port: number, setting: string): Promise<Finding> {
  if (port === 0) return Promise.resolve(ok(name, 'any free one'))
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      done(bad(name, error.code === 'EADDRINUSE' ? `${host}:${port} is taken` : `${host}:${port}: ${error.message}`, `stop what listens there (an engine that already runs?), or set ${setting}`)),
    )
    server.listen(port, host, () => server.close(() => done(ok(name, `${host}:${port} is free`))))
  })
}

const ONNX_DEADLINE_MS = 20_000
const ONNX_PROBE = "const { InferenceSession } = await import('onnxruntime-node'); process.exit(typeof InferenceSession.create === 'function' ? 0 : 9)"

/** In a process of its own: a native library that aborts must not take the doctor with it. */
function checkOnnx(): Promise<Finding> {
  const name = 'onnx runtime'
  const remedy = 'install again (make clean, then make run); without it the strategies decide alone'
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', ONNX_PROBE], { cwd: PACKAGE_DIR, stdio: ['ignore', 'ignore', 'pipe'], timeout: ONNX_DEADLINE_MS })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (complaint += text.slice(0, 2000)))
    child.on('error', (error) => done(bad(name, error.message, remedy)))
    child.on('close', (code, signal) => {
      const why = complaint.split('\n').find((line) => line.includes('Error')) ?? (signal === null ? `exit code ${code}` : `signal ${signal}: it crashed, or took longer than ${ONNX_DEADLINE_MS / 1000} s`)
      done(code === 0 ? ok(name, 'loads') : bad(name, why.trim(), remedy))
    })
  })
}
