/** What a price is wanted for. */
export type Purpose = 'order' | 'exit' | 'signal' | 'other'
