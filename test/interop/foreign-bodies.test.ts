import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../../harness/feeders/upload-file.ts'
import { clientOf, createUser } from '../unit/harness/client/support.ts'
import { pythonWith } from './python.ts'
import { hasTool, toolPath } from './tools/programs.ts'

const folder = resolve(import.meta.dirname, 'foreign')
const children: ChildProcess[] = []
afterAll(() => children.forEach(child => child.kill('SIGKILL')))

/** Starts a program that prints the ports of its servers. */
async function portsOf(program: string, script: string): Promise<Record<string, number>> {
  const child = spawn(program, [resolve(folder, script)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const line = await new Promise<string>((settle, reject) => {
    createInterface({ input: child.stdout }).once('line', settle)
    child.once('exit', code => reject(new Error(`${script} ended with ${code}`)))
  })
  return JSON.parse(line) as Record<string, number>
}

const flask = pythonWith('flask', 'Flask')
const starlette = pythonWith('sse_starlette', 'sse-starlette')
const parsers = [
  ...(hasTool('form-parsers') ? ['busboy', 'multer', '@fastify/multipart'] : []),
  ...(flask === undefined ? [] : ['werkzeug']),
]

function forms(): [string, FormData][] {
  const plain = new FormData()
  plain.append('title', 'My cat')
  plain.append('empty', '')
  plain.append('größe', '5 €\nand more')
  const escaped = new FormData()
  escaped.append('a"b', '1')
  escaped.append('photo', new File(['pixels'], 'Zoë "the cat".jpg', { type: 'image/jpeg' }))
  escaped.append('photo', new File(['\r\n--x--\r\n'], '写真;=.png', { type: 'image/png' }))
  escaped.append('nothing', new File([], 'nothing.bin'))
  const long = new FormData()
  long.append('long', new File([new Uint8Array(3_000_000).fill(7)], 'long.bin'))
  long.append('after', 'x')
  const onDisk = new FormData()
  onDisk.append('script', file(resolve(folder, 'form_servers.cjs'), { type: 'text/javascript' }))
  return [
    ['text', plain],
    ['names to escape', escaped],
    ['a long file', long],
    ['a file of the disk', onDisk],
  ]
}

/** Returns the parts that a parser found, by their names: it may finish a field before the long file in front of it. */
function partsIn(answer: unknown): [name: string, ...unknown[]][] {
  return (answer as [string, ...unknown[]][]).toSorted(([a], [b]) => a.localeCompare(b))
}

describe.skipIf(parsers.length === 0)('a multipart body', () => {
  const ports: Record<string, number> = {}
  beforeAll(async () => {
    if (parsers.includes('busboy')) Object.assign(ports, await portsOf(toolPath('form-parsers'), 'form_servers.cjs'))
    if (flask !== undefined) Object.assign(ports, await portsOf(flask, 'form_server.py'))
  })

  it.each(parsers.flatMap(parser => forms().map(([what, form]) => [parser, what, form] as const)))(
    'is read by %s as one of fetch is: %s',
    async (parser, _, form) => {
      const url = `http://127.0.0.1:${ports[parser]}`
      const theirs = partsIn(await (await fetch(url, { method: 'POST', body: form })).json())
      const { http, recorder } = createUser(clientOf(url))
      const response = await http.post('/', { body: form })
      expect(response.status, response.text()).toBe(200)
      expect(partsIn(response.json())).toEqual(theirs)
      expect(theirs).toHaveLength([...form].length)
      expect(recorder.requests[0]!.sentBytes).toBeGreaterThan(100)
    },
  )
})

describe.skipIf(starlette === undefined)('a raw stream of sse-starlette', () => {
  let url = ''
  beforeAll(async () => {
    const { 'sse-starlette': port } = await portsOf(starlette ?? '', 'event_server.py')
    url = `http://127.0.0.1:${port}`
  })

  it('is read as it is, opened again as the server asks, and ends with a 204', async () => {
    const { http, sse, recorder } = createUser(clientOf(url))
    const events = await Array.fromAsync(sse.open('/events', { raw: true }))
    const visit = (id: string, before: string) => [
      { type: 'message', id: before, data: 'plain\ntext' },
      { type: 'reset', id, data: '{"a": 1}' },
    ]
    expect(events).toEqual([...visit('1', ''), ...visit('2', '1')])
    expect((await http.get('/visits')).json()).toEqual([null, '1', '2'])
    expect(recorder.failures).toEqual([])
    expect([recorder.sum('sse_events'), recorder.sum('event_gaps'), recorder.sum('reconnects')]).toEqual([4, 0, 1])
  })

  it('answers a POST, as language models do', async () => {
    const { sse, recorder } = createUser(clientOf(url))
    const json = { prompt: 'one two' }
    const events = await Array.fromAsync(sse.open('/answers', { raw: true, method: 'POST', json }))
    expect(events.map(({ data }) => data)).toEqual(['{"delta": "one"}', '{"delta": "two"}', '[DONE]'])
    expect(recorder.requests[0]).toMatchObject({ status: 200, sentBytes: JSON.stringify(json).length })
  })
})
