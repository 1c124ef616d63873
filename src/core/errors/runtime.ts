import { defineErrors } from './define.ts'

export const runtimeErrors = defineErrors({
  RM_ACTOR_UNKNOWN: { action: 'reject', message: 'no actor "{id}"; there are {known}' },
  RM_ACTOR_FAULT: { action: 'retry', message: 'planted fault "{fault}" in {id}' },
  RM_ACTOR_LIMIT: { action: 'halt', message: '{id} failed {failures} times within {windowMs} ms, last: {error}' },
  RM_THREAD_HUNG: { action: 'retry', message: 'thread {thread} has not turned its loop for {silentMs} ms (limit {limitMs} ms)' },
  RM_THREAD_EXIT: { action: 'retry', message: 'thread {thread} ended with code {code}: {error}' },
  RM_THREAD_LIMIT: { action: 'halt', message: 'thread {thread} failed {failures} times within {windowMs} ms, last: {error}' },
  RM_PROCESS_EXIT: { action: 'retry', message: 'process {name} (pid {pid}) ended: {how}' },
  RM_PROCESS_SILENT: { action: 'retry', message: 'process {name} (pid {pid}) has been silent for {silentMs} ms (limit {limitMs} ms)' },
  RM_PROCESS_LIMIT: { action: 'halt', message: 'process {name} failed {failures} times within {windowMs} ms, last: {error}' },
  RM_PROCESS_START: { action: 'halt', message: 'process {name} was not ready after {waitedMs} ms' },
  RM_REPLAY_FILES: { action: 'reject', message: 'recordings and trading pairs do not fit each other: pairs without a file: {missing}; files without a pair: {foreign}' },
  RM_PLACEMENT: { action: 'reject', message: 'placement: {problem}' },
})
