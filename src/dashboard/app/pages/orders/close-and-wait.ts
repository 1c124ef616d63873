import type { PositionRow } from '../../../../api/contract/index.ts'
import { api, socket } from '../../live/index.ts'

/** How long closing may take before the operator is told that it has not. */
const PATIENCE_MS = 30_000

/**
 * Asks for the position to be closed and waits until it is.
 * @throws ApiError when the engine refuses; an error that names the state it is in when it is still there after half a minute
 */
export async function closeAndWait(position: PositionRow, why: string, onStep: (words: string) => void): Promise<void> {
  onStep('Asking the engine …')
  await api.call('closePosition', { params: { symbol: position.symbol }, body: { why } })
  onStep('The engine closes it …')
  await new Promise<void>((resolve, reject) => {
    const find = (): PositionRow | undefined => socket.value('positions')?.find((row) => row.id === position.id)
    const finish = (then: () => void): void => {
      clearTimeout(timer)
      stop()
      then()
    }
    const timer = setTimeout(() => finish(() => reject(new Error(`${position.symbol} is still open after ${PATIENCE_MS / 1000} s, in state ${find()?.state ?? 'unknown'}. Its stop stays at the venue; look at the alerts.`))), PATIENCE_MS)
    const look = (): void => {
      const row = find()
      if (row === undefined) finish(resolve)
      else onStep(`The engine closes it: ${row.state}, ${row.size} left …`)
    }
    const stop = socket.subscribe('positions', null, look)
    look()
  })
}
