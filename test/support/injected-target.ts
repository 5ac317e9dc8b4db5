import { afterAll } from 'vitest'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { buildTarget, type ReferenceTarget } from '../../target/app.ts'
import { FakeClock } from './fake-clock.ts'

export interface InjectedTarget extends ReferenceTarget {
  clock: FakeClock
  send(method: Method, url: string, options?: { headers?: Record<string, string>; body?: unknown }): Promise<Answer>
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface Answer {
  status: number
  headers: Record<string, unknown>
  /** Parsed, if it is JSON; undefined if there is none. */
  body: unknown
}

/** A whole target without a socket, on a clock of its own, closed when the file's tests are over. */
export async function injectedTarget(flags: Record<string, string> = {}): Promise<InjectedTarget> {
  const clock = new FakeClock()
  const quiet = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0', 'log.level': 'silent' }
  const target = await buildTarget(loadConfiguration({ env: {}, flags: { ...quiet, ...flags } }), { clock })
  afterAll(() => target.close())
  return {
    ...target,
    clock,
    async send(method, url, { headers = {}, body } = {}) {
      const json = body === undefined ? {} : { payload: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await target.app.inject({ method, url, headers: { ...type, ...headers }, ...json })
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body === '' ? undefined : answer.json<unknown>(),
      }
    },
  }
}
