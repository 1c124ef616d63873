import { isObject, type Json } from '../common/json.ts'

/** Entries kept; the oldest go first. */
const KEPT = 4096

/** What is known of one algo order that carries a client id. */
export interface KnownAlgo {
  readonly clientId: string
  /** '' while the venue has not told it. */
  algoId: string
  readonly instId: string
  /** Id of the order that it became, '' before its trigger. */
  ordId: string
  ended: boolean
}

/**
 * Algo orders live in an id space of their own. When one triggers, an order with another id and without our client id
 * appears: this remembers which is whose, so that orders and fills reach the engine under the client id it gave.
 */
export class AlgoIds {
  readonly #byClientId = new Map<string, KnownAlgo>()
  readonly #byAlgoId = new Map<string, KnownAlgo>()
  readonly #byOrdId = new Map<string, string>()

  /** Of a client id that was given to an algo order; undefined for an ordinary order. */
  of(clientId: string): KnownAlgo | undefined {
    return this.#byClientId.get(clientId)
  }

  /** Those that wait for their trigger, as far as is known. */
  waiting(): readonly KnownAlgo[] {
    return [...this.#byClientId.values()].filter((known) => !known.ended && known.ordId === '')
  }

  /** @param algoId '' where it is not known yet */
  note(clientId: string, algoId: string, instId: string): KnownAlgo {
    let known = this.#byClientId.get(clientId)
    if (known === undefined) {
      known = { clientId, algoId, instId, ordId: '', ended: false }
      keep(this.#byClientId, clientId, known)
    }
    if (algoId !== '') {
      known.algoId = algoId
      keep(this.#byAlgoId, algoId, known)
    }
    return known
  }

  /** The order `ordId` is what an algo order became. */
  became(clientId: string, ordId: string): void {
    const known = this.#byClientId.get(clientId)
    if (known !== undefined) known.ordId = ordId
    keep(this.#byOrdId, ordId, clientId)
  }

  /** Client id of a row of orders or fills: that of the algo order where it came from one, else its own. */
  clientOf(row: Json): string {
    const ordId = textOf(row, 'ordId')
    const named = textOf(row, 'algoClOrdId')
    const linked = row['linkedAlgoOrd']
    const algoId = textOf(row, 'algoId') || (isObject(linked) ? textOf(linked, 'algoId') : '')
    const clientId = named || this.#byAlgoId.get(algoId)?.clientId
    if (clientId !== undefined) {
      if (ordId !== '') this.became(clientId, ordId)
      return clientId
    }
    return this.#byOrdId.get(ordId) ?? textOf(row, 'clOrdId')
  }
}

const textOf = (row: Json, field: string): string => {
  const value = row[field]
  return typeof value === 'string' ? value : ''
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  if (map.size > KEPT) map.delete(map.keys().next().value!)
}
