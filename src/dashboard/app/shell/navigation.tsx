import { type ReactNode, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useLive } from '../live/index.ts'
import { Dialog, Icon } from '../ui/index.ts'
import { ON_PHONE, type PageEntry, pages } from './pages.ts'

const isAt = (location: string, { path }: PageEntry): boolean => (path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`))

function NavLink({ entry, className, onGo }: { readonly entry: PageEntry; readonly className?: string; readonly onGo?: () => void }): ReactNode {
  const [location] = useLocation()
  return (
    <Link href={entry.path} className={className ?? ''} aria-current={isAt(location, entry) ? 'page' : undefined} aria-label={entry.title} title={entry.title} onClick={onGo}>
      <Icon name={entry.icon} />
      <span className="label">{entry.title}</span>
    </Link>
  )
}

/** The pages at the left; icons alone where there is little room. */
export function Rail(): ReactNode {
  const status = useLive('status')
  return (
    <nav className="rail" aria-label="Pages">
      <div className="brand">
        <Mark />
        <span className="label">Ringmaster</span>
      </div>
      {pages.map((entry) => (
        <NavLink key={entry.path} entry={entry} className="nav-link" />
      ))}
      <p className="rail-foot num">{status === undefined ? '' : `${status.venue} · ${status.version}`}</p>
    </nav>
  )
}

function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="11" fill="none" stroke="var(--accent)" strokeWidth="3" strokeDasharray="51 18" strokeLinecap="round" transform="rotate(-60 16 16)" />
      <circle cx="16" cy="16" r="4" fill="var(--up)" />
    </svg>
  )
}

/** The pages at the foot of a phone. */
export function PhoneTabs(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const [location] = useLocation()
  const rest = pages.slice(ON_PHONE)
  return (
    <nav className="tabs-phone" aria-label="Pages">
      {pages.slice(0, ON_PHONE).map((entry) => (
        <NavLink key={entry.path} entry={entry} />
      ))}
      <button type="button" aria-haspopup="dialog" aria-current={rest.some((entry) => isAt(location, entry)) ? 'page' : undefined} onClick={() => setOpen(true)}>
        <Icon name="more" />
        <span className="label">More</span>
      </button>
      {isOpen ? (
        <Dialog title="Pages" onClose={() => setOpen(false)}>
          <div className="more-links">
            {rest.map((entry) => (
              <NavLink key={entry.path} entry={entry} className="nav-link" onGo={() => setOpen(false)} />
            ))}
          </div>
        </Dialog>
      ) : null}
    </nav>
  )
}
