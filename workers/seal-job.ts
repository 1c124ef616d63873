/** Entry of the worker that makes one whole batch of a full log. */
import { workerData } from 'node:worker_threads'
import { sealBatch, type SealJob } from '../src/model/index.ts'

sealBatch(workerData as SealJob)
