import { mediaTypeOf } from '../../harness/client/message/content.ts'
import type { FaultOf, FaultType, requestFaults } from '../../contract/faults/fault.ts'
import type { Context, HttpResponse } from '../../harness/scenario.ts'

type CalibratedRequestFault = {
  [Type in keyof typeof requestFaults & FaultType]: FaultOf<Type>
}[keyof typeof requestFaults]

/** Responses by path that each client received without faults, before the run. */
export type Intact = ReadonlyMap<string, HttpResponse>

/** A fault of requests, and how a client recognises affected ones. */
export interface RequestFaultCase {
  name: string
  wire: 'http' | 'sse' | 'websocket'
  fault: CalibratedRequestFault
  /**
   * The source that decides whether a request was affected: the `answer` itself, or the rule's `report`, read after each request.
   * The report decides where the client could only judge by time.
   */
  decidedBy: 'answer' | 'report'
  /** Sends a request, and tells whether its answer looks affected. It always does if the fault was injected, however busy the machine is. */
  isAffected: (context: Context<Intact>, sent: SentRequest) => Promise<boolean>
}

export interface SentRequest {
  name: string
  headers: Record<string, string>
  /** Timeout of requests that may never be answered. */
  timeoutMs: number
}

/** Much longer than a request takes without a fault. */
const LONG_MS = 100
export const SMALL = '/api/v1/products/7'
/** Path whose response has a body of several chunks. */
export const LARGE = '/api/v1/products?limit=100'
const STREAM = '/v1/streams/handshakes'
const SOCKET = '/ws/chat'

type Sign = (response: HttpResponse, intact: HttpResponse) => boolean

function answered(name: string, fault: CalibratedRequestFault, sign: Sign): RequestFaultCase {
  return { name, wire: 'http', fault, decidedBy: 'answer', isAffected: getting(SMALL, sign) }
}

function reported(name: string, fault: CalibratedRequestFault, sign: Sign, path = SMALL): RequestFaultCase {
  return { name, wire: 'http', fault, decidedBy: 'report', isAffected: getting(path, sign) }
}

function getting(path: string, sign: Sign): RequestFaultCase['isAffected'] {
  return async ({ http, state }, { headers, name, timeoutMs }) => {
    const timeout = sign === unanswered ? { timeout: timeoutMs } : {}
    return sign(await http.get(path, { headers, name, ...timeout }), state.get(path)!)
  }
}

/** Returns cases in which a stream and a WebSocket are not opened: they are refused, or nothing comes until the timeout. */
function handshakes(name: string, fault: CalibratedRequestFault): RequestFaultCase[] {
  return [
    {
      name: `${name}, of a stream`,
      wire: 'sse',
      fault,
      decidedBy: 'report',
      async isAffected({ http, auth }, { headers, name, timeoutMs }) {
        await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        // An open stream does not end, so its head is enough.
        const { status } = await http.get(STREAM, { headers, name, timeout: timeoutMs })
        return status !== 200
      },
    },
    {
      name: `${name}, of a WebSocket`,
      wire: 'websocket',
      fault,
      decidedBy: 'report',
      async isAffected({ ws, vu }, { headers, name, timeoutMs }) {
        const query = { token: `demo-jwt-token-${vu.id}` }
        try {
          const socket = await ws.open(SOCKET, { query, headers, name, timeout: timeoutMs })
          await socket.close()
          return false
        } catch {
          return true
        }
      },
    },
  ]
}

const isLong: Sign = ({ ok, durationMs }) => ok && durationMs >= LONG_MS
const unanswered: Sign = ({ failure }) => failure === 'timeout'
const failedWith =
  (reason: string): Sign =>
  ({ failure }) =>
    failure === reason

/** Faults that show in the answer. */
const quickCases: RequestFaultCase[] = [
  answered('status', { type: 'status', status: 503 }, ({ status }) => status === 503),
  answered(
    'status, after_handler',
    { type: 'status', status: 500, at: 'after_handler' },
    ({ status }) => status === 500,
  ),
  answered(
    'status, with a body and Retry-After',
    { type: 'status', status: 429, at: 'before_handler', body: 'later', retryAfter: 1500 },
    response => response.status === 429 && response.text() === 'later' && response.headers['retry-after'] === '2',
  ),
  answered('reset', { type: 'reset', at: 'before_handler' }, failedWith('reset')),
  answered('reset, after_handler', { type: 'reset', at: 'after_handler' }, failedWith('reset')),
  answered('reset, after 50 bytes', { type: 'reset', at: 'after_handler', afterBytes: 50 }, failedWith('reset')),
  answered('close_early', { type: 'close_early', afterBytes: 50, contentLength: 'right' }, failedWith('closed')),
  answered(
    'close_early, wrong length',
    { type: 'close_early', afterBytes: 50, contentLength: 'wrong' },
    ({ ok, bodyBytes }) => ok && bodyBytes === 50,
  ),
  answered('corrupt, invalid_json', { type: 'corrupt', how: 'invalid_json' }, response =>
    response.text().endsWith(','),
  ),
  answered(
    'corrupt, wrong_content_type',
    { type: 'corrupt', how: 'wrong_content_type' },
    ({ headers }) => mediaTypeOf(headers['content-type']) !== 'application/json',
  ),
  answered(
    'corrupt, bit_flips',
    { type: 'corrupt', how: 'bit_flips', flips: 3 },
    (response, intact) => response.text() !== intact.text(),
  ),
]

/** Faults that take time. */
const slowCases: RequestFaultCase[] = [
  reported('delay, before_handler', { type: 'delay', at: 'before_handler', distribution: LONG_MS }, isLong),
  reported('delay, before_first_byte', { type: 'delay', at: 'before_first_byte', distribution: LONG_MS }, isLong),
  reported('delay, between_chunks', { type: 'delay', at: 'between_chunks', distribution: LONG_MS }, isLong, LARGE),
  reported('hang', { type: 'hang', at: 'before_handler' }, unanswered),
  reported('hang, after_handler', { type: 'hang', at: 'after_handler' }, unanswered),
  // Two bytes a millisecond.
  reported(
    'dribble',
    { type: 'dribble', bytesPerSecond: 2000, pieceBytes: 10 },
    ({ ok, durationMs, bodyBytes }) => ok && durationMs >= bodyBytes / 2,
  ),
  ...handshakes('status', { type: 'status', status: 503 }),
  ...handshakes('reset', { type: 'reset' }),
  ...handshakes('hang', { type: 'hang' }),
]

/** Checked by itself and one request at a time, because a stall delays all requests. */
const stallCases: RequestFaultCase[] = [reported('stall', { type: 'stall', duration: LONG_MS }, isLong)]

/** Groups of cases that run at the same time: `lanes` is the number of clients of each case, `requestsShare` its share of the requests. */
export const requestFaultGroups = [
  { cases: slowCases, lanes: 8, requestsShare: 0.1 },
  { cases: quickCases, lanes: 2, requestsShare: 1 },
  { cases: stallCases, lanes: 1, requestsShare: 0.025 },
]

export const requestFaultCases = requestFaultGroups.flatMap(({ cases }) => cases)
