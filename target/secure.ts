import type { FastifyInstance } from 'fastify'
import type { Http2Server } from 'node:http2'
import { defaultRun } from '../contract/headers.ts'
import type { Clock } from '../core/clock.ts'
import type { Configuration } from './configuration/configuration.ts'
import type { Faults } from './faults/faults.ts'
import { HandshakeFaults } from './faults/handshake/handshake-faults.ts'
import { countConnections } from './http/connections.ts'
import { SOCKET_BYTES } from './http/server.ts'
import { Http2Sessions } from './http2/sessions.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Lifecycle } from './lifecycle/lifecycle.ts'
import type { MemoryBudget } from './memory/budget.ts'
import type { TlsIdentity } from './tls/identity.ts'
import { SecureFront } from './tls/secure-front.ts'

interface SecureDependencies {
  ledger: Ledger
  faults: Faults
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** The TLS of the target, with the HTTP/2 connections that were chosen in it. */
export interface SecuredTarget {
  readonly front: SecureFront
  /** Undefined if HTTP/2 is off. */
  readonly sessions: Http2Sessions | undefined
}

/**
 * Puts TLS before the servers of the target. Loaded only when it is switched on.
 * @param app that clients use @param controlApp the same one, or that of the control plane, which no fault affects
 */
export function secure(
  { app, controlApp, identity }: { app: FastifyInstance; controlApp: FastifyInstance; identity: TlsIdentity },
  configuration: Configuration,
  { ledger, faults, clock, memory, lifecycle }: SecureDependencies,
): SecuredTarget {
  const front = new SecureFront({
    identity,
    configuration,
    memory,
    socketBytes: SOCKET_BYTES,
    faults: new HandshakeFaults({ faults, clock, account: () => ledger.of(defaultRun).faults }),
  })
  lifecycle.on('cut', () => front.cut())
  const accepted = (server: Http2Server) => {
    countConnections(server, memory)
    server.on('connection', socket => ledger.stallWatch.accepted(socket))
  }
  const guard = ({ server }: FastifyInstance, isFaulted: boolean) => {
    const sessions = configuration.http2.enabled
      ? new Http2Sessions(server, { configuration, clock, lifecycle, accepted })
      : undefined
    front.guard(server, { http2: sessions && (socket => sessions.take(socket)), isFaulted })
    return sessions
  }
  const sessions = guard(app, true)
  if (controlApp !== app) guard(controlApp, false)
  return { front, sessions }
}
