/** Entry of a worker thread of the engine. */
export {}

await import('./quick-imports.ts')
await import('./thread-main.ts')
