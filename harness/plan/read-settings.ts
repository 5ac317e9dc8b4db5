import type { Duration } from '../../core/duration.ts'
import type { ContentCoding, HttpDefaults, RedirectMode } from '../scenario/http.ts'
import { type HttpVersion, httpVersions } from '../scenario/http-version.ts'
import { at, type Inspector } from './inspector.ts'

const REDIRECT_MODES: readonly RedirectMode[] = ['follow', 'manual', 'error']
const CODINGS: readonly ContentCoding[] = ['gzip', 'deflate', 'br', 'zstd', 'identity']
const DEFAULT_WARMUP_MS = 3000
const MOST_CONNECTIONS = 65_535
const MOST_BYTES = 2 ** 40

/** Options of the command line that replace defaults of requests. */
interface HttpOptions {
  identify?: boolean
  network?: { flags?: { httpVersion?: HttpVersion } }
}

/** Reads the defaults of requests. */
export function readHttp(
  inspector: Inspector,
  path: string,
  written: unknown,
  { identify, network }: HttpOptions = {},
): HttpDefaults {
  const version = network?.flags?.httpVersion
  return {
    ...readWritten(inspector, path, written),
    ...(identify && { identify }),
    ...(version !== undefined && { version }),
  }
}

function readWritten(inspector: Inspector, path: string, written: unknown): HttpDefaults {
  if (written === undefined) return {}
  const fields = inspector.fields(path, written, [
    'redirect',
    'bodyLimitBytes',
    'bodyMemoryBytes',
    'cookies',
    'identify',
    'userAgent',
    'acceptEncoding',
    'version',
    'maxStreamsPerConnection',
  ])
  const flag = (name: 'cookies' | 'identify') =>
    fields[name] === undefined ? {} : { [name]: inspector.boolean(at(path, name), fields[name]) }
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
    ...flag('cookies'),
    ...flag('identify'),
    ...(fields['version'] !== undefined && {
      version: inspector.oneOf(at(path, 'version'), fields['version'], httpVersions),
    }),
    ...(fields['maxStreamsPerConnection'] !== undefined && {
      maxStreamsPerConnection: inspector.number(
        at(path, 'maxStreamsPerConnection'),
        fields['maxStreamsPerConnection'],
        {
          min: 1,
          max: MOST_CONNECTIONS,
          integer: true,
        },
      ),
    }),
    ...(fields['userAgent'] !== undefined && {
      userAgent: readHeaderText(inspector, at(path, 'userAgent'), fields['userAgent']),
    }),
    ...(fields['acceptEncoding'] !== undefined && {
      acceptEncoding: readCodings(inspector, at(path, 'acceptEncoding'), fields['acceptEncoding']),
    }),
  }
}

function readHeaderText(inspector: Inspector, path: string, value: unknown): string {
  const text = inspector.text(path, value)
  if (!/^[\x20-\x7e]*$/.test(text)) inspector.expected(path, 'printable ASCII, which a header can carry', value)
  return text
}

function readCodings(inspector: Inspector, path: string, value: unknown): ContentCoding[] {
  const codings = inspector.list(path, value).map((item, index) => inspector.oneOf(at(path, index), item, CODINGS))
  return codings.filter(coding => coding !== undefined)
}

/** Reads settings as the text that a flag of the target takes. Only the target knows which keys and values are valid. */
export function readTargetSettings(inspector: Inspector, path: string, value: unknown): Record<string, string> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    inspector.expected(path, "an object such as { 'auth.tokenTtl': '2s' }", value)
    return {}
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, setting]) => [key, textOf(inspector, at(path, key), setting)]),
  )
}

function textOf(inspector: Inspector, path: string, setting: unknown): string {
  if (typeof setting === 'string') return setting
  const text = JSON.stringify(setting) as string | undefined
  if (text === undefined) inspector.expected(path, 'a value that JSON can hold', setting)
  return text ?? ''
}

export function readWarmup(inspector: Inspector, written: unknown, option: Duration | undefined): number {
  if (option !== undefined) return inspector.durationMs('--warmup', option)
  return written === undefined ? DEFAULT_WARMUP_MS : inspector.durationMs(at('', 'warmup'), written)
}

export function readConnections(inspector: Inspector, written: unknown): number | undefined {
  if (written === undefined) return undefined
  return inspector.number('connections', written, { min: 1, max: MOST_CONNECTIONS, integer: true })
}
