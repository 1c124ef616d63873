import type { WallMs } from '../../core/index.ts'
import type { Algo, AlgoBook } from './algo-book.ts'
import type { AlgoRows } from './algo-rows.ts'
import { codes, missing, refusals, refuse, wrong } from './codes.ts'
import { ALGO_KINDS } from './ids.ts'
import type { Listings } from './listing.ts'
import type { Row } from './row.ts'
import { page, type Query } from './query.ts'
import type { OkxKey } from './settings.ts'

const HISTORY_MS = 90 * 86_400_000
/** Types that the venue knows and that never occur here. */
const OTHERS: ReadonlySet<string> = new Set(['chase', 'iceberg', 'twap'])

export interface RestAlgosParts {
  readonly algos: AlgoBook
  readonly algoRows: AlgoRows
  readonly listings: Listings
  readonly nowMs: () => WallMs
}

/** Queries of algo orders. */
export class RestAlgos {
  readonly #parts: RestAlgosParts

  constructor(parts: RestAlgosParts) {
    this.#parts = parts
  }

  details(key: OkxKey, query: Query): readonly Row[] {
    const { algoRows, algos } = this.#parts
    const algoId = query.text('algoId')
    const algoClOrdId = query.text('algoClOrdId')
    if (algoId === '' && algoClOrdId === '') refuse(missing('algoId'))
    return [algoRows.row(algos.find(key.account, algoId, algoClOrdId) ?? refuse(codes.noOrder))]
  }

  pending(key: OkxKey, query: Query): readonly Row[] {
    return this.#rows(key, query, (algo) => algo.state === 'live')
  }

  /** Those that ended, of the last three months; by state or by id. */
  history(key: OkxKey, query: Query): readonly Row[] {
    const state = query.text('state')
    const algoId = query.text('algoId')
    if (state === '' && algoId === '') refuse(missing('state'))
    if (state !== '' && !['effective', 'canceled', 'order_failed'].includes(state)) refuse(wrong('state'))
    const sinceMs = this.#parts.nowMs() - HISTORY_MS
    return this.#rows(key, query, (algo) => algo.state !== 'live' && (state === '' || algo.state === state) && algo.updatedMs >= sinceMs)
  }

  #rows(key: OkxKey, query: Query, wanted: (algo: Algo) => boolean): readonly Row[] {
    const { algoRows, algos, listings } = this.#parts
    const types = query.text('ordType') === '' ? refuse(missing('ordType')) : query.text('ordType').split(',')
    for (const type of types) if (!OTHERS.has(type) && !Object.values<string>(ALGO_KINDS).includes(type)) refuse(wrong('ordType'))
    const instType = query.text('instType')
    const instId = query.text('instId')
    const algoId = query.text('algoId')
    const symbol = instId === '' ? null : (listings.byInstId(instId) ?? refuse(refusals['unknown-symbol'])).symbol
    if (instType !== '' && instType !== 'SWAP') return []
    const found = algos.all(key.account).filter((algo) => wanted(algo) && types.includes(ALGO_KINDS[algo.kind]) && (symbol === null || algo.orders[0]!.symbol === symbol) && (algoId === '' || algo.algoId === algoId))
    return page(found, query, (algo) => algo.algoId).map((algo) => algoRows.row(algo))
  }
}
