import { sayReady, serveOrders, startChild } from './process.ts'
import { runWrk, wrkIsHere } from './wrk.ts'

/** Load for a generator to send. */
export interface LoadOrder {
  url: string
  /** Each carries one request at a time. With `rate`, only autocannon keeps to this number. */
  connections: number
  seconds: number
  /** Requests a second, evenly spaced, whether or not earlier ones are answered. Default: as many as the connections can carry. */
  rate?: number
  /** The request to repeat. Default: a bare GET. */
  request?: FixedRequest
  /** Bearer token to publish events with; replaces `request`. */
  token?: string
}

export interface FixedRequest {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
}

export interface LoadReading {
  requests: number
  failed: number
  seconds: number
  /** CPU time of the generator. */
  cpuSeconds: number
}

export interface Generator {
  name: string
  drive: (order: LoadOrder) => Promise<LoadReading>
  stop: () => Promise<void>
}

/** Starts wrk if it is installed, or else our own loop. */
export function leanestGenerator(): Promise<Generator> {
  if (!wrkIsHere()) return startGenerator('undici dispatch', 'floors/undici.ts', 'dispatch')
  return Promise.resolve({ name: 'wrk', drive: runWrk, stop: () => Promise.resolve() })
}

export async function startGenerator(name: string, path: string, argument?: unknown): Promise<Generator> {
  const child = await startChild('generator', path, argument)
  return { name, drive: order => child.ask(order), stop: child.stop }
}

/** Called in a generator's process: carries out every order that comes. */
export function serveLoad(drive: (order: LoadOrder) => Promise<LoadReading>): void {
  serveOrders(drive)
  sayReady()
}

/** Measures the time and the CPU time of this process while it sends requests. */
export async function timed(send: () => Promise<{ requests: number; failed: number }>): Promise<LoadReading> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const counts = await send()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ...counts, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 }
}

/** @throws Error when requests failed or none was answered: then the reading says nothing. */
export function expectAnswers(name: string, { requests, failed }: LoadReading): void {
  if (requests === 0) throw new Error(`${name}: no request was answered; is the machine overloaded?`)
  if (failed > 0) throw new Error(`${name}: ${failed} of ${requests} requests failed`)
}
