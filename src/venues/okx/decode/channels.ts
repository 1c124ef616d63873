/** Channels of the order book, by the levels of a side that they carry. */
export const BOOK_CHANNELS = {
  1: 'bbo-tbt',
  5: 'books5',
  50: 'books50-l2-tbt',
  400: 'books',
} as const

/** All 400 levels at every change; needs a login and the venue's higher fee tiers, as `books50-l2-tbt` does. */
export const FAST_BOOK = 'books-l2-tbt'
/** The deep book that everybody gets. */
export const OPEN_BOOK = BOOK_CHANNELS[400]

/** Channels for accounts of the higher fee tiers only, after a login. */
export const needsLogin = (channel: string): boolean => channel.endsWith('-l2-tbt')

/** Book channels that send a snapshot and then changes; the others send a snapshot each time. */
export const isIncremental = (channel: string): boolean => channel === OPEN_BOOK || needsLogin(channel)
