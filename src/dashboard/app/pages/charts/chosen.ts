import { create } from 'zustand'

export const MOST_CHARTS = 12
const KEY = 'ringmaster.charts'

function kept(): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list.slice(0, MOST_CHARTS) : []
  } catch {
    return []
  }
}

interface Chosen {
  readonly symbols: readonly string[]
}

/** Pairs whose charts are shown in this browser, in the order in which they were added. */
export const useChosen = create<Chosen>(() => ({ symbols: kept() }))

const keep = (symbols: readonly string[]): void => {
  localStorage.setItem(KEY, JSON.stringify(symbols))
  useChosen.setState({ symbols })
}

/** Adds charts behind the others, as far as there is room for them. */
export function addCharts(added: readonly string[]): void {
  keep([...new Set([...useChosen.getState().symbols, ...added])].slice(0, MOST_CHARTS))
}

export const removeChart = (symbol: string): void => keep(useChosen.getState().symbols.filter((one) => one !== symbol))
export const removeCharts = (): void => keep([])
