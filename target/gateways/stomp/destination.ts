import { quotedStart } from '../../../core/quoted-start.ts'
import { isName, nameRule } from '../../../contract/name.ts'
import { StompRefusal } from './refusal.ts'

/** Where a frame goes to, or comes from. */
export interface StompDestination {
  kind: 'stream' | 'room'
  name: string
}

const prefixes = { '/streams/': 'stream', '/rooms/': 'room' } as const

/** @throws StompRefusal */
export function destinationOf(text: string | undefined): StompDestination {
  if (text === undefined) throw new StompRefusal('invalid_request', 'expected a header destination')
  for (const [prefix, kind] of Object.entries(prefixes)) {
    if (!text.startsWith(prefix)) continue
    const name = text.slice(prefix.length)
    if (isName(name)) return { kind, name }
    throw new StompRefusal('invalid_name', `destination: expected ${nameRule}, got ${quotedStart(name)}`)
  }
  throw new StompRefusal(
    'invalid_request',
    `destination: expected /streams/<name> or /rooms/<name>, got ${quotedStart(text)}`,
  )
}
