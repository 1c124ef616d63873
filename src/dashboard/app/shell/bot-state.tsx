import type { ReactNode } from 'react'
import type { BotStatus } from '../../../api/contract/index.ts'
import { Tag, type Tone } from '../ui/index.ts'

const STATES: Readonly<Record<BotStatus['state'], readonly [text: string, tone: Tone]>> = {
  trading: ['Trading', 'up'],
  starting: ['Starting', 'info'],
  stopping: ['Stopping', 'warn'],
  stopped: ['Stopped', 'warn'],
  down: ['Engine down', 'down'],
}

/** State of the engine as a tag. */
export function BotState({ status }: { readonly status: BotStatus | undefined }): ReactNode {
  const [text, tone] = status === undefined ? (['Connecting', ''] as const) : STATES[status.state]
  return (
    <Tag tone={tone}>
      <span className={`dot ${tone}`} />
      {text}
    </Tag>
  )
}
