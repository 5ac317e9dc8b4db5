/** Versions of STOMP that both ends speak, newest first. */
export const stompVersions = ['1.2', '1.1', '1.0'] as const
export type StompVersion = (typeof stompVersions)[number]

/** Subprotocols of WebSocket that carry STOMP, in the order of preference. The version itself is agreed on by CONNECT. */
export const stompSubprotocols: readonly string[] = ['v12.stomp', 'v11.stomp', 'v10.stomp']

/** Returns the newest version of both sides; undefined if there is none. @param accepted value of `accept-version` */
export function newestOf(accepted: string | undefined): StompVersion | undefined {
  if (accepted === undefined) return '1.0'
  const offered = accepted.split(',').map(version => version.trim())
  return stompVersions.find(version => offered.includes(version))
}
