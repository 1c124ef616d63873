import { type CSSProperties, type ReactNode, useId } from 'react'

export interface PanelProps {
  readonly title: string
  /** Beside the title, at the right. */
  readonly side?: ReactNode
  /** Without room around the content: for tables. */
  readonly flush?: boolean
  readonly children: ReactNode
}

/** A titled part of a page, a landmark of its own. */
export function Panel({ title, side, flush = false, children }: PanelProps): ReactNode {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {side}
      </header>
      <div className={flush ? 'panel-body flush' : 'panel-body'}>{children}</div>
    </section>
  )
}

export interface GridProps {
  readonly columns: number
  /** Two a row on a phone, where one would leave it empty. */
  readonly pairs?: boolean
  readonly children: ReactNode
}

export function Grid({ columns, pairs = false, children }: GridProps): ReactNode {
  return (
    <div className={pairs ? 'grid pairs' : 'grid'} style={{ '--columns': columns } as CSSProperties}>
      {children}
    </div>
  )
}

export interface FigureProps {
  readonly label: string
  readonly value: ReactNode
  readonly tone?: string
  readonly hint?: ReactNode
}

/** One number that matters, with its name. */
export function Figure({ label, value, tone = '', hint }: FigureProps): ReactNode {
  return (
    <dl className="figure">
      <dt>{label}</dt>
      <dd className={`num ${tone}`}>{value}</dd>
      <dd className="hint num clip">{hint}</dd>
    </dl>
  )
}

/** Names and values, a line each; what is undefined is left out. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode {
  return (
    <dl className="facts num">
      {of.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
    </dl>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd style={{ whiteSpace: 'normal' }}>{value}</dd>
    </>
  )
}

export type Tone = 'up' | 'down' | 'warn' | 'info' | 'accent' | ''

export function Tag({ tone = '', children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={`tag ${tone}`}>{children}</span>
}

/** A bar between 0 and 1; the number itself stands beside it. */
export function Meter({ value, tone = '', label }: { readonly value: number; readonly tone?: Tone; readonly label: string }): ReactNode {
  const shown = Math.min(1, Math.max(0, value))
  return (
    <span className={`meter ${tone}`} role="meter" aria-label={label} aria-valuenow={Math.round(shown * 100)} aria-valuemin={0} aria-valuemax={100}>
      <i style={{ width: `${shown * 100}%` }} />
    </span>
  )
}
