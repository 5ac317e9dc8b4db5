/**
 * The same stall as in `coordinated-omission`, met by ten users who each wait for an answer before they send the next request.
 *
 * All ten wait for two seconds, so nobody sends the 200 requests that were due meanwhile. There are ten slow requests among two
 * thousand, by either clock, and p99 says that all is well. Client and target have jointly left out what was bad: this is
 * coordinated omission. The number is not wrong, but it answers another question: how long the requests took that were sent, not how
 * long people wait.
 */
import { CONNECTIONS, stalled } from './coordinated-omission.ts'

export default stalled({
  description:
    'ten users who send again only after an answer: ten requests are slow, and those that were not sent are not missed.',
  load: { executor: 'constant-vus', vus: CONNECTIONS, duration: '20s' },
  thresholds: { http_req_duration: ['p(95)<200'] },
  pacing: '100ms',
})
