/** Texts of a row by column, as the database reads them; null for null. */
export type Texts = Readonly<Record<string, string | null>>
