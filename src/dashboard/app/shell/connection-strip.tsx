import { type ReactNode, useEffect, useState } from 'react'
import { clock } from '../format/index.ts'
import { socket, useConnection, useLive } from '../live/index.ts'
import { Button, Icon } from '../ui/index.ts'

/** A short gap is not worth a word. */
const QUIET_MS = 2500

/** Says above a page that its values are old, or that the engine is in trouble. */
export function ConnectionStrip(): ReactNode {
  const { socket: state, liveMs } = useConnection()
  const status = useLive('status')
  const [isLate, setLate] = useState(false)
  const isLive = state === 'live'
  useEffect(() => {
    if (isLive) return
    const timer = setTimeout(setLate, QUIET_MS, true)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [isLive])
  if (!isLive && isLate) {
    return (
      <p className="strip warn" role="alert" style={{ marginBottom: 12 }}>
        <Icon name="offline" />
        <span className="grow">The gateway does not answer. {liveMs === 0 ? 'No values yet.' : `Values are those of ${clock(liveMs)}; the engine trades on without this page.`}</span>
        <Button small onPress={() => socket.hurry()}>
          Connect now
        </Button>
      </p>
    )
  }
  if (isLive && status?.state === 'down') {
    return (
      <p className="strip down" role="alert" style={{ marginBottom: 12 }}>
        <Icon name="warning" />
        <span>The engine is down{status.reasons.length === 0 ? '' : `: ${status.reasons.join('; ')}`}. Stops at the venue stay; the supervisor starts it anew.</span>
      </p>
    )
  }
  return null
}
