import { operations } from '../../contract/api/operations.ts'
import type { SameAnswer } from '../floors/same-answer.ts'
import { type FixedRequest, type Generator, leanestGenerator } from '../processes/load.ts'
import { type Child, startChild } from '../processes/process.ts'
import { type Bench, emptyReport } from '../measurement/report.ts'
import type { Rounds } from '../measurement/rounds.ts'
import { compareServers } from '../contenders/serving.ts'
import { configure, logIn, startTarget } from '../processes/target.ts'

const USER = { email: 'qa.user1@example.com', password: 'TestPass123!' }

interface Case {
  title: string
  operation: SameAnswer['operation']
  path: string
  body?: object
  bearer?: true
  work?: SameAnswer['work']
  /** Setting `auth.verifyCache` of the target: how many verified tokens it remembers. */
  verifyCache?: number
  /** Least requests a second, as a share of the plain Fastify route's. */
  mark: number
}

const CASES: Case[] = [
  { title: 'a product', operation: 'products.get', path: '/products/17', mark: 0.95 },
  { title: 'a page of 20 products', operation: 'products.list', path: '/products?page=3&limit=20', mark: 0.95 },
  {
    title: 'an order placed by a guest',
    operation: 'orders.create',
    path: '/orders',
    body: { product_id: 17, quantity: 2, shipping_address: '1 Main Street, Utrecht' },
    mark: 0.5,
  },
  { title: 'a profile, its token known', operation: 'users.me', path: '/users/me', bearer: true, mark: 0.9 },
  { title: 'a login', operation: 'auth.login', path: '/auth/login', body: USER, work: 'sign', mark: 0.8 },
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
  async run(rounds) {
    const generator = await leanestGenerator()
    const report = emptyReport(notes)
    try {
      for (const each of CASES) {
        const { table, mark, readings } = await measureCase(each, generator, rounds)
        report.tables.push(table)
        report.marks.push(mark)
        report.readings.push({ title: each.title, ...readings })
      }
      return report
    } finally {
      await generator.stop()
    }
  },
}

/** Measures a case with servers of its own, so that none is warm from earlier cases. */
async function measureCase(each: Case, generator: Generator, rounds: Rounds) {
  const { path, verifyCache } = each
  const servers: Child[] = []
  try {
    const target = await startTarget()
    servers.push(target)
    if (verifyCache !== undefined) await configure(target.url, { auth: { verifyCache } })
    const request = await requestOf(each, target.url)
    const answer = await answerOf(each, request, target.url)
    const floors = ['floors/same-answer-fastify.ts', 'floors/same-answer-http.ts']
    servers.push(...(await Promise.all(floors.map(floor => startChild('server', floor, answer)))))
    const what = {
      title: `${each.title}, ${Buffer.byteLength(answer.body)} bytes`,
      claim: `${each.title}: requests/s ÷ a plain Fastify route`,
      limit: each.mark,
    }
    return await compareServers(servers as [Child, Child, Child], generator, { path, request }, what, rounds)
  } finally {
    await Promise.all(servers.map(child => child.stop()))
  }
}

const notes = [
  'The floors send the target’s answer as ready-made text, with its headers and a request id. They look nothing up, limit nothing and keep no ledger. They sign or verify a token, with the same library, only where the case says so.',
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

/** Headers that Node and Fastify add to every answer. */
const ADDED = new Set(['connection', 'content-length', 'date', 'keep-alive', 'x-request-id'])

/** @throws Error when the target refuses. */
async function answerOf(
  { operation, path, work }: Case,
  request: FixedRequest,
  targetUrl: string,
): Promise<SameAnswer> {
  const response = await fetch(targetUrl + path, request)
  const body = await response.text()
  if (!response.ok) throw new Error(`the target answered ${request.method} ${path} with ${response.status}: ${body}`)
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
