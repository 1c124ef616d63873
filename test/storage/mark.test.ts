import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ArchiveMark, type Database, withoutArchive } from '../../src/storage/index.ts'
import { asAdmin, databaseAt, emptyDatabase } from './support/server.ts'

let archive: Database
let person: Database
let admin: Database

beforeAll(async () => {
  const url = await emptyDatabase()
  archive = databaseAt(url)
  person = databaseAt(url)
  admin = databaseAt(asAdmin(url))
}, 60_000)
afterAll(() => Promise.all([archive.close(), person.close(), admin.close()]))

const takeBack = (work: () => Promise<unknown> = async () => 'done'): Promise<unknown> => person.session((sql) => withoutArchive(sql, work))

describe('the mark of a running archive', { timeout: 30_000 }, () => {
  it('keeps the schema from being taken back while any archive runs, and no longer', async () => {
    const marks = [new ArchiveMark(archive), new ArchiveMark(archive)]
    for (const mark of marks) await mark.hold()
    await marks[0]!.hold()
    await expect(takeBack()).rejects.toThrow('RM_DATABASE_IN_USE: the database is in use: the archive of an engine runs on it')
    await marks[0]!.release()
    await expect(takeBack()).rejects.toThrow('RM_DATABASE_IN_USE')
    await marks[1]!.release()
    expect(await takeBack()).toBe('done')
    // It can be put again.
    await marks[0]!.hold()
    await expect(takeBack()).rejects.toThrow('RM_DATABASE_IN_USE')
    await marks[0]!.release()
  })

  it('is refused to an archive while the schema is being taken back, and free after a failure of that', async () => {
    const mark = new ArchiveMark(archive)
    await expect(
      takeBack(async () => {
        await expect(mark.hold()).rejects.toThrow('RM_DATABASE_IN_USE: the database is in use: its schema is being taken back')
        throw new Error('did not work')
      }),
    ).rejects.toThrow('did not work')
    await mark.hold()
    await mark.release()
  })

  it('goes with its connection, and stands again at the next step', async () => {
    const mark = new ArchiveMark(archive)
    await mark.hold()
    await admin.session((sql) => sql.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"))
    for (let tries = 0; (await takeBack().catch(() => 'held')) !== 'done'; tries++) if (tries > 200) throw new Error('the mark outlives its connection')
    // The loss reaches this side a moment later.
    for (let tries = 0; ; tries++) {
      await mark.hold()
      if ((await takeBack().catch(() => 'held')) === 'held') break
      if (tries > 200) throw new Error('the mark does not stand again')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await mark.release()
    expect(await takeBack()).toBe('done')
  })
})
