import { create } from 'zustand'

export type Theme = 'dark' | 'light'
const KEY = 'ringmaster.theme'

const kept = (): Theme => (localStorage.getItem(KEY) === 'light' ? 'light' : 'dark')

/** Dark unless somebody chose otherwise in this browser. */
export const useTheme = create<{ readonly theme: Theme }>(() => ({ theme: kept() }))

/** Puts a theme on the page and keeps it. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  document.documentElement.dataset['theme'] = theme
  useTheme.setState({ theme })
}

document.documentElement.dataset['theme'] = kept()
