import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll } from 'vitest'
import type { LedgerReport, OperationAccount } from '../../../contract/ledger.ts'
import type { OperationName } from '../../../contract/api/operations.ts'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import { startTarget, type RunningTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

export interface TestTarget extends RunningTarget {
  port: number
  /** An access token of a default client. */
  token(client?: 'producer' | 'consumer'): Promise<string>
  /** The ledger of a run once nothing is under way. */
  settledLedger(run?: string): Promise<LedgerReport>
  /** Sends these bytes on a new connection, and returns everything received until it was closed. */
  raw(...parts: string[]): Promise<string>
}

const CLIENTS = {
  producer: { client_id: 'producer-service', client_secret: 'producer-secret' },
  consumer: { client_id: 'notification-dashboard', client_secret: 'consumer-secret' },
}

/** A target of its own on a free port, without an ambient feed, closed when the file's tests are over. */
export async function testTarget(flags: Record<string, string> = {}): Promise<TestTarget> {
  const configuration = loadConfiguration({ env: {}, flags: { ...QUIET, ...flags } })
  const target = await startTarget(configuration)
  afterAll(() => target.close())
  const port = Number(new URL(target.url).port)
  return {
    ...target,
    port,
    async token(client = 'producer') {
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...CLIENTS[client] })
      const answer = await fetch(`${target.url}/oauth/token`, { method: 'POST', body })
      return ((await answer.json()) as TokenResponse).access_token
    },
    async settledLedger(run = 'default') {
      for (;;) {
        const report = (await (await fetch(`${target.controlUrl}/_loadcell/ledger?run=${run}`)).json()) as LedgerReport
        if (report.open.requests === 0 && report.open.streams === 0) return report
        await delay(5)
      }
    },
    async raw(...parts) {
      const socket = connectTo(port)
      for (const part of parts) socket.write(part)
      let answer = ''
      socket.on('data', chunk => (answer += chunk.toString()))
      await once(socket, 'close')
      return answer
    },
  }
}

/** The flag that configures clients with these ids and scopes. */
export function clientsFlag(scopesOf: Record<string, string[]>): Record<string, string> {
  const clients = Object.entries(scopesOf).map(([id, scopes]) => ({ id, secret: 'one', scopes }))
  return { 'auth.clients': JSON.stringify(clients) }
}

/** Returns an access token of one of these clients. */
export async function tokenOf(target: TestTarget, id: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: 'one' })
  const answer = await fetch(`${target.url}/oauth/token`, { method: 'POST', body })
  return ((await answer.json()) as TokenResponse).access_token
}

const QUIET = {
  'http.port': '0',
  'log.level': 'silent',
  'feed.orders': '0',
  'feed.inventory': '0',
  'feed.pricing': '0',
}

export function connectTo(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  // Some tests provoke a target that closes while data is still being sent.
  socket.on('error', () => {})
  return socket
}

export function operation(report: LedgerReport, name: OperationName): OperationAccount | undefined {
  return report.operations.find(account => account.operation === name)
}

export const event = (id: string) => ({ event_type: 'order.created', event_id: id, data: { order_id: 1 } })
