/** Returns the name of a stream whose client gives none: its ordinal within its run, from 1. */
export function streamKey(ordinal: number): string {
  return `connection-${ordinal}`
}

/** Returns the name of a WebSocket whose client gives none: its ordinal within the target, from 1. */
export function socketKey(ordinal: number): string {
  return `socket-${ordinal}`
}
