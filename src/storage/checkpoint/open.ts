import { errorLine } from '../../core/index.ts'
import { type BaseBooks, createState, FileJournal, thawState, type TradingState } from '../../trading/index.ts'
import { type Checkpoint, checkpointPath, readCheckpoint } from './file.ts'
import { foldPrint } from './fold-print.ts'

/**
 * Opens a journal for writing, at its checkpoint where there is one that fits: made by this very code, whole, and of this
 * journal. Otherwise everything is folded from the first record; a checkpoint is never needed.
 * @throws as the constructor of `FileJournal`
 */
export function openBooks(path: string): { readonly journal: FileJournal; readonly base: BaseBooks } {
  const { checkpoint, state, problem } = usable(checkpointPath(path))
  const journal = new FileJournal(path, undefined, checkpoint?.place ?? null)
  if (checkpoint !== null && state !== null && journal.placeProblem === '') return { journal, base: { state, skipped: checkpoint.place.sequence, problem: '' } }
  return { journal, base: { state: createState(), skipped: 0, problem: problem === '' ? journal.placeProblem : problem } }
}

/** The checkpoint of a file with its books, or why there are none. */
export function usable(path: string): { readonly checkpoint: Checkpoint | null; readonly state: TradingState | null; readonly problem: string } {
  const nothing = (problem: string): ReturnType<typeof usable> => ({ checkpoint: null, state: null, problem })
  try {
    const checkpoint = readCheckpoint(path)
    if (checkpoint === null) return nothing('')
    if (typeof checkpoint === 'string') return nothing(checkpoint)
    if (checkpoint.fold !== foldPrint()) return nothing('it was made by another version of the program')
    return { checkpoint, state: thawState(checkpoint.state), problem: '' }
  } catch (error) {
    return nothing(errorLine(error))
  }
}
