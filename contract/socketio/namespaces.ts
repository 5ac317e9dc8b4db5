/** Namespaces of the target, each of which serves one part of the domain. The main one, `/`, serves nothing. */
export const socketioNamespaces = ['/streams', '/chat', '/quotes', '/notifications'] as const
export type SocketioNamespace = (typeof socketioNamespaces)[number]

/** Last argument of every event: its channel and its place there. A client that reconnects sends that of its last event. */
export function offsetText(channel: string, sequence: number | string): string {
  return `${channel}@${sequence}`
}
