import type { BotConfig } from '../src/api/index.ts'
import { type LoadedConfig, leavesOf, maskedConfig, settingAt } from '../src/config/index.ts'

/** The configuration in force for people: every value with its source and meaning, secrets masked. */
export function shownSettings({ config, sources }: LoadedConfig): BotConfig['settings'] {
  return [...leavesOf(maskedConfig(config))].map(([path, value]) => {
    const setting = settingAt(path)
    const name = path.join('.')
    return { path: name, value, source: sources.get(name) ?? 'default', meaning: setting?.meaning ?? '', secret: setting?.secret ?? false }
  })
}
