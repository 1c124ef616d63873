import { z } from 'zod'
import { configSchema } from './schema.ts'

type DefaultValue = string | number | boolean | null | readonly string[] | Readonly<Record<string, never>>

/** The part of JSON Schema that zod writes for our schema. */
interface Node {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: DefaultValue
  readonly enum?: readonly string[]
  readonly const?: string | number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly anyOf?: readonly Node[]
  readonly items?: Node
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly propertyNames?: Node
  readonly additionalProperties?: Node | boolean
  readonly env?: string
  readonly secret?: boolean
  readonly allowed?: string
}

/** One line of the reference page: a value that a user can turn. */
export interface Setting {
  /** Dotted; `<symbol>` and `<regime>` stand for any key of a table. */
  readonly path: string
  /** null inside tables, which have no environment name. */
  readonly env: string | null
  /** How text from the environment or the command line is read. */
  readonly reads: 'text' | 'list' | 'yaml'
  readonly default: DefaultValue | undefined
  readonly required: boolean
  readonly allowed: string
  readonly meaning: string
  readonly secret: boolean
}

const root = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Node

const envName = (path: readonly string[]): string => `RINGMASTER_${path.join('_').toUpperCase()}`
const isTable = (node: Node): boolean => typeof node.additionalProperties === 'object'
const isGroup = (node: Node): boolean => node.properties !== undefined || isTable(node)
const tableKey = (node: Node): string => (node.propertyNames?.enum === undefined ? '<symbol>' : '<regime>')

function collect(node: Node, path: readonly string[], required: boolean, table: boolean, out: Setting[]): void {
  if (typeof node.additionalProperties === 'object') collect(node.additionalProperties, [...path, tableKey(node)], false, true, out)
  for (const [key, child] of Object.entries(node.properties ?? {}))
    collect(child, [...path, key], node.required?.includes(key) ?? false, table, out)
  if (isGroup(node)) return
  out.push({
    path: path.join('.'),
    env: table ? null : (node.env ?? envName(path)),
    reads: node.type === 'array' ? 'list' : [node.type].flat().includes('string') ? 'text' : 'yaml',
    default: node.default,
    required,
    allowed: allowedBy(node),
    meaning: node.description ?? '',
    secret: node.secret ?? false,
  })
}

function allowedBy(node: Node): string {
  if (node.allowed !== undefined) return node.allowed
  if (node.enum !== undefined) return node.enum.join(' | ')
  if (node.const !== undefined) return String(node.const)
  if (node.anyOf !== undefined) return node.anyOf.map(allowedBy).join(' | ')
  const types = Array.isArray(node.type) ? (node.type as readonly string[]) : [node.type as string]
  return types.map((type) => allowedByType(type, node)).join(' | ')
}

function allowedByType(type: string, node: Node): string {
  switch (type) {
    case 'integer':
      return `whole number ${node.minimum} to ${node.maximum}`
    case 'number':
      return node.exclusiveMinimum === undefined ? `number ${node.minimum} to ${node.maximum}` : `number above ${node.exclusiveMinimum}, up to ${node.maximum}`
    case 'boolean':
      return 'true | false'
    case 'array':
      return 'list'
    case 'string':
      return 'text'
    default:
      return type
  }
}

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = (() => {
  const out: Setting[] = []
  collect(root, [], false, false, out)
  return out
})()

const byPath = new Map(settings.map((setting) => [setting.path, setting]))

/** The group or value that the schema has at a path of real keys. */
function nodeAt(path: readonly string[]): { readonly node: Node; readonly generic: string } | null {
  let node = root
  const generic: string[] = []
  for (const key of path) {
    const child = node.properties !== undefined && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined
    if (child !== undefined) {
      generic.push(key)
      node = child
    } else if (typeof node.additionalProperties === 'object' && node.propertyNames?.enum?.includes(key) !== false) {
      generic.push(tableKey(node))
      node = node.additionalProperties
    } else return null
  }
  return { node, generic: generic.join('.') }
}

/** The setting at a path of real keys, such as `symbol_profiles.XRPUSDT.choppy.tp_percent`; null for a group or nothing. */
export function settingAt(path: readonly string[]): Setting | null {
  const found = nodeAt(path)
  return found === null ? null : (byPath.get(found.generic) ?? null)
}

/** What may stand at a path: for a value its range, for a group its keys, null where nothing may. */
export function allowedAt(path: readonly string[]): string | null {
  const found = nodeAt(path)
  if (found === null) return null
  if (!isGroup(found.node)) return allowedBy(found.node)
  return `a section with ${keysAt(path).join(', ')}`
}

/** Keys that a group may have; empty for a table of symbols, and where there is no group. */
export function keysAt(path: readonly string[]): readonly string[] {
  const found = nodeAt(path)
  if (found === null) return []
  return [...Object.keys(found.node.properties ?? {}), ...(found.node.propertyNames?.enum ?? [])]
}

/** True where a section belongs, so that an empty one (`exit:` and nothing below) is a section without keys. */
export function isSection(path: readonly string[]): boolean {
  const found = nodeAt(path)
  return found !== null && isGroup(found.node)
}

/** True where the keys are symbols, in whatever spelling. */
export function isSymbolTable(path: readonly string[]): boolean {
  const found = nodeAt(path)
  return found !== null && isTable(found.node) && tableKey(found.node) === '<symbol>'
}
