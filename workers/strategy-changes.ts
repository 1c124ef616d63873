import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseChanges, type StrategyChange } from '../src/strategies/index.ts'

const pathIn = (dataDir: string): string => join(dataDir, 'strategies.json')

/** What was changed about the strategies while an engine of this folder ran; nothing when nobody changed anything. @throws RM_STRATEGY_CHANGES */
export function readStrategyChanges(dataDir: string): readonly StrategyChange[] {
  const path = pathIn(dataDir)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return parseChanges(text, path)
}

/** Keeps them over restarts: whole or not at all. */
export function writeStrategyChanges(dataDir: string, changes: readonly StrategyChange[]): void {
  mkdirSync(dataDir, { recursive: true })
  const path = pathIn(dataDir)
  const file = openSync(`${path}.new`, 'w')
  try {
    writeSync(file, `${JSON.stringify(changes, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
}
