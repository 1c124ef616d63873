/** `node bench/trading/fold.ts <journal>`: opens and folds a journal as a start of execution does; prints the seconds. */
import { openBooks } from '../../src/storage/checkpoint/index.ts'
import { apply } from '../../src/trading/index.ts'

const startMs = performance.now()
const { journal, base } = openBooks(process.argv[2]!)
journal.replay((record) => apply(base.state, record))
console.log(JSON.stringify({ seconds: (performance.now() - startMs) / 1000, records: base.state.records, skipped: base.skipped }))
