/** Imports point downwards, pass through doors and run in no circle. The table of rooms says what is downwards. */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { onlookers, roomOf, rooms } from './rooms.ts'
import { lineAt, literal, readSources, report, walk, type Source, type Violation } from './sources.ts'

const FOLDERS = ['src', 'actors', 'workers', 'bench', 'test']

interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
  readonly specifier: string
  /** `new URL('./x.ts', import.meta.url)`: the file is started in a thread or process, not linked in. */
  readonly started: boolean
}

export const rules = {
  unresolved: 'a relative import leads to a file',
  noRoom: 'every source file stands in a room of the table (test/house/rooms.ts)',
  onlooker: 'nothing but test and bench imports test or bench',
  srcUp: 'src never imports actors or workers',
  only: (from: string, only: readonly string[]) => `${from} imports ${only.join(' and ')} only`,
  importedBy: (to: string, by: readonly string[]) => `${to} is imported by ${by.join(' and ')} only`,
  upward: 'imports point downwards: a room imports rooms of lower rank, or those its row names as peers',
  door: "another room is entered through an index.ts, not past it",
  circle: 'no circular imports',
} as const

export function checkImports(root: string): Violation[] {
  const sources = readSources(root, FOLDERS)
  const violations: Violation[] = []
  const edges: Edge[] = []
  for (const source of sources) {
    if (roomOf(source.path) === null) violations.push({ file: source.path, line: 1, rule: rules.noRoom, found: source.path })
    for (const edge of edgesOf(source)) {
      if (!existsSync(join(root, edge.to))) violations.push(violation(edge, rules.unresolved))
      else edges.push(edge)
    }
  }
  for (const edge of edges) {
    const rule = brokenRule(edge)
    if (rule !== null) violations.push(violation(edge, rule))
  }
  return [...violations, ...circles(edges.filter((edge) => !edge.started))]
}

const violation = (edge: Edge, rule: string): Violation => ({ file: edge.from, line: edge.line, rule, found: `${edge.from} imports ${edge.to}` })

function edgesOf(source: Source): Edge[] {
  const edges: Edge[] = []
  const add = (specifier: string | null, offset: number, started = false): void => {
    if (specifier === null || !/^\.\.?\//.test(specifier)) return
    const to = posix.normalize(posix.join(posix.dirname(source.path), specifier))
    edges.push({ from: source.path, to, line: lineAt(source.text, offset), specifier, started })
  }
  walk(source.program, (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        add(literal(node['source']), node.start)
        break
      case 'NewExpression': {
        const [path, base] = node['arguments'] as readonly unknown[]
        const text = literal(path)
        // Folders and data files are addressed by URL too: only source files are links.
        if (text !== null && /\.tsx?$/.test(text) && isImportMetaUrl(base)) add(text.startsWith('.') ? text : `./${text}`, node.start, true)
        break
      }
    }
  })
  return edges
}

function isImportMetaUrl(node: unknown): boolean {
  const member = node as { type?: string; object?: { type?: string }; property?: { name?: string } } | undefined
  return member?.type === 'MemberExpression' && member.object?.type === 'MetaProperty' && member.property?.name === 'url'
}

function brokenRule(edge: Edge): string | null {
  const from = roomOf(edge.from)
  const to = roomOf(edge.to)
  if (from === null || from === to || onlookers.includes(from)) return null
  if (to === null) return rules.noRoom
  if (onlookers.includes(to)) return rules.onlooker
  const importer = rooms[from]!
  const imported = rooms[to]!
  if (from.startsWith('src/') && (to === 'actors' || to === 'workers')) return rules.srcUp
  if (importer.only !== undefined && !importer.only.includes(to)) return rules.only(from, importer.only)
  if (imported.importedBy !== undefined && !imported.importedBy.includes(from)) return rules.importedBy(to, imported.importedBy)
  if (imported.rank > importer.rank || (imported.rank === importer.rank && !(importer.peers ?? []).includes(to))) return rules.upward
  if (!edge.started && imported.open !== true && posix.basename(edge.to) !== 'index.ts') return rules.door
  return null
}

/** One violation for every group of files that reach each other (Tarjan's strongly connected components). */
function circles(edges: readonly Edge[]): Violation[] {
  const next = new Map<string, Edge[]>()
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const groups: Set<string>[] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    low.set(file, index.get(file)!)
    stack.push(file)
    for (const { to } of next.get(file) ?? []) {
      if (!index.has(to)) visit(to)
      if (stack.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!))
    }
    if (low.get(file) !== index.get(file)) return
    const group = new Set(stack.splice(stack.indexOf(file)))
    if (group.size > 1 || (next.get(file) ?? []).some((edge) => edge.to === file)) groups.push(group)
  }
  for (const file of [...next.keys()].sort()) if (!index.has(file)) visit(file)
  return groups.map((group) => {
    const path = circleThrough([...group].sort()[0]!, group, next)
    return { file: path[0]!.from, line: path[0]!.line, rule: rules.circle, found: [...path.map((edge) => edge.from), path[0]!.from].join(' → ') }
  })
}

/** A shortest way from a file back to itself inside its group. */
function circleThrough(start: string, group: ReadonlySet<string>, next: ReadonlyMap<string, readonly Edge[]>): Edge[] {
  const queue: Edge[][] = [[]]
  const seen = new Set<string>()
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const at = path.at(-1)?.to ?? start
    for (const edge of next.get(at) ?? []) {
      if (edge.to === start) return [...path, edge]
      if (!group.has(edge.to) || seen.has(edge.to)) continue
      seen.add(edge.to)
      queue.push([...path, edge])
    }
  }
  throw new Error(`${start} was said to be in a circle and is in none`)
}

if (import.meta.main) report('imports', checkImports(join(import.meta.dirname, '../..')))
