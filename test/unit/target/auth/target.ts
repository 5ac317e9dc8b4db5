import type { LightMyRequestResponse } from 'fastify'
import { onTestFinished } from 'vitest'
import { buildTarget, type ReferenceTarget } from '../../../../target/app.ts'
import { loadConfiguration } from '../../../../target/configuration/load.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

export interface ClockedTarget extends ReferenceTarget {
  clock: FakeClock
  /** Sends JSON, or nothing. */
  send: (method: 'GET' | 'POST', url: string, body?: object, token?: string) => Promise<LightMyRequestResponse>
}

/** A whole target on a clock that passes when the test says so. */
export async function clockedTarget(flags: Record<string, string>): Promise<ClockedTarget> {
  const quiet = { 'log.level': 'silent', 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
  const clock = new FakeClock()
  const target = await buildTarget(loadConfiguration({ env: {}, flags: { ...quiet, ...flags } }), { clock })
  onTestFinished(() => target.close())
  return {
    ...target,
    clock,
    send: async (method, url, body, token) =>
      target.app.inject({
        method,
        url,
        ...(body && { payload: body }),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      }),
  }
}
