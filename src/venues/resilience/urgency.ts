/** Parts of a venue that fail together, each with a breaker of its own. */
export const ENDPOINT_GROUPS = ['trade', 'position', 'account', 'market', 'other'] as const
export type EndpointGroup = (typeof ENDPOINT_GROUPS)[number]

/**
 * Who goes first under a limit, lowest number first: what takes risk away (cancels, reduce-only orders, protection, and
 * what these wait for), new exposure, questions about orders whose outcome is unknown, other questions, market data.
 */
export const REDUCE = 0
export const ENTRY = 1
export const EVIDENCE = 2
export const QUERY = 3
export const MARKET = 4
export type Urgency = typeof REDUCE | typeof ENTRY | typeof EVIDENCE | typeof QUERY | typeof MARKET

/** What no breaker ever holds back: the way out of a risk, and the way to learn what became of an order. */
export const unbreakable = (urgency: Urgency): boolean => urgency === REDUCE || urgency === EVIDENCE
