import { type ReactNode, useState } from 'react'
import type { ChainLink } from '../../../../api/contract/index.ts'
import { clock } from '../../format/index.ts'
import { Button, Empty, Tag } from '../../ui/index.ts'

const FIRST = 40

/** The records of the journal that led to an order and followed from it, wire frames among them, in their order. */
export function Chain({ links }: { readonly links: readonly ChainLink[] }): ReactNode {
  const [isWhole, setWhole] = useState(false)
  if (links.length === 0) return <Empty title="No records">The journal has none for this order.</Empty>
  return (
    <>
      <ol className="chain num" aria-label="Records of the journal" tabIndex={0}>
        {(isWhole ? links : links.slice(0, FIRST)).map((link) => (
          <li key={link.sequence}>
            <time className="muted small" title={`record ${link.sequence}`}>
              {clock(link.atMs)}.{String(Math.floor(link.atMs) % 1000).padStart(3, '0')}
            </time>
            <span>
              <Tag>{link.kind.replaceAll('_', ' ')}</Tag>
            </span>
            <p className="quiet small">{link.words}</p>
          </li>
        ))}
      </ol>
      {isWhole || links.length <= FIRST ? null : (
        <Button look="plain" onPress={() => setWhole(true)}>
          Show all {links.length} records
        </Button>
      )}
    </>
  )
}
