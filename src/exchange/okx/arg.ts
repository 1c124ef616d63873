import { field, type Fields } from '../front/json.ts'

/** Request ids come back as they came, when they came. */
export const idOf = (id: unknown): { readonly id?: string } => (typeof id === 'string' ? { id: id.slice(0, 200) } : typeof id === 'number' && Number.isFinite(id) ? { id: String(id) } : {})
/** Text of an argument; "" when absent or no text. */
export const textIn = (arg: Fields, name: string): string => {
  const value = field(arg, name)
  return typeof value === 'string' ? value.slice(0, 100) : ''
}
/** An argument as error texts say it. */
export const argText = (arg: Fields): string => Object.entries(arg).slice(0, 8).map(([name, value]) => `${name.slice(0, 50)}:${String(value).slice(0, 100)}`).join(',')
