import { globTest } from '../../core/glob.ts'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { didYouMean } from '../../core/nearest.ts'
import { type Checker, checker, type PointedError, pointerStep } from '../../core/check.ts'
import { isSocketOperation, looserPatternError, operationNames, streamingOperations } from '../api/operations.ts'
import { distributionErrors, parseDistribution } from '../../core/distributions/parse.ts'
import { type Fault, faultScopes, faults, type FaultScope, type FaultType } from './fault.ts'
import { type FaultRule, scopeOf } from './rule.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

/** Returns the errors in a rule that fits its schema. Pointers are into the rule. */
export function ruleErrors(rule: FaultRule): PointedError[] {
  const errors = [...faultErrors(rule.fault), ...matchErrors(rule), ...timeErrors(rule)]
  // Contradictions can only be found once each part is valid.
  return errors.length > 0 ? errors : [...contradictions(rule.fault), ...scopeErrors(rule)]
}

const checkers = new Map<FaultType, Checker<unknown>>()

/** Checks the fault against the schema of its type alone. */
function faultErrors(fault: Fault): PointedError[] {
  const { type } = fault
  if (!Object.hasOwn(faults, type)) {
    const types = Object.keys(faults)
    const detail = `expected one of ${types.join(', ')}, got ${JSON.stringify(type)}${didYouMean(type, types)}`
    return [{ pointer: '/fault/type', detail }]
  }
  const known = Object.keys(faults[type].properties)
  const unknown = Object.keys(fault)
    .filter(key => !known.includes(key))
    .map(key => {
      const hint = didYouMean(key, known) || `, which has ${known.join(', ')}`
      return { pointer: `/fault${pointerStep(key)}`, detail: `there is no such key of ${type}${hint}` }
    })
  if (unknown.length > 0) return unknown
  let typeChecker = checkers.get(type)
  if (typeChecker === undefined) checkers.set(type, (typeChecker = checker(faults[type])))
  return typeChecker.errors(fault).map(({ pointer, detail }) => ({ pointer: `/fault${pointer}`, detail }))
}

/** Returns the contradictions that no schema can express. */
function contradictions(fault: Fault): PointedError[] {
  if (fault.type === 'delay' || fault.type === 'slow_handshake') {
    return distributionErrors(fault.distribution, '/fault/distribution')
  }
  if (fault.type === 'stall') return stallErrors(fault)
  if (fault.type === 'capacity') return capacityErrors(fault)
  if (fault.type === 'disconnect') {
    const { code, after } = fault
    return [
      ...(after === undefined ? [] : distributionErrors(after, '/fault/after')),
      ...only(code !== undefined && !isSendable(code), '/fault/code', {
        detail: `expected a code that may be sent (1000…1003, 1007…1014, 3000…4999), got ${code}`,
      }),
    ]
  }
  if (fault.type === 'reset') {
    return only(fault.afterBytes !== undefined && fault.at !== 'after_handler', '/fault/afterBytes', {
      detail: 'expected at: after_handler with it: before the handler there are no bytes of an answer',
    })
  }
  if (fault.type === 'corrupt') {
    return only(fault.flips !== undefined && fault.how !== 'bit_flips', '/fault/flips', {
      detail: `expected how: bit_flips with it, got ${fault.how}`,
    })
  }
  return []
}

/** Neither the control plane nor a signal can end a stall. */
const LONGEST_STALL_MS = 60_000

function stallErrors({ duration }: Extract<Fault, { type: 'stall' }>): PointedError[] {
  const errors = distributionErrors(duration, '/fault/duration')
  if (errors.length > 0) return errors
  const { meanMs } = parseDistribution(duration)
  return only(meanMs > LONGEST_STALL_MS, '/fault/duration', {
    detail: `expected a mean of at most 1m, because nothing can end a stall, got ${formatDuration(meanMs)}`,
  })
}

/** Checks that the fault has either the numbers of a station, or the name of one whose numbers are in another rule. */
function capacityErrors(fault: Extract<Fault, { type: 'capacity' }>): PointedError[] {
  const { station, servers, service, queue, discipline, timeout, onFull } = fault
  const givesNumbers = servers !== undefined || service !== undefined
  if (!givesNumbers) {
    if (station === undefined) {
      return [{ pointer: '/fault', detail: 'expected servers and service, or the station of a rule that has them' }]
    }
    const stray = Object.entries({ queue, discipline, timeout, onFull }).filter(([, value]) => value !== undefined)
    return stray.map(([key]) => ({
      pointer: `/fault/${key}`,
      detail: `expected it in the rule that gives servers and service of the station ${station}`,
    }))
  }
  const missing = servers === undefined ? 'servers' : 'service'
  if (servers === undefined || service === undefined) {
    return [
      { pointer: `/fault/${missing}`, detail: 'expected a value: servers and service belong together, got nothing' },
    ]
  }
  const errors = distributionErrors(service, '/fault/service')
  if (errors.length > 0) return errors
  return only(parseDistribution(service).meanMs === 0, '/fault/service', {
    detail: 'expected a service that takes time, got 0: such a station is never full',
  })
}

