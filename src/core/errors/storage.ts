import { defineErrors } from './define.ts'

export const storageErrors = defineErrors({
  RM_JOURNAL_REWOUND: { action: 'resync', message: 'journal {path} no longer holds record {sequence} at byte {offset} as it was read: what was made from it must be made anew' },
  RM_JOURNAL_LOCKED: { action: 'halt', message: 'journal {path} is written by process {pid}: one engine trades on one journal' },
  RM_CSV_FOLDER: { action: 'halt', message: 'CSV folder {dir}: {problem}' },
  RM_CSV_LOCKED: { action: 'retry', message: 'CSV folder {dir} is written by process {pid}: stop the engine first' },
})
