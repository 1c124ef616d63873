import { type ReactNode, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { PairState } from '../../../../api/contract/index.ts'
import { useLive } from '../../live/index.ts'
import { Button, Choice, DataTable, Empty, Shown } from '../../ui/index.ts'
import { columns } from './columns.tsx'

/** Every pair with its latest, live: a row opens its chart. */
export function Screener(): ReactNode {
  const pairs = useLive('pairs')
  return (
    <div className="page filled">
      <Shown of={{ data: pairs, error: null, refetch: () => {} }} what="the pairs" lines={12}>
        {(rows) => <Pairs rows={rows} />}
      </Shown>
    </div>
  )
}

const isFlagged = (row: PairState): boolean => row.manipulation.buying !== null || row.manipulation.selling !== null

function Pairs({ rows }: { readonly rows: readonly PairState[] }): ReactNode {
  const [, go] = useLocation()
  const [words, setWords] = useState('')
  const [regime, setRegime] = useState('')
  const [signal, setSignal] = useState('')
  const [flaggedOnly, setFlaggedOnly] = useState(false)
  const wanted = words.trim().toUpperCase()
  const shown = useMemo(
    () =>
      rows.filter(
        (row) => row.symbol.includes(wanted) && (regime === '' || row.regime === regime) && (signal === '' || row.signal?.side === signal) && (!flaggedOnly || isFlagged(row)),
      ),
    [rows, wanted, regime, signal, flaggedOnly],
  )
  const regimes = [...new Set(rows.map((row) => row.regime).filter((name) => name !== null))].sort()
  const isNarrow = wanted !== '' || regime !== '' || signal !== '' || flaggedOnly
  const all = (): void => {
    setWords('')
    setRegime('')
    setSignal('')
    setFlaggedOnly(false)
  }
  return (
    <>
      <div className="page-head">
        <h1>Screener</h1>
        <span className="muted small num" role="status">
          {isNarrow ? `${shown.length} of ${rows.length}` : rows.length} pairs
        </span>
        <div className="row wrap">
          <input className="input filter-words" type="search" placeholder="Pair" aria-label="Filter by pair" value={words} onChange={(event) => setWords(event.target.value)} />
          <Choice label="Regime" value={regime} onChange={setRegime} options={[['', 'All regimes'], ...regimes.map((name) => [name, name] as const)]} />
          <Choice label="Signal" value={signal} onChange={setSignal} options={[['', 'All signals'], ['buy', 'Buy'], ['sell', 'Sell']]} />
          <Button pressed={flaggedOnly} icon="warning" onPress={() => setFlaggedOnly(!flaggedOnly)}>
            Manipulated
          </Button>
        </div>
      </div>
      <section className="panel grow-down" aria-label="Pairs">
        <DataTable
          label="Pairs"
          columns={columns}
          rows={shown}
          keyOf={(row) => row.symbol}
          sorted={{ id: 'turnover', descending: true }}
          onOpen={(row) => go(`/charts/${row.symbol}`)}
          filled
          empty={
            isNarrow ? (
              <Empty icon="search" title="No pair fits these filters" action={<Button onPress={all}>Show all pairs</Button>} />
            ) : (
              <Empty title="No pairs yet">The engine has not told any; pairs are set as trading_pairs.</Empty>
            )
          }
        />
      </section>
    </>
  )
}
