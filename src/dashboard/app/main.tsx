import '@fontsource-variable/inter/wght.css'
import './style/tokens.css'
import './style/base.css'
import './style/parts.css'
import './style/table.css'
import './style/shell.css'
import './style/pages.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries, start } from './live/index.ts'
import { App } from './shell/app.tsx'

void start()
createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
