import type { ReactNode } from 'react'

/** Strokes of the icons, drawn on 24 × 24. Names of pages are names of icons. */
const paths = {
  overview: <path d="M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z" />,
  screener: <path d="M4 6h16M7 12h10M10 18h4" />,
  charts: <path d="M7 4v4M7 16v4M5 8h4v8H5zM17 3v5M17 14v6M15 8h4v6h-4z" />,
  orders: <path d="M5 4h14v16l-3-2-2 2-2-2-2 2-2-2-3 2zM9 9h6M9 13h6" />,
  strategies: <path d="M4 7h10M18 7h2M4 17h2M10 17h10M14 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M6 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0" />,
  actors: <path d="M12 4v6M6 20v-4a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v4M10 4h4M4 20h4M16 20h4M12 10v4" />,
  models: <path d="M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5" />,
  chaos: <path d="M13 3L5 14h6l-1 7 8-11h-6z" />,
  settings: <path d="M12 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1" />,
  more: <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3" />,
  refresh: <path d="M20 5v5h-5M4 19v-5h5M19 10a7.5 7.5 0 0 0-13-3M5 14a7.5 7.5 0 0 0 13 3" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  plus: <path d="M12 5v14M5 12h14" />,
  stop: <path d="M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16h.01" />,
  play: <path d="M8 5l11 7-11 7z" />,
  pause: <path d="M9 5v14M15 5v14" />,
  warning: <path d="M12 4l9 16H3zM12 10v4M12 17h.01" />,
  empty: <path d="M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5" />,
  offline: <path d="M3 3l18 18M8.5 14.5a5 5 0 0 1 5-1.4M5 11a10 10 0 0 1 4-2.4M19 11a10 10 0 0 0-6-3M12 19h.01" />,
  search: <path d="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13M15.5 15.5L20 20" />,
  sun: <path d="M12 8a4 4 0 1 0 0 8 4 4 0 1 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5" />,
  moon: <path d="M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z" />,
  leave: <path d="M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof paths

/** Decoration only: what it means stands beside it, or in the name of its button. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {paths[name]}
    </svg>
  )
}
