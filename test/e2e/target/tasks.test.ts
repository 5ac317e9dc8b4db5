import { describe, expect, test } from 'vitest'
import type { Task } from '../../../contract/api/tasks.ts'
import type { Page } from '../../../contract/api/page.ts'
import { testTarget } from './support.ts'

const target = await testTarget()
const strict = await testTarget({ 'auth.mode': 'strict', 'events.idempotency': 'strict', 'streams.tenants': '2' })

const json = { 'content-type': 'application/json' }

describe('a task', () => {
  test.each(['/api/v1/tasks', '/api/tasks', '/tasks'])('is made, read, changed and deleted at %s', async path => {
    const made = await post(path, { title: 'Water the plants', project_id: 2002, assignee_id: 303 })
    expect(made.status).toBe(201)
    const task = (await made.json()) as Task
    expect(task).toMatchObject({
      title: 'Water the plants',
      project_id: 2002,
      assignee_id: 303,
      status: 'open',
      version: 1,
    })
    expect(made.headers.get('location')).toBe(`${path}/${task.id}`)
    const etag = made.headers.get('etag') as string

    const url = `${target.url}${made.headers.get('location')}`
    const read = await fetch(url)
    expect({ readStatus: read.status, etag: read.headers.get('etag'), readJson: await read.json() }).toEqual({
      readStatus: 200,
      etag: etag,
      readJson: task,
    })
    const known = await fetch(url, { headers: { 'if-none-match': etag } })
    expect({
      knownStatus: known.status,
      etag: known.headers.get('etag'),
      knownText: await known.text(),
    }).toEqual({ knownStatus: 304, etag: etag, knownText: '' })
    expect((await fetch(url, { method: 'HEAD' })).headers.get('etag')).toBe(etag)

    const changed = await patch(url, { status: 'done' }, { 'if-match': etag })
    expect(changed.status).toBe(200)
    expect(await changed.json()).toMatchObject({ ...task, status: 'done', version: 2, updated_at: expect.any(String) })
    expect(changed.headers.get('etag')).not.toBe(etag)

    const lost = await patch(url, { status: 'open' }, { 'if-match': etag })
    expect({ lostStatus: lost.status, etag: lost.headers.get('etag') }).toEqual({
      lostStatus: 412,
      etag: changed.headers.get('etag'),
    })
    expect(await lost.json()).toMatchObject({ code: 'precondition_failed' })
    expect((await fetch(url, { method: 'DELETE', headers: { 'if-match': etag } })).status).toBe(412)
    // A client that sends an empty header sets no condition.
    expect((await patch(url, { status: 'done' }, { 'if-match': '' })).status).toBe(200)
    expect(await (await fetch(url)).json()).toMatchObject({ status: 'done', version: 2 })

    // Some clients send this header with every request.
    const deleted = await fetch(url, { method: 'DELETE', headers: json })
    expect({ deletedStatus: deleted.status, deletedText: await deleted.text() }).toEqual({
      deletedStatus: 204,
      deletedText: '',
    })
    expect((await fetch(url)).status).toBe(404)
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404)
  })

  test('that is changed to its current values keeps its ETag', async () => {
    const url = `${target.url}/tasks/7`
    const before = await fetch(url)
    const { title } = (await before.json()) as Task
    const after = await patch(url, { title })
    expect({ afterStatus: after.status, etag: after.headers.get('etag') }).toEqual({
      afterStatus: 200,
      etag: before.headers.get('etag'),
    })
  })

  test.each(['0', '-1', '1.5', '01', 'x', '9'.repeat(30), '%20', '1e1'])('has no id %s', async id => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await fetch(`${target.url}/tasks/${id}`, { method })
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'not_found' })
    }
  })
})

