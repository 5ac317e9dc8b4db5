import dns, { type LookupAddress } from 'node:dns'
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import type { Clock } from '../../../core/clock.ts'

interface DialOptions {
  clock: Clock
  host: string
  port: number
  timeoutMs: number
  /** Where the socket reads to, instead of buffers of its own. */
  onread?: OnReadOpts | undefined
}

/** Time after which the next address of a name is tried while the previous attempt continues (RFC 8305 §5). */
const NEXT_ADDRESS_MS = 250
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }

type Done = (...result: [error: null, socket: Socket] | [error: Error, socket: null]) => void

/** Connects to a server. @param done called once: with the socket, with the most informative error, or with ETIMEDOUT. */
export function dial(options: DialOptions, done: Done): void {
  if (isIP(options.host) === 0) dialName(options, done)
  else dialAddress(options, done)
}

function socketTo(host: string, port: number, onread: OnReadOpts | undefined): Socket {
  return connect({ host, port, ...socketOptions, ...(onread !== undefined && { onread }) })
}

/** Does what a race of one address does, for half of its cost. */
function dialAddress({ host, port, timeoutMs, onread }: DialOptions, done: Done): void {
  const socket = socketTo(host, port, onread)
  const failed = (error: Error): void => {
    clearTimeout(limit)
    socket.off('error', failed)
    done(error, null)
  }
  // Not by the clock, whose sleeps are exact and cost more: this one hardly ever ends.
  const limit = setTimeout(() => socket.destroy(timedOut(host, port, timeoutMs, [host])), timeoutMs)
  socket.on('error', failed)
  socket.once('connect', () => {
    clearTimeout(limit)
    socket.off('error', failed)
    done(null, socket)
  })
}

/**
 * Connects to the first address of a name that answers. Node itself abandons an address when it tries the next one, so that a
 * slow address never gets to answer.
 */
function dialName({ clock, host, port, timeoutMs, onread }: DialOptions, done: Done): void {
  const over = new AbortController()
  const pending = new Set<Socket>()
  const errors: NodeJS.ErrnoException[] = []
  let addresses: string[] = []
  let tried = 0

  const settle: Done = (...result) => {
    if (over.signal.aborted) return
    over.abort()
    clearTimeout(limit)
    for (const socket of pending) if (socket !== result[1]) socket.destroy()
    done(...result)
  }
  const tryNext = (): void => {
    const socket = socketTo(addresses[tried++] as string, port, onread)
    pending.add(socket)
    const failed = (error: Error): void => {
      pending.delete(socket)
      errors.push(error)
      if (tried < addresses.length && !over.signal.aborted) tryNext()
      else if (pending.size === 0) settle(mostInformative(errors), null)
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      settle(null, socket)
    })
    if (tried < addresses.length) void tryNextLater(tried)
  }
  const tryNextLater = async (triedThen: number): Promise<void> => {
    await clock.sleep(NEXT_ADDRESS_MS, over.signal)
    if (!over.signal.aborted && tried === triedThen) tryNext()
  }
  const limit = setTimeout(() => settle(timedOut(host, port, timeoutMs, addresses), null), timeoutMs)
  dns.lookup(host, { all: true }, (error, found) => {
    if (error !== null) return settle(error, null)
    addresses = alternating(found)
    if (!over.signal.aborted) tryNext()
  })
}

/** Returns the addresses in the resolver's order, with alternating families, so that a family without a route delays only one step. */
function alternating(addresses: LookupAddress[]): string[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family)
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family)
  return addresses.flatMap((_, index) => [first[index], others[index]].flatMap(each => each?.address ?? []))
}

/** Errors that say nothing about the server, because this machine has no route to the address. */
const NO_ROUTE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

function mostInformative(errors: NodeJS.ErrnoException[]): Error {
  return errors.find(({ code = '' }) => !NO_ROUTE.has(code)) ?? (errors[0] as Error)
}

function timedOut(host: string, port: number, timeoutMs: number, addresses: string[]): Error {
  const message = `no connection to ${host}:${port} within ${timeoutMs} ms (tried ${addresses.join(', ') || 'to resolve the name'})`
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
}
