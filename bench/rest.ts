import { operations } from '../contract/api/operations.ts'
import type { SameAnswer } from './floors/same-answer.ts'
import { type Generator, leanestGenerator } from './load.ts'
import type { FixedRequest } from './load-order.ts'
import { type Child, type Idle, type ServerAddress, startChild } from './process.ts'
import { atLeast, type Bench, type BenchReport } from './report.ts'
import { byName, interleave, ratios, type Rounds } from './rounds.ts'
import { ratesOf, serving, servingTable } from './serving.ts'
import { configure, logIn, startTarget } from './target.ts'

const CONNECTIONS = 64
const USER = { email: 'qa.user1@example.com', password: 'TestPass123!' }

interface Case {
  title: string
  operation: SameAnswer['operation']
  path: string
  body?: object
  bearer?: true
  work?: SameAnswer['work']
  /** Tokens the target takes for verified because it has verified them before. */
  verifyCache?: number
  /** Least share of the plain Fastify route's requests a second. */
  mark: number
}

const CASES: Case[] = [
  { title: 'a product', operation: 'products.get', path: '/products/17', mark: 0.85 },
  { title: 'a page of 20 products', operation: 'products.list', path: '/products?page=3&limit=20', mark: 0.8 },
  {
    title: 'an order placed by a guest',
    operation: 'orders.create',
    path: '/orders',
    body: { product_id: 17, quantity: 2, shipping_address: '1 Main Street, Utrecht' },
    mark: 0.5,
  },
  { title: 'a profile, its token known', operation: 'users.me', path: '/users/me', bearer: true, mark: 0.75 },
  { title: 'a login', operation: 'auth.login', path: '/auth/login', body: USER, work: 'sign', mark: 0.5 },
  {
    title: 'a profile, its token verified each time',
    operation: 'users.me',
    path: '/users/me',
    bearer: true,
    work: 'verify',
    verifyCache: 0,
    mark: 0.5,
  },
]

export const rest: Bench = {
  name: 'rest',
  description:
    'reads, orders, logins: the target against a plain Fastify route and bare node:http with the same answers',
  run: measure,
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const generator = await leanestGenerator()
  const report: BenchReport = { tables: [], marks: [], notes, readings: [] }
  try {
    for (const each of CASES) {
      const { table, mark, readings } = await measureCase(each, generator, rounds)
      report.tables.push(table)
      report.marks.push(mark)
      ;(report.readings as unknown[]).push({ title: each.title, ...readings })
    }
    return report
  } finally {
    await generator.stop()
  }
}

/** Every case has servers of its own: one that had been through the others would be the warmer. */
async function measureCase(each: Case, generator: Generator, rounds: Rounds) {
  const { title, path, verifyCache } = each
  const [target, fastify, bare] = await Promise.all([
    startTarget(),
    startChild<Idle>('server', new URL('floors/same-answer-fastify.ts', import.meta.url)),
    startChild<Idle>('server', new URL('floors/same-answer-http.ts', import.meta.url)),
  ])
  try {
    if (verifyCache !== undefined) await configure(target.ready.url, { auth: { verifyCache } })
    const request = await requestOf(each, target.ready.url)
    const answer = await answerOf(each, request, target.ready.url)
    const to = (name: string, server: Child<unknown>, { url }: ServerAddress) =>
      serving(name, server, generator, { url: url + path, connections: CONNECTIONS, request })
    const contenders = [
      to('target', target, target.ready),
      to('plain Fastify route', fastify, await fastify.ask<ServerAddress>(answer)),
      to('bare node:http', bare, await bare.ask<ServerAddress>(answer)),
    ]
    const readings = await interleave(contenders, rounds)
    const size = `${Buffer.byteLength(answer.body)} bytes`
    const table = servingTable(
      `${title}, ${size}, over ${CONNECTIONS} connections by ${generator.name}`,
      contenders,
      readings,
    )
    const mark = atLeast(
      `${title}: requests/s ÷ a plain Fastify route`,
      ratios(ratesOf(readings[0]), ratesOf(readings[1])),
      each.mark,
    )
    return { table, mark, readings: byName(contenders, readings) }
  } finally {
    await Promise.all([target, fastify, bare].map(child => child.stop()))
  }
}

const notes = [
  'The floors send the target’s own answer, its headers and a request id, from ready text. They look nothing up, limit nothing and keep no ledger; of tokens they only sign or verify one, with the same library, where the case says so.',
]

async function requestOf({ operation, body, bearer }: Case, targetUrl: string): Promise<FixedRequest> {
  return {
    method: operations[operation].method as FixedRequest['method'],
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(bearer && { authorization: `Bearer ${await logIn(targetUrl, USER)}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }
}

/** Headers that Node and Fastify add to every answer by themselves. */
const ADDED = new Set(['connection', 'content-length', 'date', 'keep-alive', 'x-request-id'])

/** @throws Error when the target refuses. */
async function answerOf(
  { operation, path, work }: Case,
  request: FixedRequest,
  targetUrl: string,
): Promise<SameAnswer> {
  const response = await fetch(targetUrl + path, request)
  const body = await response.text()
  if (!response.ok) throw new Error(`${request.method} ${path} is answered with ${response.status}: ${body}`)
  return {
    operation,
    path: new URL(path, targetUrl).pathname,
    method: request.method,
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !ADDED.has(name))),
    body,
    ...(work && { work }),
  }
}