describe('what is refused', () => {
  const refused: [string, unknown, number, string, string][] = [
    ['no title', {}, 400, 'invalid_request', '/title'],
    ['an empty title', { title: '' }, 400, 'invalid_request', '/title'],
    ['a title too long', { title: 'x'.repeat(201) }, 400, 'invalid_request', '/title'],
    ['an unknown status', { title: 'x', status: 'asleep' }, 400, 'invalid_request', '/status'],
    ['a project that is text', { title: 'x', project_id: '2001' }, 400, 'invalid_request', '/project_id'],
    ['an array', [], 400, 'invalid_request', ''],
    ['an unknown project', { title: 'x', project_id: 2004 }, 422, 'unknown_project', '/project_id'],
    ['an unknown assignee', { title: 'x', assignee_id: 304 }, 422, 'unknown_assignee', '/assignee_id'],
  ]
  test.each(refused)('%s', async (_what, body, status, code, pointer) => {
    const before = await state()
    const answer = await post('/tasks', body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
    expect(await answer.json()).toMatchObject({ code, errors: [{ pointer }] })
    // A change may leave out every field.
    if (code !== 'invalid_request' || Object.hasOwn(body as object, 'title')) {
      expect((await patch(`${target.url}/tasks/1`, body)).status).toBe(status)
    }
    expect(await state()).toEqual(before)
  })

  test('an unknown project is told before an ETag that is not the newest', async () => {
    const answer = await patch(`${target.url}/tasks/1`, { project_id: 1 }, { 'if-match': '"old"' })
    expect(answer.status).toBe(422)
  })

  test('a body that is no JSON, of another type, or none', async () => {
    const send = (body: string | null, type: string) =>
      fetch(`${target.url}/tasks`, { method: 'POST', body, headers: { 'content-type': type } })
    expect((await send('{', 'application/json')).status).toBe(400)
    expect((await send(null, 'application/json')).status).toBe(400)
    expect((await send('title=x', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await fetch(`${target.url}/tasks/1`, { method: 'PATCH' })).status).toBe(400)
  })

  test.each([
    ['limit=0', 'invalid_limit'],
    ['limit=101', 'invalid_limit'],
    ['limit=ten', 'invalid_limit'],
    ['page=0', 'invalid_request'],
    ['status=asleep', 'invalid_request'],
    ['project_id=x', 'invalid_request'],
    ['status=open&status=done', 'invalid_request'],
  ])('a list with %s', async (query, code) => {
    const answer = await fetch(`${target.url}/tasks?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code })
  })

  async function state(): Promise<unknown> {
    return (await fetch(`${target.url}/tasks?limit=100`)).json()
  }
})

describe('a list', () => {
  test('is read to its end by its links, each task once, newest first', async () => {
    const ids: number[] = []
    let next: string | null = '/api/tasks?status=open&limit=7'
    let total = 0
    while (next !== null) {
      expect(next).toMatch('/api/tasks?status=open&limit=7')
      const page = (await (await fetch(`${target.url}${next}`)).json()) as Page<Task>
      expect(page.items.every(({ status }) => status === 'open')).toBe(true)
      ids.push(...page.items.map(({ id }) => id))
      ;({ next, total } = page)
    }
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a))
    expect(ids.length).toBe(total)
    expect(total).toBeGreaterThan(20)
  })

  test('past its end is empty', async () => {
    const page = (await (await fetch(`${target.url}/tasks?page=1000000000`)).json()) as Page<Task>
    expect(page).toMatchObject({ items: [], page: 1_000_000_000, limit: 20, next: null })
    expect(page.total).toBeGreaterThan(0)
  })

  test('of a value that no task has is empty', async () => {
    const page = await (await fetch(`${target.url}/tasks?project_id=2001&priority=unheard-of&assignee_id=999`)).json()
    expect(page).toMatchObject({ items: [], total: 0, next: null })
  })
})

describe('an Idempotency-Key', () => {
  test('makes the same task once, and another for another body', async () => {
    const first = await post('/tasks', { title: 'once' }, { 'idempotency-key': 'a' })
    const again = await post('/tasks', { title: 'once' }, { 'idempotency-key': 'a' })
    expect({
      againStatus: again.status,
      idempotentReplayed: again.headers.get('idempotent-replayed'),
    }).toEqual({ againStatus: 201, idempotentReplayed: 'true' })
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(await again.text()).toBe(await first.text())
    const other = await post('/tasks', { title: 'twice' }, { 'idempotency-key': 'a' })
    expect({
      otherStatus: other.status,
      idempotentReplayed: other.headers.get('idempotent-replayed'),
    }).toEqual({ otherStatus: 201, idempotentReplayed: null })
    expect(other.headers.get('location')).not.toBe(first.headers.get('location'))
  })

  test('is not used up by a refusal', async () => {
    expect((await post('/tasks', { title: 'x', project_id: 1 }, { 'idempotency-key': 'b' })).status).toBe(422)
    expect((await post('/tasks', { title: 'x' }, { 'idempotency-key': 'b' })).status).toBe(201)
  })
})

describe('strict mode', () => {
  test('refuses requests without a token', async () => {
    for (const [method, path] of [
      ['GET', '/tasks'],
      ['GET', '/tasks/1'],
      ['DELETE', '/tasks/1'],
    ] as const) {
      const answer = await fetch(`${strict.url}${path}`, { method })
      expect({
        answerStatus: answer.status,
        wwwAuthenticate: answer.headers.get('www-authenticate'),
      }).toEqual({ answerStatus: 401, wwwAuthenticate: 'Bearer error="invalid_token"' })
    }
  })

  test('refuses a key with another body', async () => {
    const headers = { ...json, authorization: `Bearer ${await strict.token()}`, 'idempotency-key': 'k' }
    const post = (title: string) =>
      fetch(`${strict.url}/tasks`, { method: 'POST', headers, body: JSON.stringify({ title }) })
    expect((await post('a')).status).toBe(201)
    const reused = await post('b')
    expect(reused.status).toBe(422)
    expect(await reused.json()).toMatchObject({ code: 'idempotency_key_reused' })
  })

  test('tenants past the bound are refused while all others are in use and have changed something', async () => {
    const authorization = `Bearer ${await strict.token()}`
    const statuses: number[] = []
    for (const tenant of ['public', 'b', 'c', 'b']) {
      const headers = { ...json, authorization, 'x-tenant-id': tenant }
      const answer = await fetch(`${strict.url}/tasks`, { method: 'POST', headers, body: '{"title":"mine"}' })
      statuses.push(answer.status)
    }
    expect(statuses).toEqual([201, 201, 503, 201])
  })
})

test('a tenant neither sees nor changes the tasks of another', async () => {
  const made = await post('/tasks', { title: 'ours' }, { 'x-tenant-id': 'ours' })
  const location = `${target.url}${made.headers.get('location')}`
  const theirs = await fetch(location, { headers: { 'x-tenant-id': 'theirs' } })
  expect(theirs.status).toBe(404)
  expect((await fetch(location, { method: 'DELETE', headers: { 'x-tenant-id': 'theirs' } })).status).toBe(404)
  expect((await fetch(location, { headers: { 'x-tenant-id': 'ours' } })).status).toBe(200)
})

test('the reset brings back the same bytes', async () => {
  const fresh = await testTarget()
  const read = async () => (await fetch(`${fresh.url}/tasks?limit=100`)).text()
  const before = await read()
  await fetch(`${fresh.url}/tasks`, { method: 'POST', headers: json, body: '{"title":"new"}' })
  await fetch(`${fresh.url}/tasks/300`, { method: 'DELETE' })
  expect(await read()).not.toBe(before)
  expect((await fetch(`${fresh.url}/_loadcell/reset?what=data`, { method: 'POST' })).status).toBe(200)
  expect(await read()).toBe(before)
})

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${target.url}${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })
}

function patch(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'PATCH', headers: { ...json, ...headers }, body: JSON.stringify(body) })
}
