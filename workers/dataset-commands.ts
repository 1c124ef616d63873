/** `ringmaster dataset info` and `ringmaster dataset check`. */
import { writeFileSync } from 'node:fs'
import { type DatasetInfoRequest, type DatasetRequest, EXIT, renderTable } from '../src/cli/index.ts'
import { errorLine, fail, isoTime } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { checkDataset, datasetInfo, datasetReport, HORIZONS, spacingText, type SymbolInfo, symbolsOf } from '../src/model/index.ts'

/** Places printed; `--json` has all. */
const PRINTED_MAX = 20

/** Says what is in a data set. @returns 0 @throws RM_DATASET_EMPTY, RM_DATASET_FILE, RM_DATASET_NPY */
export function datasetInfoCommand({ dir, label, html, json }: DatasetInfoRequest, print: (line: string) => void): number {
  needSymbols(dir)
  const symbols = datasetInfo(dir, label.gap_s * 1000)
  if (html !== null) writePage(html, datasetReport(symbols))
  if (json) for (const one of symbols) print(JSON.stringify(one))
  else print(renderTable(['symbol', 'samples', 'batches', 'from', 'to', 'spacing', 'gaps', ...HORIZONS.map((horizon) => `${horizon} −/0/+/?`)], symbols.map(infoRow)).trimEnd())
  if (html !== null && !json) print(`page: ${html}`)
  return EXIT.ok
}

/** Holds every file of a data set against the others. @returns 0 when all is sound, else 1 @throws RM_DATASET_EMPTY */
export function datasetCheckCommand({ dir, json }: DatasetRequest, print: (line: string) => void): number {
  needSymbols(dir)
  const { symbols, batches, samples, unfinished, problems } = checkDataset(dir, featureNames())
  const sound = problems.length === 0
  if (json) print(JSON.stringify({ sound, symbols, batches, samples, unfinished, problems }))
  else {
    const rows = [['symbols', symbols.join(' ')], ['batches', String(batches)], ['samples', String(samples)], ['in progress', `${unfinished} ${unfinished === 1 ? 'batch' : 'batches'}`], ['verdict', sound ? 'sound' : 'NOT SOUND']]
    print(renderTable(['data set', dir], rows).trimEnd())
    for (const { symbol, batch, problem } of problems.slice(0, PRINTED_MAX)) print(`problem  ${symbol} ${batch}: ${problem}`)
    if (problems.length > PRINTED_MAX) print(`         … and ${problems.length - PRINTED_MAX} more`)
  }
  return sound ? EXIT.ok : EXIT.failure
}

function needSymbols(dir: string): void {
  if (symbolsOf(dir).length === 0) fail('RM_DATASET_EMPTY', { folder: dir, problem: 'there is no symbol in it; "ringmaster collect" makes one' })
}

function infoRow({ symbol, samples, batches, firstMs, lastMs, spacingMs, gaps, classes }: SymbolInfo): readonly string[] {
  const time = (ms: number): string => (samples === 0 ? '-' : isoTime(ms).slice(0, 19).replace('T', ' '))
  const balance = HORIZONS.map((horizon) => [classes[horizon].down, classes[horizon].flat, classes[horizon].up, classes[horizon].unknown].join('/'))
  return [symbol, String(samples), String(batches), time(firstMs), time(lastMs), samples > 1 ? spacingText(spacingMs) : '-', String(gaps.length), ...balance]
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page)
  } catch (error) {
    fail('RM_DATASET_FILE', { file, problem: errorLine(error) }, error)
  }
}
