import type { ExchangeOrder, ExchangePort } from '../port.ts'
import { algoIdOf, clientNameOf, type AlgoHalf, type AlgoKind } from './ids.ts'

export type AlgoState = 'live' | 'effective' | 'canceled' | 'order_failed'

/** An algo order: what this venue shows as one, the exchange keeps as one or two conditional orders. */
export interface Algo {
  readonly algoId: string
  readonly algoClOrdId: string
  readonly tag: string
  readonly kind: AlgoKind
  readonly state: AlgoState
  /** Lowest number first. */
  readonly orders: readonly ExchangeOrder[]
  /** The one that became an order; null before that. */
  readonly fired: ExchangeOrder | null
  readonly updatedMs: number
}

/** Whether the order is still a trigger, or never became more. */
export const neverFired = (order: ExchangeOrder): boolean => order.trigger !== null && order.trigger.triggeredMs === null

/** Half of a take profit and stop loss that a conditional order is. */
export function halfOf(order: ExchangeOrder): AlgoHalf {
  const said = clientNameOf(order.clientId).algo?.half
  if (said !== undefined) return said
  const kind = order.trigger?.kind ?? 'stop'
  return kind.endsWith('take-profit') ? 'tp' : kind.endsWith('stop-loss') ? 'sl' : ''
}

export function algoKindOf(order: ExchangeOrder, halves: number): AlgoKind {
  const said = clientNameOf(order.clientId).algo?.kind
  if (said !== undefined) return said
  if (order.trigger?.kind === 'trailing-stop') return 'm'
  return halves > 1 ? 'o' : order.trigger?.kind === 'stop' ? 't' : 'c'
}

/** The algo orders of accounts, put together from the conditional orders of the exchange. */
export class AlgoBook {
  readonly #exchange: ExchangePort

  constructor(exchange: ExchangePort) {
    this.#exchange = exchange
  }

  /** Newest first. */
  all(account: string): readonly Algo[] {
    const groups = new Map<string, ExchangeOrder[]>()
    const conditional = this.#exchange.orders(account, { conditional: true })
    const fired = this.#exchange.orders(account, {}).filter((order) => order.trigger !== null)
    for (const order of [...conditional, ...fired]) {
      const name = groupOf(order)
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [order])
      else if (!group.some((one) => one.orderId === order.orderId)) group.push(order)
    }
    return [...groups.values()].map((orders) => algoOf(orders)).filter(complete).sort((a, b) => (a.algoId.length - b.algoId.length || (a.algoId < b.algoId ? -1 : 1)) * -1)
  }

  /** The algo order that this conditional one belongs to; undefined while it is still being put together. */
  of(order: ExchangeOrder): Algo | undefined {
    const name = groupOf(order)
    if (name === order.orderId) return algoOf([this.#exchange.findOrder(order.account, { orderId: order.orderId }) ?? order])
    // Asked at every push of such an order: only its own group is put together.
    const members = new Map<string, ExchangeOrder>()
    for (const conditional of [true, false]) for (const one of this.#exchange.orders(order.account, { conditional, group: name })) if (!members.has(one.orderId)) members.set(one.orderId, one)
    if (!members.has(order.orderId)) return undefined
    const algo = algoOf([...members.values()])
    return complete(algo) ? algo : undefined
  }

  /** `algoId` wins; a reused name means the newest. */
  find(account: string, algoId: string, algoClOrdId: string): Algo | undefined {
    return this.all(account).find((algo) => (algoId !== '' ? algo.algoId === algoId : algo.algoClOrdId === algoClOrdId))
  }
}

const groupOf = (order: ExchangeOrder): string => (order.trigger === null || order.trigger.group === '' ? order.orderId : order.trigger.group)

function algoOf(found: readonly ExchangeOrder[]): Algo {
  const orders = [...found].sort((a, b) => (a.orderId < b.orderId ? -1 : 1))
  const first = orders[0]!
  const fired = orders.find((order) => order.trigger?.triggeredMs !== null) ?? null
  const name = clientNameOf(first.clientId)
  const parent = first.trigger === null ? undefined : clientNameOf(first.trigger.parentClientId).attached
  const half = halfOf(first)
  const failed = orders.some((order) => order.cancelReason === 'margin-at-trigger')
  const waits = orders.some((order) => order.status === 'Untriggered')
  return {
    algoId: algoIdOf(first.orderId),
    algoClOrdId: name.algo === undefined ? (parent === undefined ? '' : half === 'tp' ? parent.tp : parent.sl) : name.clOrdId,
    tag: name.algo === undefined ? '' : name.tag,
    kind: algoKindOf(first, orders.length),
    state: failed ? 'order_failed' : fired !== null ? 'effective' : waits ? 'live' : 'canceled',
    orders,
    fired: failed ? null : fired,
    updatedMs: Math.max(...orders.map((order) => order.updatedMs)),
  }
}

// A pair whose second half was refused never existed for the client.
const complete = (algo: Algo): boolean => algo.kind !== 'o' || algo.orders.length > 1
