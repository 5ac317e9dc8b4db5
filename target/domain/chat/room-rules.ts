import type { Settings } from '../../configuration/settings.ts'
import type { Bearer } from '../../exchange/bearer.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'

/** Returns the refusal of a member or message whose room cannot be made. */
export function noRoom(channel: string, settings: Settings): SocketRefusal {
  const { channels } = settings.current.chat
  return new SocketRefusal(
    'too_many_channels',
    `${channels} channels have members already (chat.channels), so ${channel} cannot be created`,
  )
}

/**
 * In strict mode a client may only send the subject of its token as its user id.
 * @param name where it stands, such as `message.senderId`. @throws SocketRefusal forbidden
 */
export function checkClaim(
  bearer: Bearer | undefined,
  name: string,
  claim: string | number | null | undefined,
  settings: Settings,
): void {
  if (settings.current.auth.mode !== 'strict' || claim === undefined || claim === null) return
  if (String(claim) === bearer?.subject) return
  throw new SocketRefusal('forbidden', `expected ${name} to be the token's subject, ${bearer?.subject}, got ${claim}`)
}
