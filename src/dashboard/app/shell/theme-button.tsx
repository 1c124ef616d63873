import type { ReactNode } from 'react'
import { setTheme, useTheme } from '../live/index.ts'
import { Button } from '../ui/index.ts'

export function ThemeButton(): ReactNode {
  const theme = useTheme((state) => state.theme)
  const other = theme === 'dark' ? 'light' : 'dark'
  return <Button look="plain" icon={theme === 'dark' ? 'sun' : 'moon'} label={`Use the ${other} theme`} onPress={() => setTheme(other)} />
}
