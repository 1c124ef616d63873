/** Columns of text, padded to their widest cell; numbers of a column are the caller's business. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string => `${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`
  return [header, ...rows].map(line).join('')
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'us'],
  [1, 'ns'],
]

/** A duration with three digits and its unit: "482 us", "1.25 ms". */
export function formatNs(ns: number): string {
  const [size, unit] = UNITS.find(([from]) => ns >= from) ?? [1, 'ns']
  const value = ns / size
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toPrecision(3)} ${unit}`
}

/** Hours, minutes and seconds, with days in front when there are any. */
export function formatUptime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  return `${days > 0 ? `${days}d ` : ''}${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

const age = (ms: number | null): string => (ms === null ? '-' : formatNs(ms * 1e6))
export const formatAge = age
