import { expect } from 'vitest'
import {
  assigneeIds,
  type NewTask,
  projectIds,
  type Task,
  type TaskChange,
  taskStatuses,
} from '../../contract/api/tasks.ts'
import type { Page } from '../../contract/api/page.ts'
import type { Answer, InjectedTarget } from './injected-target.ts'

/** Settings of the model and of its target. */
export const SEEDED = 6
export const KEPT = 12

/** Clients of a tenant share its tasks. */
export type Client = { name: string; tenant: string }

/** One request. `pick` selects from all tasks that ever existed, including removed ones. */
export type Step = { client: Client; waitMs: number } & (
  | { kind: 'create'; body: NewTask; key: string | undefined }
  | { kind: 'change'; pick: number; body: TaskChange; isGuarded: boolean }
  | { kind: 'delete'; pick: number; isGuarded: boolean }
  | { kind: 'get'; pick: number; isGuarded: boolean }
  | { kind: 'list'; query: Record<string, string | number> }
  | { kind: 'refused'; pick: number; body: object; code: string }
  | { kind: 'reset' }
)

/** Tasks in plain lists, and what each client knows of them. */
export class TaskModel {
  readonly #target: InjectedTarget
  #boards = new Map<string, { tasks: Task[]; nextId: number }>()
  /** The body sent with each key and the response, by tenant and key. */
  #replays = new Map<string, { body: string; answer: Answer }>()
  /** The ETag a client saw last, by client and task. */
  #seen = new Map<string, string>()

  constructor(target: InjectedTarget) {
    this.#target = target
  }

  async take(step: Step): Promise<void> {
    if (step.waitMs > 0) await this.#target.clock.advance(step.waitMs)
    const board = await this.#board(step.client.tenant)
    switch (step.kind) {
      case 'create':
        return this.#create(step, board)
      case 'change':
        return this.#change(step, board)
      case 'delete':
        return this.#delete(step, board)
      case 'get':
        return this.#get(step, board)
      case 'list': {
        const { page = 1, limit = 20 } = step.query
        return this.#compareList(step.client.tenant, board.tasks, step.query, Number(page), Number(limit))
      }
      case 'refused': {
        const refused = await this.#send(step.client, 'POST', '/tasks', { body: step.body })
        expect(refused.body).toMatchObject({ code: step.code })
        const id = 1 + (step.pick % (board.nextId - 1))
        const task = find(board, id)
        const change = await this.#send(step.client, 'PATCH', `/tasks/${id}`, { body: step.body })
        const code = task === undefined && step.code !== 'invalid_request' ? 'not_found' : step.code
        return expect(change.body).toMatchObject({ code })
      }
      case 'reset':
        await this.#target.send('POST', '/_loadcell/reset?what=data')
        this.#boards = new Map()
        this.#replays = new Map()
        this.#seen = new Map()
    }
  }

  async compareAll(): Promise<void> {
    for (const [tenant, { tasks }] of this.#boards) {
      await this.#compareList(tenant, tasks, {}, 1, 100)
      for (const status of taskStatuses) await this.#compareList(tenant, tasks, { status }, 1, 100)
      for (const project_id of projectIds) {
        for (const assignee_id of assigneeIds) {
          await this.#compareList(tenant, tasks, { project_id, assignee_id }, 1, 100)
        }
      }
    }
  }

