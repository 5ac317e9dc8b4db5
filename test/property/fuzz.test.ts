import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OpenApiDocument } from '../../target/openapi/specification.ts'
import { isSocketOperation, matchOf, type OperationName } from '../../contract/api/operations.ts'
import { testTarget } from '../e2e/target/support.ts'
import { type ApiOperation, readApi } from '../support/api/documented.ts'
import { authorize, type Identity } from '../support/api/identity.ts'
import { type Outgoing, type Received, sender } from '../support/api/send.ts'
import { Memory } from '../support/fuzz/memory.ts'
import { type Draw, drawsOf, exampleDraw } from '../support/fuzz/requests.ts'
import { stateObserver } from '../support/fuzz/visible-state.ts'

const SEED = 20_261_121
const READS_PER_OPERATION = 10
const WRITES_PER_OPERATION = 30

const target = await testTarget({
  'http.bodyBytes': '65536',
  'tasks.seeded': '60',
  'reports.duration': '1ms',
  'streams.pollTimeout': '1ms',
  'llm.enabled': 'true',
  'llm.stepBase': '0',
  'llm.stepPerSequence': '0',
  'llm.prefillPerToken': '0',
  'graphql.enabled': 'true',
})
const send = sender(target.url)
const { text: document } = await send({ method: 'GET', path: '/openapi.json' })
const api = readApi(JSON.parse(document) as OpenApiDocument)
const byName = new Map(api.map(operation => [operation.name, operation]))
const observe = await stateObserver(send, 'fuzz')
const memory = new Memory()
const authorizations = new Map<Identity, Record<string, string>>()

describe(`requests drawn from the OpenAPI document (seed ${SEED})`, () => {
  it.each(api)('$name responds as documented, and a refused request changes nothing', async operation => {
    const isRead = operation.method === 'GET'
    if (operation.name === 'reports.download') await makeReport()
    const statuses: number[] = []
    let before = await observe()
    const property = fc.asyncProperty(drawsOf(operation), async drawn => {
      const draw = memory.recall(operation, drawn)
      const outgoing = await outgoingOf(operation, draw)
      const answer = await send(outgoing)
      statuses.push(answer.status)
      expect(deviations(outgoing, answer), summaryOf(outgoing)).toEqual([])

      memory.learn(operation, draw, answer)
      if (operation.name === 'auth.logout' && answer.status < 300) authorizations.delete(draw.identity)
      if (isRead) return
      const after = await observe()
      if (answer.status >= 400) expect(after, summaryOf(outgoing)).toBe(before)
      before = after
    })
    const examples: [Draw][] = [[exampleDraw(operation)]]
    const numRuns = isRead ? READS_PER_OPERATION : WRITES_PER_OPERATION
    await fc.assert(property, { seed: SEED, numRuns, examples })
    if (isRead) expect(await observe()).toBe(before)
    // Operations that refuse every request are not tested.
    const [status] = statuses
    // A plain request to a WebSocket endpoint gets 426.
    if (isSocketOperation(operation.name as OperationName)) expect(status, 'a plain request').toBe(426)
    else expect(status, 'the status of the example in the document').toBeLessThan(300)
  })

  it('leave the target healthy', async () => {
    const { operations } = await target.settledLedger('fuzz')
    expect(operations.flatMap(({ statuses }) => Object.keys(statuses))).not.toContain('500')
    expect((await send({ method: 'GET', path: '/readyz' })).status).toBe(200)
  })
})

/** Creates a report and waits for it: reports are the only resource that takes time to be ready. */
async function makeReport(): Promise<void> {
  const create = byName.get('reports.create') as ApiOperation
  const draw = exampleDraw(create)
  memory.learn(create, draw, await send(await outgoingOf(create, draw)))
  await expect.poll(async () => (await target.settledLedger('fuzz')).reports.open).toBe(0)
}

function summaryOf({ method, path, headers, body }: Outgoing): string {
  return JSON.stringify({ method, path, headers, body: String(body).slice(0, 200) })
}

/** Returns where a response differs from the description of its operation. A drawn value may have turned the path into that of another operation. */
function deviations({ method, path }: Outgoing, answer: Received): string[] {
  const match = matchOf(method, path.split('?')[0] as string)
  if (match !== undefined) return (byName.get(match.operation) as ApiOperation).deviations(answer)
  return answer.status === 404 || answer.status === 405 ? [] : [`${answer.status} at a path that nobody serves`]
}

async function outgoingOf({ method, path }: ApiOperation, draw: Draw): Promise<Outgoing> {
  const { identity, query, body } = draw
  const authorization = authorizations.get(identity) ?? (await authorize(send, identity))
  authorizations.set(identity, authorization)
  const search = query.map(([name, value]) => `${onTheWire(name)}=${onTheWire(inHaste(name, value))}`).join('&')
  return {
    method,
    path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => onTheWire(draw.path[name]!)) + (search && `?${search}`),
    headers: { 'x-loadcell-run': 'fuzz', ...authorization, ...headersOnTheWire(draw.headers) },
    body,
  }
}

/** Seconds that a poll would wait become milliseconds. */
function inHaste(name: string, value: string): string {
  return name === 'timeout' && Number(value) > 0.1 && Number(value) <= 60 ? String(Number(value) / 1000) : value
}

/** Plain texts are sent unchanged, including broken percent-encoding. */
function onTheWire(text: string): string {
  return /^[\w.~!*()'"$<>{}%-]+$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

/** Encodes as UTF-8, without bytes that HTTP forbids. */
function headersOnTheWire(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Buffer.from(value)
        .toString('latin1')
        .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''),
    ]),
  )
}
