import { Highest } from '../../core/highest.ts'
import type { RequestSample } from './recorder.ts'

/** Maximum number of slow requests that are kept. */
const MOST_SLOW = 10

/** One of the slowest requests of a run with traces. */
export interface SlowRequest {
  /** Trace id, by which tracing systems and the target's ledger know it. */
  trace: string
  name: string
  method: string
  /** 0 without a response. */
  status: number
  /** When it was due, as an offset from the start of the run. */
  dueMs: number
  /** Response time and service time. */
  responseMs: number
  serviceMs: number
}

/** Keeps the slowest requests of a worker, by response time. */
export class Slowest {
  readonly #startedAt: number
  readonly #kept = new Highest<SlowRequest>(MOST_SLOW, ({ responseMs }) => responseMs)

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  add(trace: string, { tags, status, dueAt, sentAt, endedAt }: RequestSample): void {
    const responseMs = endedAt - dueAt
    this.#kept.offer(responseMs, () => ({
      trace,
      name: tags.name,
      method: tags.method,
      status,
      dueMs: dueAt - this.#startedAt,
      responseMs,
      serviceMs: endedAt - sentAt,
    }))
  }

  list(): SlowRequest[] {
    return this.#kept.list()
  }
}

/** Returns the slowest requests of both. The order of merges does not matter. */
export function mergeSlowest(one: readonly SlowRequest[], other: readonly SlowRequest[]): SlowRequest[] {
  return [...one, ...other]
    .sort((a, b) => b.responseMs - a.responseMs || (a.trace < b.trace ? -1 : 1))
    .slice(0, MOST_SLOW)
}
