import { parseClientId } from '../../../src/trading/index.ts'
import type { Oracle } from '../court.ts'
import type { OracleParts } from './parts.ts'
import { LEAVES_NS } from './stops.ts'

/** The engine looks at the file once a second, with the next sweep after that. */
const FILE_NS = 2e9

/** F12: from the moment at which the kill switch is engaged nothing increases exposure, over restarts too, until somebody releases it. */
export function killOracle({ court, stage }: OracleParts): Oracle {
  let engagedNs = -1
  return {
    onRecord: (record) => {
      if (record.kind === 'kill-engaged') {
        court.judge('F12')
        if (engagedNs < 0) engagedNs = court.time.nowNs()
      } else if (record.kind === 'kill-released') {
        engagedNs = -1
        stage.killFileNs = -1
      } else if (record.kind === 'epoch-started' && engagedNs >= 0) court.judge('F12')
      else if (record.kind === 'order-intended' && record.purpose === 'entry' && engagedNs >= 0) court.report('F12', `entry ${record.clientId} was decided ${((court.time.nowNs() - engagedNs) / 1e6).toFixed(0)} ms after the kill switch was engaged`, [record.clientId])
    },
    onLogCut: () => {
      // The file outlives the power; a release that the journal lost does not count.
      const remembered = court.log.state.kill.engaged !== null || stage.disk.killStore.look() !== null
      if (!remembered) engagedNs = -1
      else if (engagedNs < 0) engagedNs = court.time.nowNs()
    },
    onCommand: (command, process) => {
      if (command.op !== 'place' || command.reduceOnly || parseClientId(command.clientId)?.intent.kind !== 'decision') return
      const nowNs = court.time.nowNs()
      if (engagedNs >= 0 && nowNs - engagedNs > LEAVES_NS) court.report('F12', `entry ${command.clientId} left ${((nowNs - engagedNs) / 1e6).toFixed(0)} ms after the kill switch was engaged`, [command.clientId])
      const { killFileNs } = stage
      if (killFileNs < 0 || stage.disk.killStore.look() === null) return
      const sinceNs = nowNs - Math.max(killFileNs, process.startedNs)
      if (sinceNs > FILE_NS + LEAVES_NS) court.report('F12', `entry ${command.clientId} left ${(sinceNs / 1e6).toFixed(0)} ms after the file of the kill switch asked for it`, [command.clientId])
    },
  }
}
