/** A thread of the episode benchmark: an hour of a seed in, its score out. */
import { parentPort } from 'node:worker_threads'
import { scoreHours } from './score.ts'

parentPort!.on('message', (seed: number) => parentPort!.postMessage(scoreHours(seed, 1)))
