import { type SyntheticEvent, type ReactNode, useState } from 'react'
import type { PairState } from '../../../../api/contract/index.ts'
import { Button, Dialog, Empty } from '../../ui/index.ts'
import { addCharts, MOST_CHARTS } from './chosen.ts'

/** Chooses several pairs at once, as many as there is room for. */
export function PairPicker({ pairs, chosen, onClose }: { readonly pairs: readonly PairState[]; readonly chosen: readonly string[]; readonly onClose: () => void }): ReactNode {
  const [words, setWords] = useState('')
  const [picked, setPicked] = useState<readonly string[]>([])
  const room = MOST_CHARTS - chosen.length - picked.length
  const offered = pairs.map((pair) => pair.symbol).filter((symbol) => !chosen.includes(symbol) && symbol.includes(words.trim().toUpperCase()))
  const toggle = (symbol: string): void => setPicked(picked.includes(symbol) ? picked.filter((one) => one !== symbol) : [...picked, symbol])
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    addCharts(picked)
    onClose()
  }
  return (
    <Dialog title="Add charts" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <input className="input" type="search" placeholder="Filter pairs" aria-label="Filter pairs" value={words} onChange={(event) => setWords(event.target.value)} />
        {offered.length === 0 ? (
          <Empty icon="search" title="No pair is left">
            {words === '' ? 'Every pair of the engine has its chart.' : 'None fits the filter.'}
          </Empty>
        ) : (
          <div className="pair-picker" role="group" aria-label="Pairs">
            {offered.map((symbol) => (
              <Button key={symbol} small pressed={picked.includes(symbol)} disabled={room === 0 && !picked.includes(symbol)} onPress={() => toggle(symbol)}>
                {symbol}
              </Button>
            ))}
          </div>
        )}
        <p className="muted small num" role="status">
          {picked.length} chosen, room for {room} more
        </p>
        <div className="actions">
          <Button disabled={room === 0 || offered.length === 0} onPress={() => setPicked([...picked, ...offered.filter((symbol) => !picked.includes(symbol)).slice(0, room)])}>
            As many as fit
          </Button>
          <Button type="submit" look="primary" disabled={picked.length === 0}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
