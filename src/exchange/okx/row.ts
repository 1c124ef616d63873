/** A row of an answer or a push, before it is written. */
export type Row = Record<string, unknown>
