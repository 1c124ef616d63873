import { join } from 'node:path'
import type { Config } from '../src/config/index.ts'

/** File of the journal inside the data folder: one for each venue, whose execution ids mean nothing to the other. */
export const journalPath = (config: Pick<Config, 'data_dir' | 'venue'>): string => join(config.data_dir, 'journal', config.venue === 'bybit' ? 'trading.journal' : `trading-${config.venue}.journal`)
