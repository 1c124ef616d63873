/** Entry of a worker thread of the engine. */
import { importQuickly } from './quick-imports.ts'

importQuickly()
await import('./thread-main.ts')
