/**
 * The same stall as `coordinated-omission`, met by ten users who each wait for their answer before they ask again.
 *
 * All ten wait for two seconds, so nobody asks the 200 questions that were due meanwhile: there are ten slow requests among two
 * thousand, on either clock, and p99 says that all is well. Client and target have agreed to leave out what was bad; that is
 * coordinated omission. The number is not wrong, but it answers another question: how long requests take that are sent, not
 * how long people wait.
 */
import { CONNECTIONS, stalled } from './coordinated-omission.ts'

export default stalled({
  description:
    'ten users who ask again only after they were answered: ten requests are slow, and those that were not asked are not missed.',
  load: { executor: 'constant-vus', vus: CONNECTIONS, duration: '20s' },
  thresholds: { http_req_duration: ['p(95)<200'] },
  pacing: '100ms',
})
