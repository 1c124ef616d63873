import type { ReactNode } from 'react'
import { plain } from '../format/index.ts'

/** Signed confidence of each strategy, above 0 for buying; one that was left out says so. */
export function Votes({ votes }: { readonly votes: readonly (readonly [name: string, vote: number | null])[] }): ReactNode {
  return (
    <ul className="stack num small" style={{ gap: 6 }}>
      {votes.map(([name, vote]) => (
        <li key={name} className="vote">
          <span className="quiet clip">{name.replaceAll('_', ' ')}</span>
          <span className="vote-bar" aria-hidden="true">
            {vote === null || vote === 0 ? null : <i className={vote > 0 ? 'up' : 'down'} style={{ width: `${Math.min(1, Math.abs(vote)) * 50}%` }} />}
          </span>
          <span className={`right ${vote === null ? 'muted' : vote > 0 ? 'up' : vote < 0 ? 'down' : 'muted'}`}>{vote === null ? 'out' : plain(vote, 2, true)}</span>
        </li>
      ))}
    </ul>
  )
}
