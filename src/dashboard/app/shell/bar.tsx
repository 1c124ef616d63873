import type { ReactNode } from 'react'
import { gain, money, toneOf } from '../format/index.ts'
import { useConnection, useLive } from '../live/index.ts'
import { Tag } from '../ui/index.ts'
import { BotState } from './bot-state.tsx'
import { KillControl } from './kill-control.tsx'
import { ThemeButton } from './theme-button.tsx'

/** Above every page: what the engine does, what the account holds, and the kill switch. */
export function Bar(): ReactNode {
  const status = useLive('status')
  const balance = useLive('balance')
  return (
    <header className="bar">
      <BotState status={status} />
      {status === undefined ? null : (
        <span className="bar-wide">
          <Tag tone={status.mode === 'live' ? 'accent' : ''}>{status.mode}</Tag>
        </span>
      )}
      <dl className="bar-figures num">
        <Amount name="Equity" value={money(balance?.equity)} />
        <Amount name="Open PnL" value={gain(balance?.unrealised)} tone={toneOf(balance?.unrealised)} />
        <Amount name="Available" value={money(balance?.available)} wide />
      </dl>
      <span className="grow" />
      <SocketState />
      <span className="bar-wide">
        <ThemeButton />
      </span>
      <KillControl status={status} />
    </header>
  )
}

function Amount({ name, value, tone = '', wide = false }: { readonly name: string; readonly value: string; readonly tone?: string; readonly wide?: boolean }): ReactNode {
  return (
    <div className={wide ? 'bar-wide' : undefined}>
      <dt>{name}</dt>
      <dd className={tone}>{value}</dd>
    </div>
  )
}

function SocketState(): ReactNode {
  const state = useConnection((connection) => connection.socket)
  const isLive = state === 'live'
  return (
    <span className="row small quiet" role="status" title={isLive ? 'Values are live' : 'Not connected'}>
      <span className={isLive ? 'dot up' : 'dot warn'} />
      <span className="bar-wide">{isLive ? 'live' : 'connecting'}</span>
      <span className="hidden-visually">{isLive ? 'Values are live' : 'Connection lost'}</span>
    </span>
  )
}
