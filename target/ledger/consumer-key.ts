/** What a stream is called whose client gives it no name: it is the how many-th of its run, from 1. */
export function streamKey(ordinal: number): string {
  return `connection-${ordinal}`
}

/** What a WebSocket is called whose client gives it no name: it is the how many-th of the target, from 1. */
export function socketKey(ordinal: number): string {
  return `socket-${ordinal}`
}
