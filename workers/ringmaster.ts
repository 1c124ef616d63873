#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { importQuickly } from './quick-imports.ts'

/** The `ringmaster` command: the entry point that may reach the workers, handed to the command line as actions. */
const PINNED_MAJOR = 24
const major = Number(process.versions.node.split('.')[0])
if (major < PINNED_MAJOR) {
  console.error(`ringmaster needs Node ${PINNED_MAJOR} or newer and found ${process.version}: start it through make or npm, which use the pinned one`)
  process.exit(2)
}

// Types are stripped and code is compiled once, not at every start of every process and thread.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/ringmaster')
enableCompileCache(process.env['NODE_COMPILE_CACHE'])
importQuickly()

const { runCli } = await import('../src/cli/index.ts')
const { actions } = await import('./actions.ts')
const { VERSION } = await import('./root-state.ts')

process.exitCode = await runCli(
  process.argv.slice(2),
  actions,
  { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text), env: process.env, terminal: process.stdout.isTTY },
  VERSION,
)
// Handles that are still open belong to nobody: what had to be written is written.
process.exit()
