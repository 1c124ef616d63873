import { fail } from '../../core/index.ts'
import type { BotStatus } from '../contract/index.ts'
import type { RootPicture } from '../command/index.ts'
import type { Desk } from '../desk/index.ts'
import { audited, type Call, type Handlers } from './handler.ts'

/** What the engine does, in one word and in all words. */
export function botStatus({ snapshot }: RootPicture, { facts, books }: Desk): BotStatus {
  const { kill, status, reasons, ready, version, mode, uptimeMs, watchdog } = snapshot
  const engine = snapshot.processes.find((one) => one.name === 'engine')
  const running = engine?.state === 'running'
  const state = !running ? 'down' : kill.engaged ? (kill.flatten && snapshot.symbols.some(({ position }) => position !== null) ? 'stopping' : 'stopped') : ready ? 'trading' : 'starting'
  const { since, values, ...rest } = kill
  return {
    state,
    mode,
    venue: facts.venue,
    version,
    status,
    reasons: [...reasons],
    ready,
    symbols: [...facts.symbols],
    uptimeMs,
    epoch: books.state.epoch,
    kill: { ...rest, values: { ...values }, sinceMs: since === null ? null : Date.parse(since) },
    watchdog: watchdog === null ? null : { ...watchdog },
  }
}

/** Start, stop and the kill switch, which is one thing. */
export function botRoutes(desk: Desk): Handlers<'botStatus' | 'botStart' | 'botStop' | 'botConfig' | 'kill' | 'killRelease'> {
  const { root, line, facts } = desk
  const engage = (call: Call, action: string, { why, flatten }: { readonly why: string; readonly flatten: boolean }) =>
    audited(desk, call, action, flatten ? 'and close positions' : '', why, async () => {
      const answer = await line.ask('kill', { user: call.user, why: `${action === 'bot-stop' ? 'stopped: ' : ''}${why}`, flatten })
      return answer.kept || answer.told ? { accepted: true as const, ...answer } : fail('RM_API_ENGINE_AWAY', { what: 'the kill switch', reason: 'it could be neither kept nor told to the engine' })
    })
  const release = (call: Call, action: string, { why, force }: { readonly why: string; readonly force: boolean }) =>
    audited(desk, call, action, force ? 'by force' : '', why, async () => {
      const answer = await line.ask('release', { user: call.user, why, force })
      return answer.kind === 'released' ? { released: true as const } : fail('RM_API_REFUSED', { what: 'the release of the kill switch', reason: answer.reason })
    })
  return {
    botStatus: async () => botStatus(await root.get(), desk),
    botStart: ({ body }, call) => release(call, 'bot-start', body),
    botStop: ({ body }, call) => engage(call, 'bot-stop', body),
    botConfig: () => ({ settings: [...facts.settings] }),
    kill: ({ body }, call) => engage(call, 'kill', body),
    killRelease: ({ body }, call) => release(call, 'kill-release', body),
  }
}