function scopeErrors(rule: FaultRule): PointedError[] {
  const { fault, match = {} } = rule
  const scope = scopeOf(rule)
  const allowed: readonly FaultScope[] = faultScopes[fault.type]
  if (!allowed.includes(scope)) {
    return [{ pointer: '/scope', detail: `expected ${allowed.join(' or ')}, which ${fault.type} has, got ${scope}` }]
  }
  const perMessage = fault.type === 'delay' && fault.at === 'per_message'
  if (fault.type === 'delay' && fault.at !== undefined && perMessage !== (scope === 'message')) {
    const detail = perMessage
      ? 'expected message, or no scope, with at: per_message'
      : `expected request with at: ${fault.at}`
    return [{ pointer: '/scope', detail: `${detail}, got ${scope}` }]
  }
  const [matched] = Object.keys(match)
  if (scope === 'handshake') {
    return only(matched !== undefined, `/match/${matched}`, {
      detail: 'expected no match: during a handshake, nothing is known of the requests to come',
    })
  }
  return [
    ...only(match.channel !== undefined && scope !== 'message', '/match/channel', {
      detail: `expected a fault of messages: a ${scope} has no channel`,
    }),
    ...only(scope !== 'request' && match.operation !== undefined && !mayStayOpen(match.operation), '/match/operation', {
      detail: `expected operations that stay open (streams.*, sockets.*, graphql.*) for a ${scope}`,
    }),
  ]
}

function matchErrors({ match = {} }: FaultRule): PointedError[] {
  const operations = pointed(match.operation, '/match/operation').flatMap(({ pointer, pattern }) => {
    const detail = looserPatternError(pattern)
    return detail === undefined ? [] : [{ pointer, detail }]
  })
  const methods = pointed(match.method, '/match/method').flatMap(({ pointer, pattern }) =>
    only(!pattern.includes('*') && !METHODS.includes(pattern.toUpperCase()), pointer, {
      detail: `expected a method such as GET, got ${JSON.stringify(pattern)}`,
    }),
  )
  const paths = pointed(match.path, '/match/path').flatMap(({ pointer, pattern }) =>
    only(!/^[/*]/.test(pattern) || pattern.includes('?'), pointer, {
      detail: `expected a path such as /api/v1/products/*, without a query, got ${JSON.stringify(pattern)}`,
    }),
  )
  return [...operations, ...methods, ...paths]
}

function timeErrors({ window, ttl }: FaultRule): PointedError[] {
  const ttlMs = ttl === undefined ? Number.POSITIVE_INFINITY : parseDuration(ttl)
  const errors = only(ttlMs === 0, '/ttl', { detail: 'expected more than 0: the rule would end before it acts' })
  const windows = pointed(window, '/window').map(({ pointer, pattern: { from, to } }) => ({
    pointer,
    fromMs: parseDuration(from),
    toMs: parseDuration(to),
  }))
  for (const [index, { pointer, fromMs, toMs }] of windows.entries()) {
    if (toMs <= fromMs)
      errors.push({ pointer: `${pointer}/to`, detail: `expected more than from (${fromMs} ms), got ${toMs} ms` })
    else if (ttlMs > 0 && fromMs >= ttlMs) {
      errors.push({ pointer: `${pointer}/from`, detail: `expected less than the ttl (${ttlMs} ms), got ${fromMs} ms` })
    }
    const other = windows.slice(0, index).find(earlier => fromMs < earlier.toMs && earlier.fromMs < toMs)
    if (other !== undefined) {
      const detail = `expected windows that do not overlap: this one is ${fromMs}…${toMs} ms, an earlier one is ${other.fromMs}…${other.toMs} ms`
      errors.push({ pointer, detail })
    }
  }
  return errors
}

/** Returns a single value or the elements of an array, each with its pointer. */
function pointed<T>(value: T | T[] | undefined, pointer: string): { pointer: string; pattern: T }[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [{ pointer, pattern: value }]
  return value.map((pattern, index) => ({ pointer: `${pointer}/${index}`, pattern }))
}

const staysOpen = operationNames.filter(name => streamingOperations.includes(name) || isSocketOperation(name))

function mayStayOpen(operation: string | string[]): boolean {
  return [operation].flat().every(pattern => /^(streams|sockets)\./.test(pattern) || staysOpen.some(globTest(pattern)))
}

/** RFC 6455 §7.4 and later registrations. Other codes must not be sent. */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || code >= 3000
}

function only(wrong: boolean, pointer: string, { detail }: { detail: string }): PointedError[] {
  return wrong ? [{ pointer, detail }] : []
}
