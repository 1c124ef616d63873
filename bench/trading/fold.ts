/** `node bench/trading/fold.ts <journal>`: opens and folds a journal as a start of execution does; prints the seconds. */
import { apply, createState, FileJournal } from '../../src/trading/index.ts'

const startMs = performance.now()
const journal = new FileJournal(process.argv[2]!)
const state = createState()
journal.replay((record) => apply(state, record))
console.log(JSON.stringify({ seconds: (performance.now() - startMs) / 1000, records: state.records }))
