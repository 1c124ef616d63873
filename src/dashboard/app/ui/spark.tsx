import type { ReactNode } from 'react'

const WIDTH = 240
const HEIGHT = 60
const ROOM = 3

/** A line through the values, from left to right, over their own range. Fewer than two values draw nothing. */
export function Spark({ values, label, tone = 'accent' }: { readonly values: readonly number[]; readonly label: string; readonly tone?: 'accent' | 'up' | 'down' }): ReactNode {
  if (values.length < 2) return null
  const low = Math.min(...values)
  const range = Math.max(...values) - low
  const x = (i: number): string => ((i / (values.length - 1)) * WIDTH).toFixed(1)
  // A flat line runs in the middle.
  const y = (value: number): string => (range === 0 ? HEIGHT / 2 : HEIGHT - ROOM - ((value - low) / range) * (HEIGHT - 2 * ROOM)).toFixed(1)
  const line = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(value)}`).join('')
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label} style={{ color: `var(--${tone})` }}>
      <path d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} fill="currentColor" opacity="0.1" />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
