import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorLine, fail } from '../../../core/index.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts'

/** Where a training leaves what it needs to go on. */
export interface CheckpointStore {
  /** null before the first one. @throws RM_TRAIN_CHECKPOINT */
  load(): Checkpoint | null
  /** Whole or not at all. @throws RM_TRAIN_CHECKPOINT */
  save(checkpoint: Checkpoint): void
}

/** Where the checkpoint of a part of a fold lies. */
export const checkpointPath = (folder: string, fold: number, part: string): string => join(folder, `fold-${fold + 1}-${part}.checkpoint`)

/** A checkpoint in a file: written beside its name, brought to the disk, then renamed. */
export class CheckpointFile implements CheckpointStore {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  load(): Checkpoint | null {
    if (!existsSync(this.path)) return null
    return decodeCheckpoint(this.#doing(() => readFileSync(this.path)), this.path)
  }

  save(checkpoint: Checkpoint): void {
    const bytes = encodeCheckpoint(checkpoint)
    const draft = `${this.path}.tmp`
    this.#doing(() => {
      mkdirSync(dirname(this.path), { recursive: true })
      const fd = openSync(draft, 'w')
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(draft, this.path)
    })
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }

  #doing<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      return fail('RM_TRAIN_CHECKPOINT', { file: this.path, problem: errorLine(error) }, error)
    }
  }
}
