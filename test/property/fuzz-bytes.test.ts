import { once } from 'node:events'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TaskPage } from '../../contract/api/tasks.ts'
import type { Static } from 'typebox'
import { connectTo, testTarget } from '../e2e/target/support.ts'

const SEED = 20_261_122

// Incomplete requests time out soon, so that every connection ends.
const target = await testTarget({ 'http.requestTimeout': '200ms' })

const body = JSON.stringify({ title: 'Water the plants' })
const head = ['POST /api/v1/tasks HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
const request = `${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`

const piece = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  '\x7f',
  '\xff',
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: elsewhere\r\n',
  'Expect: 100-continue\r\n',
  'Expect: the-unexpected\r\n',
  ' folded: line\r\n',
  `X-Long: ${'a'.repeat(20_000)}\r\n`,
  'HTTP/9.9',
  '%zz',
  'ffffffffff\r\n',
)

/** The request with some of its bytes removed or replaced. */
const damaged = fc
  .array(fc.record({ at: fc.nat(request.length), cut: fc.nat(20), piece }), { minLength: 1, maxLength: 3 })
  .map(changes =>
    changes.reduce((text, { at, cut, piece }) => text.slice(0, at) + piece + text.slice(at + cut), request),
  )

it(`broken HTTP is answered or cut off, without internal errors or side effects (seed ${SEED})`, async () => {
  const property = fc.asyncProperty(fc.array(damaged, { minLength: 20, maxLength: 20 }), async texts => {
    const before = await tasksMade()
    const answers = await Promise.all(texts.map(exchange))
    const statuses = answers.flatMap(answer =>
      [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status),
    )
    for (const answer of answers) expect(answer).toMatch(/^$|^HTTP\/1\.1 [1-4]\d\d /)
    for (const answer of answers.filter(text => text.startsWith('HTTP/1.1 4'))) {
      expect(answer.toLowerCase()).toContain('content-type: application/problem+json')
    }
    expect((await tasksMade()) - before).toBe(statuses.filter(status => status === '201').length)
  })
  await fc.assert(property, { seed: SEED, numRuns: 10 })
})

it('an undamaged request is served', async () => {
  expect(await exchange(request)).toMatch(/^HTTP\/1\.1 201 /)
})

/** Returns all bytes until the target closes the connection or the first response is complete. */
async function exchange(text: string): Promise<string> {
  const socket = connectTo(target.port)
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk.toString('latin1')
    const length = /content-length: (\d+)/i.exec(answer)?.[1]
    const bodyAt = answer.indexOf('\r\n\r\n') + 4
    if (length !== undefined && bodyAt > 3 && answer.length >= bodyAt + Number(length)) socket.destroy()
  })
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return answer
}

async function tasksMade(): Promise<number> {
  const answer = await fetch(`${target.url}/tasks`)
  return ((await answer.json()) as Static<typeof TaskPage>).total
}
