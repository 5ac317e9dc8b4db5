import { escaped } from './escapes.ts'
import type { StompVersion } from './version.ts'

/** A line feed between frames, which only tells that its sender is alive. */
export const heartbeat = '\n'

/** Returns the lines of headers. Undefined ones are left out. */
export function headerLines(
  command: string,
  headers: Readonly<Record<string, string | number | undefined>>,
  version: StompVersion,
): string {
  let lines = ''
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    lines += `${escaped(name, command, version)}:${escaped(String(value), command, version)}\n`
  }
  return lines
}

/** Returns a frame as text. A body gets the header `content-length`, so that it may contain a NUL. */
export function writeFrame(
  command: string,
  headers: Readonly<Record<string, string | number | undefined>>,
  version: StompVersion,
  body = '',
): string {
  const length = body === '' ? '' : `content-length:${Buffer.byteLength(body)}\n`
  return `${command}\n${headerLines(command, headers, version)}${length}\n${body}\0`
}
