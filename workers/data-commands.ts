/** `ringmaster data check`. */
import { basename } from 'node:path'
import { groupCaptures, openCapture } from '../src/capture/index.ts'
import { EXIT, formatNs, renderTable } from '../src/cli/index.ts'
import { errorLine } from '../src/core/index.ts'
import { type CaptureReport, checkCaptures } from '../src/market/capture-check/index.ts'

/** Places printed of each kind; `--json` has more. */
const PRINTED_MAX = 20

/** Checks files, those that belong together as one. @returns 0 when all is sound */
export async function dataCheck(files: readonly string[], json: boolean, print: (line: string) => void): Promise<number> {
  let sound = true
  try {
    const captures = []
    for (const file of files) captures.push(await openCapture(file))
    for (const group of await groupCaptures(captures)) {
      const report = await checkCaptures(group)
      sound &&= report.sound
      print(json ? JSON.stringify(report) : renderReport(report))
    }
  } catch (error) {
    print(json ? JSON.stringify({ sound: false, error: errorLine(error) }) : errorLine(error))
    sound = false
  }
  return sound ? EXIT.ok : EXIT.failure
}

/** A report for people: what it is, what is in it, and every fault with its line. */
export function renderReport(report: CaptureReport): string {
  const { files, symbols, messages, books, checksums, skewMs, silence, leftOut } = report
  const rows: [string, string][] = files.map(({ file, format, lines }) => [basename(file), `${format}, ${lines} lines`])
  rows.push(['symbols', symbols.length === 0 ? 'none' : `${symbols.slice(0, 12).join(' ')}${symbols.length > 12 ? ` and ${symbols.length - 12} more` : ''}`])
  if (!Number.isNaN(report.firstMs)) rows.push(['time', `${new Date(report.firstMs).toISOString()} to ${new Date(report.lastMs).toISOString()}, ${((report.lastMs - report.firstMs) / 1000).toFixed(1)} s`])
  rows.push(['messages', Object.entries(messages).map(([kind, count]) => `${count} ${kind}`).join(', ')])
  const [snapshots, updates] = books.reduce(([a, b], book) => [a + book.snapshots, b + book.updates], [0, 0])
  if (books.length > 0) rows.push(['books', `${books.length}, ${snapshots} snapshots, ${updates} updates applied; left out: ${leftOut.beforeSnapshot} before a snapshot, ${leftOut.inSnapshot} contained in one, ${leftOut.unknownId} of unknown ids`])
  rows.push(['gaps', `${report.gapCount}${report.missingCount > 0 ? ` with ${report.missingCount} missing` : ''}${report.knownGaps > 0 ? `, and ${report.knownGaps} lost connections that the recorder noted` : ''}`])
  rows.push(['faults', String(report.faultCount)])
  if (checksums.checked > 0) rows.push(['checksums', `${checksums.matching} of ${checksums.checked} match`])
  if (skewMs !== null) rows.push(['receive − venue', `median ${skewMs.median.toFixed(1)}, min ${skewMs.min.toFixed(1)}, max ${skewMs.max.toFixed(1)} ms`])
  if (silence !== null) rows.push(['longest silence', `${formatNs(Math.round(silence.ms * 1e6))} before line ${silence.line}${files.length > 1 ? ` of ${basename(silence.file)}` : ''}`])
  if (report.emptyBars > 0) rows.push(['bars without volume', String(report.emptyBars)])
  rows.push(['verdict', report.sound ? 'sound' : 'NOT SOUND'])
  const places = [
    ...report.gaps.slice(0, PRINTED_MAX).map((gap) => `gap    ${basename(gap.file)}:${gap.line} ${gap.symbol} ${gap.of}: expected ${gap.expected}, got ${gap.actual}`),
    ...more(report.gapCount, 'gaps'),
    ...report.faults.slice(0, PRINTED_MAX).map((fault) => `fault  ${basename(fault.file)}:${fault.line} ${fault.symbol}: ${fault.what}`),
    ...more(report.faultCount, 'faults'),
    ...report.notes.map((note) => `note   ${note}`),
  ]
  return `${renderTable(['recording', ''], rows)}${places.map((line) => `${line}\n`).join('')}`
}

const more = (count: number, what: string): readonly string[] => (count > PRINTED_MAX ? [`       … and ${count - PRINTED_MAX} more ${what}`] : [])
