import { Component, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { Redirect, Route, Router, Switch, useLocation } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { useConnection } from '../live/index.ts'
import { Login } from '../pages/login/login.tsx'
import { Failed, Loading, Toasts } from '../ui/index.ts'
import { Bar } from './bar.tsx'
import { ConnectionStrip } from './connection-strip.tsx'
import { PhoneTabs, Rail } from './navigation.tsx'
import { pages } from './pages.ts'

/** Addresses stand behind `#`, because `/models`, `/actors` and others belong to the API. */
export function App(): ReactNode {
  const session = useConnection((state) => state.session)
  if (session !== 'in') {
    return (
      <>
        <Login waiting={session === 'unknown'} away={session === 'away'} />
        <Toasts />
      </>
    )
  }
  return (
    <Router hook={useHashLocation}>
      <Shell />
      <Toasts />
    </Router>
  )
}

function Shell(): ReactNode {
  const [location] = useLocation()
  const main = useRef<HTMLElement>(null)
  const path = `/${location.split('/')[1] ?? ''}`
  const title = pages.find((page) => page.path === path)?.title ?? 'Ringmaster'
  useEffect(() => {
    document.title = `${title} · Ringmaster`
    main.current?.scrollTo(0, 0)
  }, [title])
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          // The part behind `#` is the address of a page here.
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to the content
      </a>
      <Rail />
      <Bar />
      <main ref={main} className="main" tabIndex={-1} id="main">
        <ConnectionStrip />
        <Guard key={path}>
          <Suspense fallback={<Loading lines={8} />}>
            <Switch>
              {pages.map(({ path: at, page }) => (
                <Route key={at} path={at === '/' ? at : `${at}/*?`} component={page} />
              ))}
              <Route>
                <Redirect to="/" />
              </Route>
            </Switch>
          </Suspense>
        </Guard>
      </main>
      <PhoneTabs />
    </div>
  )
}

/** A page that cannot be drawn takes the others not with it. */
class Guard extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Failed what="This page" error={this.state.error} retry={() => this.setState({ error: null })} />
  }
}
