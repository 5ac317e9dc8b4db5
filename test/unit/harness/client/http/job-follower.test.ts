import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { beforeEach, describe, expect, test } from 'vitest'
import { clientOf, createUser, listen, serve } from '../support.ts'
import { LeapingClock } from '../leaping-clock.ts'

let clock: LeapingClock
beforeEach(() => {
  clock = new LeapingClock()
})

interface Poll {
  /** 0 is no answer. */
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

const accepted: Poll = {
  status: 202,
  headers: { 'retry-after': '2', location: '/reports/none' },
  body: { job_id: 'j1', status: 'queued', status_url: '/reports/j1' },
}
const running: Poll = { headers: { 'retry-after': '3' }, body: { status: 'running' } }
const completed: Poll = { body: { status: 'completed', download_url: '/reports/j1/download' } }

/** Takes a job on POST, and answers polls in turn, the last for ever. */
async function jobServer(polls: Poll[], submit: Poll = accepted) {
  const asked: (string | undefined)[] = []
  const answer = (request: IncomingMessage, response: ServerResponse, { status = 200, headers, body }: Poll) => {
    if (status === 0) request.socket.resetAndDestroy()
    else response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const user = await serve(
    (request, response) => {
      request.resume()
      if (request.method === 'POST') return answer(request, response, submit)
      asked.push(request.url)
      return answer(request, response, polls[Math.min(asked.length, polls.length) - 1] as Poll)
    },
    { clock },
  )
  return { ...user, asked }
}

describe('a followed job', () => {
  test('is polled at the requested pace until it is over', async () => {
    const { http, jobs, asked, recorder } = await jobServer([running, { body: { status: 'running' } }, completed])
    const submitted = await http.post('/reports', { json: {} })
    const result = await jobs.follow(submitted)
    expect(result).toMatchObject({
      status: 'completed',
      polls: 3,
      state: { status: 'completed' },
      downloadUrl: '/reports/j1/download',
    })
    expect(result.failure).toBeUndefined()
    expect(clock.slept).toEqual([2000, 3000, 1000])
    expect(asked).toEqual(['/reports/j1', '/reports/j1', '/reports/j1'])
    expect({
      jobsSubmitted: recorder.sum('jobs_submitted'),
      jobsCompleted: recorder.sum('jobs_completed'),
      jobsFailed: recorder.sum('jobs_failed'),
    }).toEqual({ jobsSubmitted: 1, jobsCompleted: 1, jobsFailed: 0 })
    const last = recorder.requests.at(-1)
    const durationMs = (last?.endedAt ?? 0) - submitted.dueAt
    expect(result.durationMs).toBe(durationMs)
    expect(recorder.of('job_duration')).toEqual(
      [{ tags: { name: '/reports/{job_id}', user: 'shopper', status: 'completed' }, value: durationMs }].map(entry => ({
        metric: 'job_duration',
        ...entry,
      })),
    )
  })

  test('is timed from when its submission was due', async () => {
    const { http, jobs, session } = await jobServer([completed])
    session.dueAt = session.clock.now() - 5000
    const result = await jobs.follow(await http.post('/reports'))
    expect(result.durationMs).toBeGreaterThanOrEqual(7000)
  })

  test('may fail', async () => {
    const error = { code: 'report_failed', detail: 'no paper' }
    const { http, jobs, recorder } = await jobServer([{ body: { status: 'failed', error } }])
    const result = await jobs.follow(await http.post('/reports'))
    expect(result).toMatchObject({ status: 'failed', state: { error }, downloadUrl: undefined })
    expect({ jobsCompleted: recorder.sum('jobs_completed'), jobsFailed: recorder.sum('jobs_failed') }).toEqual({
      jobsCompleted: 0,
      jobsFailed: 1,
    })
  })

  test.each([{ status: 'cancelled' }, { status: 'failed', error: { code: 'cancelled', detail: '' } }])(
    'may be cancelled, and say it so: %o',
    async body => {
      const { http, jobs, recorder } = await jobServer([{ body }])
      expect(await jobs.follow(await http.post('/reports'))).toMatchObject({ status: 'cancelled' })
      expect({ jobsCompleted: recorder.sum('jobs_completed'), jobsFailed: recorder.sum('jobs_failed') }).toEqual({
        jobsCompleted: 0,
        jobsFailed: 0,
      })
      expect(recorder.of('job_duration')).toMatchObject([{ tags: { status: 'cancelled' } }])
    },
  )

  test('may be over at once', async () => {
    const { http, jobs, asked } = await jobServer([], { ...completed, status: 202, headers: { location: '/j/1' } })
    expect(await jobs.follow(await http.post('/jobs'))).toMatchObject({ status: 'completed', polls: 0 })
    expect(asked).toEqual([])
  })

  test.each(['/jobs/7', '/base/jobs/7', 'jobs/7'])(
    'is found by its Location where the body does not say, also behind another path: %s',
    async location => {
      const { url, asked } = await jobServer([completed], { status: 202, headers: { location }, body: '' })
      const { http, jobs } = createUser(clientOf(`${url}/base`, { clock }), { clock })
      expect(await jobs.follow(await http.post('/jobs'))).toMatchObject({ status: 'completed' })
      expect(asked).toEqual(['/base/jobs/7'])
    },
  )

  test.each(['status_url', 'Location'])(
    'at another origin, named by its %s, is asked there without credentials',
    async by => {
      const asked: unknown[] = []
      const other = createServer((request, response) => {
        const { authorization, cookie, 'x-own': own } = request.headers
        asked.push([request.url, authorization, cookie, own])
        response.end(JSON.stringify({ status: asked.length < 2 ? 'running' : 'completed' }))
      })
      const place = `${await listen(other)}/jobs/7?a=1`
      const submit = by === 'Location' ? { headers: { location: place } } : { body: { status_url: place } }
      const { http, jobs, auth, recorder } = await jobServer([], { status: 202, ...submit })
      auth.bearer('secret')
      const headers = { Cookie: 'a=b', 'X-Own': '1' }
      expect(await jobs.follow(await http.post('/jobs'), { headers })).toMatchObject({ status: 'completed', polls: 2 })
      const poll = ['/jobs/7?a=1', undefined, undefined, '1']
      expect(asked).toEqual([poll, poll])
      expect(recorder.requests.at(-1)?.tags).toMatchObject({
        name: `${new URL(place).origin}/jobs/7`.replace('/7', '/{id}'),
      })
    },
  )

  test.each(['whole', 'relative'])('whose download is at another origin, by a %s URL, is read there', async kind => {
    const asked: unknown[] = []
    const other = createServer((request, response) => {
      const { authorization, cookie } = request.headers
      asked.push([request.method, request.url, authorization, cookie])
      response.end(JSON.stringify({ status: 'completed', download_url: '/files/7' }))
    })
    const origin = await listen(other)
    const whole = { body: { status: 'completed', download_url: `${origin}/files/7` } }
    const submit = kind === 'whole' ? accepted : { ...accepted, body: { status_url: `${origin}/jobs/7` } }
    const { http, jobs, auth, recorder } = await jobServer([whole], submit)
    auth.bearer('secret')
    expect(() => http.get(`${origin}/files/7`)).toThrow('a URL of')
    const { downloadUrl } = await jobs.follow(await http.post('/jobs'))
    expect(downloadUrl).toBe(`${origin}/files/7`)
    const options = { headers: { cookie: 'a=b' }, query: { sig: 'x y' }, retry: { attempts: 2 } }
    expect((await http.get(downloadUrl!, options)).json()).toMatchObject({ status: 'completed' })
    expect(asked.at(-1)).toEqual(['GET', '/files/7?sig=x+y', undefined, undefined])
    expect(recorder.requests.at(-1)?.tags.name).toBe(`${origin}/files/{id}`)
    expect(() => http.post(downloadUrl!)).toThrow('a URL of')
  })

  test.each([
    ['../state/7', '/v2/state/7'],
    ['?job=7', '/v2/jobs/submit?job=7'],
    ['7/state', '/v2/jobs/7/state'],
  ])('is found at a relative %s, resolved against the URL of its submission', async (location, path) => {
    const { http, jobs, asked } = await jobServer([completed], { status: 202, headers: { location }, body: '' })
    expect(await jobs.follow(await http.post('/v2/jobs/submit'))).toMatchObject({ status: 'completed' })
    expect(asked).toEqual([path])
  })

  test.each(['http://[broken', 'ftp://127.0.0.1/7', 'mailto:jobs@example.com'])(
    'cannot be found at %s',
    async place => {
      const { http, jobs } = await jobServer([], { status: 202, body: { status_url: place } })
      expect(await jobs.follow(await http.post('/jobs'))).toMatchObject({
        status: 'unknown',
        failure: 'body',
        polls: 0,
      })
    },
  )

  test('may have other names for its states', async () => {
    const { http, jobs } = await jobServer([{ body: { status: 'completed' } }, { body: { status: 'DONE' } }])
    const until = { completed: ['DONE', 'ARCHIVED'], failed: 'ERROR' }
    expect(await jobs.follow(await http.post('/reports'), { until })).toMatchObject({ status: 'completed', polls: 2 })
  })

  test('is polled with the headers and the name that the scenario chooses', async () => {
    const { http, jobs, recorder } = await jobServer([completed])
    await jobs.follow(await http.post('/reports'), { name: 'poll', headers: { 'X-Tenant-Id': 't' } })
    expect(recorder.requests.at(-1)?.tags.name).toBe('poll')
    expect(recorder.of('job_duration')[0]?.tags.name).toBe('poll')
  })

  test('is polled within bounds, whatever pause it asks for', async () => {
    const poll = (retryAfter: string): Poll => ({ headers: { 'retry-after': retryAfter }, body: { status: 'running' } })
    const { http, jobs } = await jobServer([poll('0'), poll('86400'), completed])
    await jobs.follow(await http.post('/reports'), { timeout: '1h' })
    expect(clock.slept).toEqual([2000, 100, 60_000])
  })
})

describe('a job with an unknown end', () => {
  test.each<[string, Poll]>([
    ['status', { status: 404, body: { code: 'not_found' } }],
    ['status', { status: 403 }],
    ['body', { body: 'soon' }],
    ['body', { body: { state: 'done' } }],
  ])('is %s after the response %o', async (failure, poll) => {
    const { http, jobs, recorder } = await jobServer([running, poll])
    const result = await jobs.follow(await http.post('/reports'))
    expect(result).toMatchObject({ status: 'unknown', failure, polls: 2 })
    expect(recorder.of('job_duration')).toEqual([])
  })

  test.each([0, 429, 500, 503])('is polled again after a single %i', async status => {
    const poll = { status, headers: { 'retry-after': '7' } }
    // A poll that is reset on a connection that served before is sent once more by itself.
    const { http, jobs } = await jobServer(status === 0 ? [poll, poll, completed] : [poll, completed])
    expect(await jobs.follow(await http.post('/reports'))).toMatchObject({ status: 'completed', polls: 2 })
    expect(clock.slept).toEqual([2000, status === 0 ? 1000 : 7000])
  })

  test('is given up at its timeout', async () => {
    const { http, jobs } = await jobServer([running])
    const result = await jobs.follow(await http.post('/reports'), { timeout: '10s' })
    expect(result).toMatchObject({ status: 'unknown', failure: 'timeout', polls: 3, state: { status: 'running' } })
    expect(result.durationMs).toBeGreaterThanOrEqual(10_000)
    expect(clock.slept.reduce((sum, sleptMs) => sum + sleptMs)).toBeLessThanOrEqual(10_000)
  })

  test('ends with the run', async () => {
    const { http, jobs, stop } = await jobServer([running])
    clock.onSleep = () => clock.slept.length === 2 && stop()
    const result = await jobs.follow(await http.post('/reports'))
    expect(result).toMatchObject({ status: 'unknown', failure: 'interrupted', polls: 1 })
  })

  test.each<[Poll, string]>([
    [{ status: 503, body: { code: 'queue_full' } }, 'status'],
    [{ status: 429 }, 'rate_limited'],
    [{ status: 0 }, 'reset'],
    [{ status: 202, body: {} }, 'body'],
  ])('was never accepted: %o', async (submit, failure) => {
    const { http, jobs, asked, recorder } = await jobServer([completed], submit)
    expect(await jobs.follow(await http.post('/reports'))).toMatchObject({ status: 'unknown', failure, polls: 0 })
    expect({ asked, jobsSubmitted: recorder.sum('jobs_submitted') }).toEqual({ asked: [], jobsSubmitted: 0 })
  })
})

test.each([
  ['/api/v1/reports', accepted, 1],
  ['/jobs', { status: 202, headers: { location: '/jobs/1' }, body: '' }, 1],
  ['/jobs', { status: 202, body: {} }, 0],
  ['/jobs', { status: 201, headers: { location: '/jobs/1' } }, 0],
  ['/reports', { ...accepted, headers: { 'idempotent-replayed': 'true' } }, 0],
  ['/v1/events/publish', { status: 202, headers: { location: '/events/1' }, body: {} }, 0],
] as const)('a POST to %s that answers %o submits %i job', async (path, submit, expected) => {
  const { http, recorder } = await jobServer([], submit)
  await http.post(path)
  expect(recorder.sum('jobs_submitted')).toBe(expected)
})
