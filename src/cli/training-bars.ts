import { MultiBar, Presets, type SingleBar } from 'cli-progress'

/** How far one training is. */
export interface BarState {
  readonly step: number
  readonly steps: number
  readonly loss: number
  readonly accuracy: number
  /** null before the first epoch is done. */
  readonly validationLoss: number | null
}

export interface TrainingBars {
  update(name: string, state: BarState): void
  stop(): void
}

/** A bar for each training that runs, with loss, accuracy and the time that is left; nothing where there is no terminal. */
export function trainingBars(stream: NodeJS.WriteStream): TrainingBars {
  if (!stream.isTTY) return { update: () => {}, stop: () => {} }
  const all = new MultiBar({ format: '{name} {bar} {percentage}% | loss {loss} | accuracy {accuracy} | validation {validation} | {eta_formatted} left', stream, hideCursor: true, clearOnComplete: false, etaBuffer: 30 }, Presets.legacy)
  const bars = new Map<string, SingleBar>()
  return {
    update(name, { step, steps, loss, accuracy, validationLoss }) {
      const payload = { name: name.padEnd(16), loss: loss.toFixed(4), accuracy: `${(accuracy * 100).toFixed(1)} %`, validation: validationLoss?.toFixed(4) ?? '-' }
      let bar = bars.get(name)
      if (bar === undefined) bars.set(name, (bar = all.create(steps, step, payload)))
      bar.update(step, payload)
    },
    stop: () => all.stop(),
  }
}
