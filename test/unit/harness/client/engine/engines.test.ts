import { describe, expect, test } from 'vitest'
import { engineNames } from '../../../../../harness/client/engine/engine-names.ts'
import { answerAny, OK, type RawRequest, rawServer } from '../../../../support/raw-server.ts'
import { clientOf, createUser } from '../support.ts'

/** How a connection ends that has served before. */
const ends: Record<string, (request: RawRequest) => void> = {
  'a FIN': ({ socket }) => socket.end(),
  'a RST': ({ socket }) => socket.resetAndDestroy(),
}

/** Answers the first request of each connection, and ends it at the second. */
async function closingServer(end: (request: RawRequest) => void) {
  return rawServer(request => (request.ordinal === 1 ? answerAny(request) : end(request)))
}

describe.each(engineNames)('with the engine %s,', engine => {
  describe.each(Object.keys(ends))('a kept-alive connection that meets %s', name => {
    const end = ends[name] as (request: RawRequest) => void

    test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('%s is sent once more on a new one, and counted', async method => {
      const { url, seen } = await closingServer(end)
      const { http, recorder } = createUser(clientOf(url, { engine, connections: 1 }))
      await http.get('/first')
      const { status } = await http.request(method, '/x')
      expect(status).toBe(200)
      expect(seen.map(({ line, connection }) => [line.split(' ')[1], connection])).toEqual([
        ['/first', 1],
        ['/x', 1],
        ['/x', 2],
      ])
      // The same request to the last byte: the target's faults treat it alike.
      expect(seen[2]?.head).toBe(seen[1]?.head)
      expect(recorder.requests.map(({ status }) => status)).toEqual([200, 200])
      expect(recorder.of('http_req_resent')).toMatchObject([{ tags: recorder.requests[1]?.tags, value: 1 }])
      const { sentAt, headAt, endedAt, handedAt } = recorder.requests[1]!
      const times = [handedAt, sentAt, headAt!, endedAt]
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    })

    test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is not sent again', async method => {
      const { url, seen } = await closingServer(end)
      const { http, recorder } = createUser(clientOf(url, { engine, connections: 1 }))
      await http.get('/first')
      const { failure } = await http.request(method, '/x')
      expect(failure).toBe(name === 'a RST' ? 'reset' : 'closed')
      expect(seen).toHaveLength(2)
      expect(recorder.sum('http_req_resent')).toBe(0)
    })

    test('a request is sent once more, not twice', async () => {
      const { url, seen } = await rawServer(request =>
        request.line.includes('/first') ? answerAny(request) : end(request),
      )
      const { http, recorder } = createUser(clientOf(url, { engine, connections: 1 }))
      await http.get('/first')
      const { failure } = await http.get('/x')
      expect(failure).toBe(name === 'a RST' ? 'reset' : 'closed')
      expect(seen.map(({ connection }) => connection)).toEqual([1, 1, 2])
      expect(recorder.sum('http_req_resent')).toBe(1)
      expect(recorder.requests.map(({ failure }) => failure?.reason)).toEqual([undefined, failure])
    })

    test('a request on a new connection fails', async () => {
      const { url, seen } = await rawServer(end)
      const { http, recorder } = createUser(clientOf(url, { engine }))
      expect((await http.get('/x')).status).toBe(0)
      expect(seen).toHaveLength(1)
      expect(recorder.sum('http_req_resent')).toBe(0)
    })

    test.each(['H', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234', 'HTTP/1.1 102 Processing\r\n\r\n'])(
      'after the bytes %j of an answer it is a failure',
      async bytes => {
        const { url, seen } = await rawServer(request => {
          if (request.ordinal === 1) answerAny(request)
          else request.socket.write(bytes, () => setTimeout(() => end(request), 50))
        })
        const { http, recorder } = createUser(clientOf(url, { engine, connections: 1 }))
        await http.get('/first')
        expect((await http.get('/x')).failure).toBeDefined()
        expect(seen).toHaveLength(2)
        expect(recorder.sum('http_req_resent')).toBe(0)
      },
    )

    test('many concurrent requests each get a new connection', async () => {
      const { url, seen } = await closingServer(end)
      const { http, recorder } = createUser(clientOf(url, { engine, connections: 4 }))
      await Promise.all(Array.from({ length: 4 }, () => http.get('/first')))
      const answers = await Promise.all(Array.from({ length: 4 }, () => http.get('/x')))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect(recorder.sum('http_req_resent')).toBe(4)
      expect(seen.filter(({ line }) => line.includes('/x'))).toHaveLength(8)
    })
  })

  test('a request that is cut while it is sent once more ends only once', async () => {
    const { url } = await rawServer(request => {
      if (request.ordinal === 2) request.socket.end()
      else if (request.connection === 1) request.socket.write(OK)
      else user.interrupt()
    })
    const user = createUser(clientOf(url, { engine, connections: 1 }))
    const { http, recorder } = user
    await http.get('/first')
    const answer = http.get('/x')
    expect((await answer).failure).toBe('interrupted')
    expect(recorder.requests).toHaveLength(2)
  })
})
