import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ErrorAction, ErrorEntry } from '../../src/core/index.ts'
import { errorCatalogue } from '../../src/core/index.ts'

export const ERRORS_DOC = 'docs/errors.md'

const MEANING: Readonly<Record<ErrorAction, string>> = {
  retry: 'the same call may succeed later; nothing changed',
  resync: 'local state is no longer trustworthy: rebuild it from its source',
  reject: 'the input is wrong and will stay wrong: drop it, count it, go on',
  resolve: 'the outcome is unknown: ask the other side before anything else',
  halt: 'a person has to look: stop what could cost money',
}

/** The page of all coded errors, room by room, from the catalogue. */
export async function errorsDoc(): Promise<string> {
  const folder = join(import.meta.dirname, '../../src/core/errors')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts' && file !== 'define.ts')
  const listed = new Set<string>()
  const sections: string[] = []
  for (const file of files.sort()) {
    const module = (await import(join(folder, file))) as Readonly<Record<string, Readonly<Record<string, ErrorEntry>>>>
    for (const table of Object.values(module)) {
      const rows = Object.entries(table)
      if (rows.length === 0) continue
      for (const [code] of rows) listed.add(code)
      sections.push(`## ${file.replace('.ts', '')}\n\n| code | what to do | message |\n|---|---|---|\n${rows.map(([code, { action, message }]) => `| \`${code}\` | ${action} | ${escape(message)} |`).join('\n')}\n`)
    }
  }
  const lost = Object.keys(errorCatalogue).filter((code) => !listed.has(code))
  const strange = [...listed].filter((code) => !(code in errorCatalogue))
  if (lost.length > 0 || strange.length > 0) throw new Error(`catalogue and tables differ: only in the catalogue [${lost.join(' ')}], only in a table [${strange.join(' ')}]`)
  const actions = Object.entries(MEANING).map(([action, meaning]) => `| ${action} | ${meaning} |`)
  return `# Coded errors

Every error that the product throws on purpose has one of these codes. \`{names}\` in a message are filled with the
ids, sequence numbers and both sides of the comparison that failed. This page is written by \`make docs\`.

| what to do | meaning |
|---|---|
${actions.join('\n')}

${sections.join('\n')}`
}

const escape = (text: string): string => text.replaceAll('|', '\\|')
