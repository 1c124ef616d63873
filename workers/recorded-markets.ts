import { defaultContracts, loadRecording, RecordedMarket, recordedContracts } from '../src/exchange/index.ts'
import { recordingsOf } from './recordings.ts'

/** The captures of each symbol as markets that play once, at the speed of virtual time. @throws RM_REPLAY_FILES, RM_CAPTURE_* */
export async function recordedMarkets(files: readonly string[], symbols: readonly string[], loop: boolean): Promise<RecordedMarket[]> {
  return Promise.all(
    (await recordingsOf(files, symbols)).map(async ({ symbol, files: own }) => {
      const { tape, contract } = await loadRecording(own, symbol, [...recordedContracts, ...defaultContracts])
      return new RecordedMarket(tape, { contract, speed: 1, loop })
    }),
  )
}
