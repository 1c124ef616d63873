import { Presets, SingleBar } from 'cli-progress'

/** Work that is done sooner than this shows no bar. */
const PATIENCE_MS = 2000

export interface ProgressSettings {
  readonly label: string
  readonly total: number
  readonly unit: string
  readonly stream: NodeJS.WriteStream
  readonly nowMs: () => number
}

export interface Progress {
  update(done: number): void
  /** Ends the bar, whether or not all was done. */
  stop(): void
}

/** A progress bar that appears once the work has taken two seconds, in a terminal only. */
export function startProgress(settings: ProgressSettings): Progress {
  const { label, total, unit, stream, nowMs } = settings
  const startedMs = nowMs()
  let bar: SingleBar | null = null
  const show = (done: number): SingleBar => {
    const made = new SingleBar({ format: `${label} {bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`, stream, hideCursor: true, clearOnComplete: true }, Presets.legacy)
    made.start(total, done)
    return made
  }
  return {
    update(done) {
      if (bar !== null) bar.update(done)
      else if (stream.isTTY && nowMs() - startedMs >= PATIENCE_MS) bar = show(done)
    },
    stop() {
      bar?.stop()
      bar = null
    },
  }
}
