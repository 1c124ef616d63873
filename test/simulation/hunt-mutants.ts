/**
 * `node test/simulation/hunt-mutants.ts [name…]`: plants each bug of the list and plays seeds until one finds it.
 * Ends with 1 when one was not found.
 */
import { hunt } from './hunt.ts'
import { mutants } from './mutants.ts'

const SEEDS_MAX = 200
const wanted = process.argv.slice(2)
const missed: string[] = []
for (const mutant of mutants) {
  if (wanted.length > 0 && !wanted.some((word) => mutant.name.includes(word))) continue
  const startedMs = performance.now()
  const { seed, seeds, how } = await hunt(mutant, SEEDS_MAX, null)
  const tookS = ((performance.now() - startedMs) / 1000).toFixed(0)
  console.log(seed === null ? `MISSED  ${mutant.name}: ${seeds} seeds, ${tookS} s` : `found   ${mutant.name}: seed ${seed} of ${seeds}, ${tookS} s: ${how}`)
  if (seed === null) missed.push(mutant.name)
}
process.exitCode = missed.length > 0 ? 1 : 0
