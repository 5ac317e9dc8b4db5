import { systemClock } from '../../../core/clock.ts'
import { type SingleLoadScenario, user } from '../../../harness/scenario.ts'
import type { CountCase } from './count-case.ts'
import { CASE_HEADER } from './count-users.ts'

/** The body of the response, some hundred bytes, takes about a tenth of a second. */
const BYTES_PER_SECOND = 3400
/** By then the head has come, and a part of the body. */
const HEARS_UNTIL_MS = 75
/** The response is given up meanwhile, and the target has sent it whole. */
const DEAF_FOR_MS = 200
const GIVEN_UP_AFTER_MS = 180

/**
 * Returns cases in which the harness gives up a response that the target has sent whole. Its process stands still while the rest comes,
 * so these cases run alone.
 * @param times how often a response is given up by its timeout
 */
export function halfReadCases(times: number): CountCase[] {
  return [
    halfRead('timeout half-read', {
      load: { executor: 'per-vu-iterations', vus: 1, iterations: times },
      timeout: GIVEN_UP_AFTER_MS,
    }),
    halfRead('interruption half-read', {
      load: {
        executor: 'constant-vus',
        vus: 1,
        duration: HEARS_UNTIL_MS / 2,
        gracefulStop: GIVEN_UP_AFTER_MS - HEARS_UNTIL_MS / 2,
      },
    }),
  ]
}

function halfRead(name: string, { load, timeout }: Pick<SingleLoadScenario, 'load'> & { timeout?: number }): CountCase {
  const id = `count-${name.replaceAll(' ', '-')}`
  const headers = { [CASE_HEADER]: id }
  return {
    name,
    isWhole: false,
    rules: [{ id, match: { header: headers }, fault: { type: 'dribble', bytesPerSecond: BYTES_PER_SECOND } }],
    definition: {
      load,
      users: [
        user('reader', {
          async iterate({ http }) {
            const answer = http.get('/api/v1/products/1', { headers, ...(timeout !== undefined && { timeout }) })
            // The end of the run does not shorten it.
            await systemClock.sleep(HEARS_UNTIL_MS)
            // After immediates, overdue timers come before anything that has arrived.
            await new Promise(resolve => setImmediate(resolve))
            systemClock.stall(DEAF_FOR_MS)
            await answer
          },
        }),
      ],
    },
  }
}
