import type { ConnectionFault } from './connection-fault.ts'

/** Keeps a connection silent: no keep-alives, no pings, no pongs. */
export const muteHeartbeats: ConnectionFault<'mute_heartbeats'> = {
  begin: () => ({ isMuted: true }),
}
