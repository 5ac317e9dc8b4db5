import { EVENT_MARKER } from './event.ts'

/** How many events these bytes hold, the first of the buffer. */
export function markersIn(buffer: Buffer, bytes: number): number {
  let count = 0
  for (let at = buffer.indexOf(EVENT_MARKER); at !== -1 && at < bytes; at = buffer.indexOf(EVENT_MARKER, at + 1))
    count++
  return count
}
