import type { HttpDefaults, RedirectMode } from '../scenario/http.ts'
import { at, type Inspector } from './inspector.ts'

const REDIRECT_MODES: readonly RedirectMode[] = ['follow', 'manual', 'error']
const MOST_BYTES = 2 ** 40

/** Reads the defaults of requests. */
export function readHttp(inspector: Inspector, path: string, written: unknown): HttpDefaults {
  if (written === undefined) return {}
  const fields = inspector.fields(path, written, ['redirect', 'bodyLimitBytes', 'bodyMemoryBytes'])
  const bytes = (name: 'bodyLimitBytes' | 'bodyMemoryBytes') =>
    fields[name] === undefined
      ? {}
      : { [name]: inspector.number(at(path, name), fields[name], { min: 0, max: MOST_BYTES, integer: true }) }
  return {
    ...(fields['redirect'] !== undefined && {
      redirect: inspector.oneOf(at(path, 'redirect'), fields['redirect'], REDIRECT_MODES),
    }),
    ...bytes('bodyLimitBytes'),
    ...bytes('bodyMemoryBytes'),
  }
}
