import { type ComponentType, lazy, type LazyExoticComponent } from 'react'
import type { IconName } from '../ui/index.ts'
import { Overview } from '../pages/overview/overview.tsx'

export interface PageEntry {
  readonly path: string
  readonly title: string
  readonly icon: IconName
  readonly page: ComponentType | LazyExoticComponent<ComponentType>
}

/** Every page. The first is in the first load; the others come when they are opened, the chart library with those that draw charts. */
export const pages: readonly PageEntry[] = [
  { path: '/', title: 'Overview', icon: 'overview', page: Overview },
  { path: '/screener', title: 'Screener', icon: 'screener', page: lazy(async () => ({ default: (await import('../pages/screener/screener.tsx')).Screener })) },
  { path: '/charts', title: 'Charts', icon: 'charts', page: lazy(async () => ({ default: (await import('../pages/charts/charts.tsx')).Charts })) },
  { path: '/orders', title: 'Orders', icon: 'orders', page: lazy(async () => ({ default: (await import('../pages/orders/orders.tsx')).Orders })) },
  { path: '/strategies', title: 'Strategies', icon: 'strategies', page: lazy(async () => ({ default: (await import('../pages/strategies/strategies.tsx')).Strategies })) },
  { path: '/actors', title: 'Actors', icon: 'actors', page: lazy(async () => ({ default: (await import('../pages/actors/actors.tsx')).Actors })) },
  { path: '/models', title: 'Models', icon: 'models', page: lazy(async () => ({ default: (await import('../pages/models/models.tsx')).Models })) },
  { path: '/chaos', title: 'Chaos', icon: 'chaos', page: lazy(async () => ({ default: (await import('../pages/chaos/chaos.tsx')).Chaos })) },
  { path: '/settings', title: 'Settings', icon: 'settings', page: lazy(async () => ({ default: (await import('../pages/settings/settings.tsx')).Settings })) },
]

/** How many of them stand in the bar of a phone; the rest is behind `More`. */
export const ON_PHONE = 4
