import type { IncomingHttpHeaders } from 'node:http'
import { defaultPolledEvents, longestPollSeconds, mostPolledEvents } from '../../contract/api/streams.ts'
import { headers } from '../../contract/headers.ts'
import { areOfNames, isName, nameRule } from '../../contract/name.ts'
import type { PointedError } from '../../core/check.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { StartPoint } from '../streams/resume.ts'
import type { Filter } from '../streams/event.ts'
import type { StreamProtocolName } from '../protocols/stream-protocol.ts'

/** The part of a query that streams and polls share. */
interface ReadQuery {
  filter: Filter | undefined
  /** The name of the consumer group, if there is one. */
  group: string | undefined
  start: StartPoint
}

/** The query and headers of a stream. */
export interface StreamQuery extends ReadQuery {
  format: StreamProtocolName
}

/** The query of a poll. */
export interface PollQuery extends ReadQuery {
  limit: number
  /** Undefined for the default of the target. */
  timeoutMs: number | undefined
}

const LONGEST_CURSOR = 128

/** @throws ProblemError with a pointer to each invalid parameter */
export function streamQuery(query: unknown, requestHeaders: IncomingHttpHeaders, partitionCount: number): StreamQuery {
  const parameters = new Parameters(query)
  const filter = filterOf(parameters, partitionCount)
  const format = parameters.choice('format', ['sse', 'ndjson'])
  const from = parameters.choice('from', ['latest', 'earliest'])
  const cursor = cursorOf(parameters, requestHeaders)
  const group = groupOf(parameters)
  parameters.throwRefused()
  return {
    filter,
    group,
    format: format ?? acceptedFormat(requestHeaders.accept),
    start: cursor === undefined ? (from ?? 'latest') : { cursor },
  }
}

/** @throws ProblemError with a pointer to each invalid parameter */
export function pollQuery(query: unknown, partitionCount: number): PollQuery {
  const parameters = new Parameters(query)
  const limit = parameters.number('limit', 1, mostPolledEvents) ?? defaultPolledEvents
  if (!Number.isInteger(limit)) parameters.refuse('limit', `expected a whole number, got ${limit}`)
  const filter = filterOf(parameters, partitionCount)
  const from = parameters.choice('from', ['latest', 'earliest'])
  const cursor = parameters.text('cursor', LONGEST_CURSOR)
  const timeoutSeconds = parameters.number('timeout', 0, longestPollSeconds)
  const group = groupOf(parameters)
  parameters.throwRefused()
  return {
    filter,
    group,
    start: cursor ? { cursor } : (from ?? 'latest'),
    limit,
    timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
  }
}

function filterOf(parameters: Parameters, partitionCount: number): Filter | undefined {
  const partitions = parameters.list(
    'partition',
    text => {
      const partition = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
      return partition < partitionCount ? partition : undefined
    },
    `partitions from 0 to ${partitionCount - 1}`,
  )
  const types = parameters.list('event_type', text => (isName(text) ? text : undefined), nameRule)
  if (partitions === undefined && types === undefined) return undefined
  return { ...(partitions && { partitions }), ...(types && { types }) }
}

function groupOf(parameters: Parameters): string | undefined {
  // An empty region is treated as absent; an empty group is refused.
  if (!parameters.isEmpty('region')) parameters.name('region')
  return parameters.name('consumer_group')
}

/** Returns the streams of `channels` without repetitions. */
export function channelsOf(query: unknown): string[] {
  const parameters = new Parameters(query)
  const channels = parameters.list('channels', name => name, 'stream names')
  if (channels === undefined)
    parameters.refuse('channels', "expected stream names such as 'inventory,pricing', got nothing")
  parameters.throwRefused()
  return [...(channels ?? [])].map(checkStreamName)
}

export function checkStreamName(name: string): string {
  if (isName(name)) return name
  throw new ProblemError('invalid_name', `stream: expected ${nameRule}, got ${inWords(name)}`)
}

/** Returns the cursor from the header that reconnecting clients send, or from the query for clients that cannot set a header. */
function cursorOf(parameters: Parameters, requestHeaders: IncomingHttpHeaders): string | undefined {
  const inQuery = parameters.text('last_event_id', LONGEST_CURSOR)
  const inHeader = requestHeaders[headers.lastEventId]
  return (typeof inHeader === 'string' && inHeader) || inQuery || undefined
}

function acceptedFormat(accept: string | undefined): StreamProtocolName {
  return accept?.includes('application/x-ndjson') && !accept.includes('text/event-stream') ? 'ndjson' : 'sse'
}

/** Reads query parameters one by one and collects their errors. Unknown parameters are ignored. */
class Parameters {
  readonly #values: Record<string, string | string[] | undefined>
  readonly #errors: PointedError[] = []

  constructor(query: unknown) {
    this.#values = query as Record<string, string | string[] | undefined>
  }

  refuse(name: string, detail: string): void {
    this.#errors.push({ pointer: `/query/${name}`, detail })
  }

  throwRefused(): void {
    if (this.#errors.length === 0) return
    const detail = this.#errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')
    const others = areOfNames(this.#errors) ? 'invalid_name' : 'invalid_request'
    const code = this.#errors[0]?.pointer === '/query/limit' ? 'invalid_limit' : others
    throw new ProblemError(code, detail, { errors: this.#errors })
  }

  text(name: string, longest: number): string | undefined {
    const value = this.#values[name]
    if (value === undefined) return undefined
    if (typeof value === 'string' && value.length <= longest) return value
    this.refuse(name, `expected one text of at most ${longest} characters, got ${inWords(value)}`)
    return undefined
  }

  isEmpty(name: string): boolean {
    return this.#values[name] === ''
  }

  name(name: string): string | undefined {
    const value = this.#values[name]
    if (value === undefined || (typeof value === 'string' && isName(value))) return value
    this.refuse(name, `expected ${nameRule}, got ${inWords(value)}`)
    return undefined
  }

  /** Reads a decimal number within these bounds. An empty parameter is treated as absent. */
  number(name: string, least: number, most: number): number | undefined {
    const value = this.#values[name]
    if (value === undefined || value === '') return undefined
    const number = typeof value === 'string' && /^\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    this.refuse(name, `expected ${least}…${most}, got ${inWords(value)}`)
    return undefined
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.#values[name]
    if (value === undefined) return undefined
    const choice = choices.find(choice => choice === value)
    if (choice === undefined) this.refuse(name, `expected ${choices.join(' or ')}, got ${inWords(value)}`)
    return choice
  }

  /** Reads a list that is separated by commas or given as a repeated parameter. */
  list<T>(name: string, parse: (text: string) => T | undefined, expected: string): Set<T> | undefined {
    const value = this.#values[name]
    if (value === undefined) return undefined
    const items = new Set<T>()
    for (const text of [value].flat().join(',').split(',')) {
      const item = text === '' ? undefined : parse(text)
      if (item !== undefined) items.add(item)
      else this.refuse(name, `expected ${expected}, separated by commas, got ${inWords(text)}`)
    }
    return items
  }
}

function inWords(value: unknown): string {
  return JSON.stringify(value).slice(0, 80)
}
