/**
 * Analysts order reports and wait for them: work that takes longer than a request should.
 *
 * A submission is answered at once (202) with the place of the job and a time to come back. `jobs.follow` polls as often as
 * `Retry-After` says. What counts for the analyst is `job_duration`, from the order to the report, and most of it is waiting for a
 * worker. With more analysts than workers the queue grows: try `--vus 40`, or fewer workers with `--target-set reports.workers=2`.
 */
import { between, randomInteger, scenario, user } from 'loadcell'

const REPORTS = [
  { type: 'orders', format: 'csv' },
  { type: 'products', format: 'csv' },
  { type: 'products', format: 'json' },
  { type: 'categories', format: 'json' },
] as const

export default scenario({
  description: '10 analysts order 4 reports each, wait for them as they are told, and download them.',

  target: { 'reports.workers': 8, 'reports.duration': { type: 'uniform', min: '500ms', max: '2s' } },

  load: { executor: 'per-vu-iterations', vus: 10, iterations: 4, maxDuration: '2m' },

  users: [
    user('analyst', {
      think: between('100ms', '500ms'),
      begin: ({ auth }) =>
        auth.clientCredentials('reporting-service', 'reporting-secret', 'reports.read reports.write'),
      async iterate({ http, jobs, random, check }) {
        const report = REPORTS[randomInteger(random, REPORTS.length)]
        const submitted = await http.post('/api/v1/reports', { json: report })
        check(submitted, {
          'is taken on': response => response.ok && response.json<{ status: string }>().status === 'queued',
        })

        const job = await jobs.follow(submitted, { timeout: '1m' })
        if (!check(job, { 'is completed': ({ status }) => status === 'completed' }) || job.downloadUrl === undefined)
          return
        check(job.state, {
          'says that all of it is done': state => state?.progress === 100,
          'is the job that was submitted': state => state?.job_id === submitted.json<{ job_id: string }>().job_id,
        })

        const whole = await http.get(job.downloadUrl)
        check(whole, {
          'is what was ordered': ({ headers }) => String(headers['content-type']).includes(report?.format ?? ''),
          'is not empty': ({ bodyBytes }) => bodyBytes > 100,
        })
        // A download that broke off can be continued.
        const rest = await http.get(job.downloadUrl, { headers: { Range: 'bytes=100-' }, expect: 206 })
        check(rest, { 'can be had in parts': ({ bodyBytes }) => bodyBytes === whole.bodyBytes - 100 })
      },
    }),
  ],

  thresholds: {
    http_req_duration: ['p(95)<500'],
    job_duration: ['p(95)<8000'],
    jobs_completed: ['count>0'],
    jobs_failed: ['count==0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
