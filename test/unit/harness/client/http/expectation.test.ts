import { expect, test } from 'vitest'
import type { RequestOptions } from '../../../../../harness/scenario/http.ts'
import { serve } from '../support.ts'

const givesStatus = (status: number) => serve((_request, response) => response.writeHead(status).end('{}'))

test('a request whose `expect` throws is counted as answered, and the error is attributed to the scenario', async () => {
  const { http, recorder } = await givesStatus(200)
  const error = new Error('of the scenario')
  const asked = http.get('/', {
    expect: () => {
      throw error
    },
  })
  await expect(asked).rejects.toBe(error)
  expect(recorder.requests).toMatchObject([{ status: 200, failure: undefined }])
})

test('the events of a request whose `expect` throws are counted, because the target has them', async () => {
  const { http, recorder } = await serve((_request, response) => response.writeHead(202).end('{"duplicate":false}'))
  const asked = http.post('/v1/events/publish', {
    json: {},
    expect: () => {
      throw new Error('of the scenario')
    },
  })
  await expect(asked).rejects.toThrow('of the scenario')
  expect(recorder.sum('events_accepted')).toBe(1)
})

test('an `expect` that returns a promise is an error', async () => {
  const { http, recorder } = await givesStatus(500)
  const promises = (async () => false) as unknown as RequestOptions['expect']
  await expect(http.get('/', { expect: promises })).rejects.toThrow('to return true or false, got a promise')
  expect(recorder.requests).toHaveLength(1)
})

test.each([['200'], [['2xx']], [{}], [null], [Number.NaN], [true]])(
  '%j can be no expectation: nothing is sent',
  async wrong => {
    const { http, recorder } = await givesStatus(200)
    expect(() => http.get('/', { expect: wrong as never })).toThrow(/expected `expect` to be a status/)
    expect(recorder.requests).toHaveLength(0)
  },
)
