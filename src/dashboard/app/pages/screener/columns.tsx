import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { PairState } from '../../../../api/contract/index.ts'
import { clock, compact, duration, exact, percent, plain, share } from '../../format/index.ts'
import { byDecimal, byNumber, byText, type Column, Tag, type Tone } from '../../ui/index.ts'

const REGIMES: Readonly<Record<string, Tone>> = { trending: 'accent', ranging: 'info', choppy: 'warn' }
/** From here on a price is told as old. */
const OLD_MS = 3000

/** What the screener shows of a pair. */
export const columns: readonly Column<PairState>[] = [
  { id: 'symbol', header: 'Pair', width: 124, grow: true, cell: Pair, compare: byText((row) => row.symbol) },
  { id: 'price', header: 'Price', width: 92, end: true, cell: (row) => <span className="strong">{exact(row.price)}</span>, compare: byDecimal((row) => row.price) },
  { id: 'change', header: '24 h', width: 78, end: true, cell: (row) => <span className={toneOf(row.changePercent24h)}>{percent(row.changePercent24h, 2, true)}</span>, compare: byNumber((row) => row.changePercent24h) },
  { id: 'turnover', header: 'Turnover', width: 84, end: true, cell: (row) => compact(row.turnover24h), compare: byNumber((row) => row.turnover24h) },
  { id: 'volume', header: 'Volume', width: 74, end: true, cell: (row) => <span className="quiet">{compact(row.volume24h)}</span>, compare: byNumber((row) => row.volume24h) },
  { id: 'spread', header: 'Spread', width: 84, end: true, cell: (row) => percent(row.spreadPercent, 4), compare: byNumber((row) => row.spreadPercent) },
  { id: 'imbalance', header: 'Bids / asks', width: 92, cell: Imbalance, compare: byNumber((row) => row.imbalance) },
  { id: 'funding', header: 'Funding', width: 92, end: true, cell: (row) => <span className="quiet">{row.fundingRate === null ? '–' : percent(row.fundingRate * 100, 4, true)}</span>, compare: byNumber((row) => row.fundingRate) },
  { id: 'regime', header: 'Regime', width: 92, cell: (row) => (row.regime === null ? <span className="muted">–</span> : <Tag tone={REGIMES[row.regime] ?? ''}>{row.regime}</Tag>), compare: byText((row) => row.regime) },
  { id: 'signal', header: 'Signal', width: 96, cell: Signal, compare: byNumber((row) => signed(row)) },
  { id: 'manipulation', header: 'Manipulation', width: 132, cell: Manipulation, compare: byText((row) => [row.manipulation.buying, row.manipulation.selling].filter((name) => name !== null).join()) },
  { id: 'position', header: 'Position', width: 78, cell: (row) => (row.position === 'flat' ? <span className="muted">flat</span> : <Tag tone={row.position === 'long' ? 'up' : 'down'}>{row.position}</Tag>), compare: byText((row) => row.position) },
  { id: 'age', header: 'Age', width: 64, end: true, cell: (row) => <span className={(row.priceAgeMs ?? 0) > OLD_MS ? 'warn' : 'muted'} title={row.priceSource}>{duration(row.priceAgeMs)}</span>, compare: byNumber((row) => row.priceAgeMs) },
]

function Pair(row: PairState): ReactNode {
  return (
    <>
      <Link href={`/charts/${row.symbol}`} className="plain-link strong" onClick={(event) => event.stopPropagation()}>
        {row.symbol}
      </Link>{' '}
      {row.bookValid ? null : <Tag tone="warn">no book</Tag>}
    </>
  )
}

function Imbalance(row: PairState): ReactNode {
  if (row.imbalance === null) return <span className="muted">–</span>
  return (
    <span className="balance" title={`${share(row.imbalance, 1)} bids`}>
      <i style={{ width: `${row.imbalance * 100}%` }} />
      <span>{share(row.imbalance)}</span>
    </span>
  )
}

function Signal({ signal }: PairState): ReactNode {
  if (signal === null) return <span className="muted">–</span>
  return (
    <span className="row" style={{ gap: 6 }} title={`${clock(signal.atMs)}, ${signal.reason}`}>
      <Tag tone={signal.side === 'buy' ? 'up' : 'down'}>{signal.side}</Tag>
      {plain(signal.confidence, 2)}
    </span>
  )
}

function Manipulation({ manipulation: { buying, selling } }: PairState): ReactNode {
  if (buying === null && selling === null) return <span className="muted">none</span>
  return <Tag tone="warn">{[buying === null ? null : `${buying}: no buying`, selling === null ? null : `${selling}: no selling`].filter((words) => words !== null).join(', ')}</Tag>
}

const toneOf = (value: number | null): string => (value === null || value === 0 ? '' : value > 0 ? 'up' : 'down')
const signed = ({ signal }: PairState): number | null => (signal === null ? null : signal.side === 'buy' ? signal.confidence : -signal.confidence)
