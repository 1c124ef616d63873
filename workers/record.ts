/** `ringmaster record`: the public data of a venue, written as it comes. */
import { EXIT, exitCodeOf, type RecordRequest } from '../src/cli/index.ts'
import { errorLine, fail, Random, SystemClock, SystemTimers, systemOriginNs, type Timer } from '../src/core/index.ts'
import { BYBIT_URLS, bybitUrlsAt, NodeTransport, OKX_URLS, okxUrlsAt } from '../src/venues/index.ts'
import { type RecordedVenue, Recorder } from './recorder.ts'

const MINUTE_MS = 60_000
const WATCH_MS = 200

/** Records until the time is up or the process is told to stop. @returns the exit code */
export async function record(request: RecordRequest, print: (line: string) => void): Promise<number> {
  const timers = new SystemTimers()
  const transport = new NodeTransport()
  const running: Timer[] = []
  try {
    const recorder = new Recorder({
      venue: venueOf(request), symbols: request.symbols, dir: request.out, packing: request.compress, rotateBytes: request.rotateBytes, rotateMs: request.rotateMinutes === null ? null : request.rotateMinutes * MINUTE_MS,
      transport, clock: new SystemClock(systemOriginNs()), timers, random: new Random(process.pid, 'recorder'), count: () => {}, tell: print,
    })
    await recorder.recover()
    const reason = await new Promise<string>((resolve, reject) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
      if (request.minutes !== null) running.push(timers.after(request.minutes * MINUTE_MS, () => resolve('time is up')))
      running.push(timers.every(WATCH_MS, () => recorder.failed !== null && resolve('cannot write')))
      recorder.start((error) => {
        if (error === null) print(`recording ${request.symbols.join(' ')} of ${request.venue} to ${request.out}; Ctrl-C stops`)
        else void recorder.stop('not started').finally(() => reject(error as Error)).catch(() => {})
      })
    })
    await recorder.stop(reason)
    print(`${recorder.frames} frames, ${recorder.reconnects} lost connections; see ${request.out}/index.jsonl`)
    return EXIT.ok
  } catch (error) {
    process.stderr.write(`${errorLine(error)}\n`)
    return exitCodeOf(error)
  } finally {
    for (const timer of running) timer.cancel()
    transport.close()
  }
}

/** @throws RM_USAGE */
function venueOf({ venue, url, depth }: RecordRequest): RecordedVenue {
  const at = url === null ? null : addressOf(url)
  if (venue === 'okx') {
    if (depth !== null && depth !== 5 && depth !== 400) fail('RM_USAGE', { what: '--depth', problem: `OKX has 5 and 400 levels, not ${depth}` })
    return { name: 'okx', urls: at === null ? OKX_URLS.live : okxUrlsAt(at.host, at.port), bookDepth: depth ?? 400 }
  }
  if (depth !== null && depth !== 1 && depth !== 50 && depth !== 200 && depth !== 1000) fail('RM_USAGE', { what: '--depth', problem: `Bybit has 1, 50, 200 and 1000 levels, not ${depth}` })
  return { name: 'bybit', urls: at === null ? BYBIT_URLS.live : bybitUrlsAt(at.host, at.port), bookDepth: depth ?? 50 }
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || parsed.protocol !== 'http:' || parsed.port === '') return fail('RM_USAGE', { what: '--url', problem: `"${url}" is not of the form http://host:port` })
  return { host: parsed.hostname, port: Number(parsed.port) }
}
