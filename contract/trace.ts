/** Header of the W3C Trace Context that names the trace of a request, in the lower case Node uses. */
export const TRACE_HEADER = 'traceparent'

/** Ids of a request as tracing systems know it, in hexadecimal digits. */
export interface TraceContext {
  /** 32 digits. All requests that belong together share it. */
  trace: string
  /** 16 digits: the span that sent the request. */
  parent: string
  /** Whether the sender asks for the trace to be kept. */
  sampled: boolean
}

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const SAMPLED = 1

/** Reads a `traceparent` as Trace Context Level 1 demands; undefined for anything else. */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, version, trace, parent, flags, more] = (typeof value === 'string' && TRACEPARENT.exec(value)) || []
  // Only later versions may have more fields.
  if (trace === undefined || parent === undefined || (version === '00' && more !== undefined)) return undefined
  return { trace, parent, sampled: (Number.parseInt(flags ?? '', 16) & SAMPLED) === SAMPLED }
}

export function formatTraceparent({ trace, parent, sampled }: TraceContext): string {
  return `00-${trace}-${parent}-${sampled ? '01' : '00'}`
}

/** Tells whether a text is the id of a trace. */
export function isTraceId(text: string): boolean {
  return /^(?!0{32})[0-9a-f]{32}$/.test(text)
}