  async #create({ client, body, key }: Step & { kind: 'create' }, board: Board): Promise<void> {
    const headers = key === undefined ? undefined : { 'idempotency-key': key }
    const answer = await this.#send(client, 'POST', '/tasks', { body, ...(headers && { headers }) })
    const scope = `${client.tenant} ${key}`
    const first = this.#replays.get(scope)
    if (key !== undefined && first?.body === JSON.stringify(body)) {
      expect(answer.headers['idempotent-replayed']).toBe('true')
      expect({ answerStatus: answer.status, answerBody: answer.body }).toEqual({
        answerStatus: first.answer.status,
        answerBody: first.answer.body,
      })
      return
    }
    expect(answer.headers['idempotent-replayed']).toBeUndefined()
    const task: Task = {
      id: board.nextId++,
      project_id: 2001,
      description: '',
      status: 'open',
      priority: 'medium',
      assignee_id: null,
      ...body,
      version: 1,
      created_at: this.#now(),
      updated_at: this.#now(),
    }
    expect(answer).toMatchObject({ status: 201, body: task, headers: { location: `/tasks/${task.id}` } })
    this.#see(client, answer)
    board.tasks.push(task)
    forget(board, task)
    if (key !== undefined) this.#replays.set(scope, { body: JSON.stringify(body), answer })
  }

  async #change({ client, pick, body, isGuarded }: Step & { kind: 'change' }, board: Board): Promise<void> {
    const id = 1 + (pick % board.nextId)
    const guard = isGuarded ? this.#seen.get(`${client.name} ${id}`) : undefined
    const answer = await this.#send(client, 'PATCH', `/tasks/${id}`, { body, ...ifMatch(guard) })
    const task = find(board, id)
    if (task === undefined) return expect(answer.body).toMatchObject({ status: 404, code: 'not_found' })
    if (guard !== undefined && guard !== etagOf(task)) {
      return expect(answer).toMatchObject({ status: 412, headers: { etag: etagOf(task) } })
    }
    const before = JSON.stringify(task)
    Object.assign(task, body)
    if (JSON.stringify(task) !== before) Object.assign(task, { version: task.version + 1, updated_at: this.#now() })
    expect(answer).toMatchObject({ status: 200, body: task, headers: { etag: etagOf(task) } })
    this.#see(client, answer)
    forget(board, task)
  }

  async #delete({ client, pick, isGuarded }: Step & { kind: 'delete' }, board: Board): Promise<void> {
    const id = 1 + (pick % board.nextId)
    const guard = isGuarded ? this.#seen.get(`${client.name} ${id}`) : undefined
    const answer = await this.#send(client, 'DELETE', `/tasks/${id}`, ifMatch(guard))
    const task = find(board, id)
    if (task === undefined) return expect(answer.status).toBe(404)
    if (guard !== undefined && guard !== etagOf(task)) return expect(answer.status).toBe(412)
    expect(answer).toMatchObject({ status: 204, body: undefined })
    board.tasks = board.tasks.filter(other => other !== task)
  }

  async #get({ client, pick, isGuarded }: Step & { kind: 'get' }, board: Board): Promise<void> {
    const id = 1 + (pick % board.nextId)
    const known = isGuarded ? this.#seen.get(`${client.name} ${id}`) : undefined
    const answer = await this.#send(client, 'GET', `/tasks/${id}`, {
      ...(known !== undefined && { headers: { 'if-none-match': known } }),
    })
    const task = find(board, id)
    if (task === undefined) return expect(answer.status).toBe(404)
    if (known === etagOf(task)) return expect(answer).toMatchObject({ status: 304, body: undefined })
    expect(answer).toMatchObject({ status: 200, body: task, headers: { etag: etagOf(task) } })
    this.#see(client, answer)
  }

  async #compareList(
    tenant: string,
    tasks: Task[],
    query: Record<string, string | number>,
    page: number,
    limit: number,
  ): Promise<void> {
    const asked = new URLSearchParams()
    for (const [name, value] of Object.entries({ ...query, page, limit })) asked.set(name, String(value))
    const answer = await this.#target.send('GET', `/tasks?${asked.toString()}`, { headers: { 'x-tenant-id': tenant } })
    const fitting = tasks
      .filter(task =>
        (['project_id', 'status', 'priority', 'assignee_id'] as const).every(
          field => query[field] === undefined || query[field] === task[field],
        ),
      )
      .sort((a, b) => b.id - a.id)
    const { items, total, next } = answer.body as Page<Task>
    expect(items).toEqual(fitting.slice((page - 1) * limit, page * limit))
    expect(total).toBe(fitting.length)
    expect(next === null).toBe(page * limit >= fitting.length)
  }

  /** Every board starts with the same tasks, which the first request shows. */
  async #board(tenant: string): Promise<Board> {
    const known = this.#boards.get(tenant)
    if (known !== undefined) return known
    const { body } = await this.#target.send('GET', '/tasks?limit=100', { headers: { 'x-tenant-id': tenant } })
    const tasks = (body as Page<Task>).items.sort((a, b) => a.id - b.id)
    expect(tasks.map(({ id, version }) => [id, version])).toEqual([1, 2, 3, 4, 5, 6].map(id => [id, 1]))
    const board = { tasks, nextId: SEEDED + 1 }
    this.#boards.set(tenant, board)
    return board
  }

  #send({ tenant }: Client, ...[method, url, options]: Parameters<InjectedTarget['send']>): Promise<Answer> {
    return this.#target.send(method, url, { ...options, headers: { ...options?.headers, 'x-tenant-id': tenant } })
  }

  #see({ name }: Client, { headers, body }: Answer): void {
    this.#seen.set(`${name} ${(body as Task).id}`, headers['etag'] as string)
  }

  #now(): string {
    return new Date(this.#target.clock.wallTime()).toISOString()
  }
}

type Board = { tasks: Task[]; nextId: number }

function find({ tasks }: Board, id: number): Task | undefined {
  return tasks.find(task => task.id === id)
}

/** Oldest first, without seeded tasks and without the one just written. */
function forget(board: Board, written: Task): void {
  const isFull = () =>
    board.tasks.length > KEPT ||
    board.tasks.reduce((chars, { title, description }) => chars + title.length + description.length, 0) > KEPT * 512
  for (const task of board.tasks.filter(({ id }) => id > SEEDED && id !== written.id)) {
    if (isFull()) board.tasks = board.tasks.filter(other => other !== task)
  }
}

function ifMatch(etag: string | undefined): { headers?: Record<string, string> } {
  return etag === undefined ? {} : { headers: { 'if-match': etag } }
}

function etagOf({ id, version }: Task): string {
  return `"${id}-${version}"`
}
