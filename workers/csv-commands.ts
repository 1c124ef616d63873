/** `ringmaster csv rebuild`. */
import { EXIT } from '../src/cli/index.ts'
import type { LoadedConfig } from '../src/config/index.ts'
import { errorLine } from '../src/core/index.ts'
import { CsvJournal } from '../src/storage/index.ts'
import { csvPlaces } from './csv-writer.ts'

/** Makes all CSV files of the venue anew from its journal. */
export function csvRebuild({ config }: LoadedConfig, print: (line: string) => void): Promise<number> {
  try {
    const places = csvPlaces(config)
    const csv = new CsvJournal(places)
    try {
      csv.rebuild()
      print(`${csv.rows} rows in ${places.dir}, from ${places.journal}`)
    } finally {
      csv.close()
    }
    return Promise.resolve(EXIT.ok)
  } catch (error) {
    print(errorLine(error))
    return Promise.resolve(EXIT.failure)
  }
}
