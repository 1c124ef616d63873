import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { parseSync } from 'oxc-parser'

/** One thing that breaks a rule of the house. */
export interface Violation {
  readonly file: string
  readonly line: number
  /** The rule's own words. */
  readonly rule: string
  readonly found: string
}

/** A node of the syntax tree, as loosely as a walker needs it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly program: Node
}

const SKIPPED = new Set(['node_modules', '.git', 'dist', 'data', 'logs', 'coverage'])

/** Files under the folders of a root whose names end as wanted, sorted, from the root. */
export function listFiles(root: string, folders: readonly string[], endings: readonly string[]): string[] {
  const found: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) visit(path)
      } else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(relative(root, path).split(sep).join('/'))
    }
  }
  for (const folder of folders) if (existsSync(join(root, folder))) visit(join(root, folder))
  return found.sort()
}

/** Parses every TypeScript file under the folders. @throws when one does not parse */
export function readSources(root: string, folders: readonly string[]): Source[] {
  return listFiles(root, folders, ['.ts', '.tsx']).map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const { program, errors } = parseSync(path, text)
    const [first] = errors
    if (first !== undefined) throw new Error(`${path} does not parse: ${first.message}`)
    return { path, text, program: program as unknown as Node }
  })
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** Calls `visit` for every node, parents first; its children are left out when it answers false. */
export function walk(node: Node, visit: (node: Node, parent: Node | null, key: string) => boolean | void, parent: Node | null = null, key = ''): void {
  if (visit(node, parent, key) === false) return
  for (const [name, value] of Object.entries(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit, node, name)
    } else if (isNode(value)) walk(value, visit, node, name)
  }
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return line
}

/** The text of a string literal node, or null for anything else. */
export function literal(node: unknown): string | null {
  return isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : null
}

/** Prints what was found and ends the process accordingly: 0 for nothing, 1 otherwise. */
export function report(what: string, violations: readonly Violation[]): void {
  for (const { file, line, rule, found } of violations) console.error(`${file}:${line}: ${rule} (${found})`)
  if (violations.length > 0) {
    console.error(`${what}: ${violations.length} broken`)
    process.exitCode = 1
  } else console.log(`${what}: ok`)
}
