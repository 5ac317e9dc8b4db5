import { quotedStart } from '../../../core/quoted-start.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { Streams } from '../../streams/streams.ts'
import { acknowledgement } from '../../connections/frame.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { GrpcCalls } from './calls.ts'
import type { ItemProtocol } from './item-protocol.ts'
import { ChannelFollower } from '../channel-follower.ts'

const REQUEST = 'grpc.health.v1.HealthCheckRequest'
export const HEALTH = 'grpc.health.v1.HealthCheckResponse'
/** Name of these calls among the streams of the ledger. */
const NAME = 'grpc:health'

export interface GrpcHealthDependencies {
  calls: GrpcCalls
  streams: Streams
  lifecycle: Lifecycle
  protocol: ItemProtocol
  /** Names of the services, besides the server as a whole. */
  services: ReadonlySet<string>
}

/** Serves the standard health protocol. */
export function serveHealth({ calls, streams, lifecycle, protocol, services }: GrpcHealthDependencies): void {
  const watching = new Set<() => void>()
  lifecycle.onFirst('stop', () => {
    for (const tell of watching) tell()
  })
  const status = (service: string) => {
    if (service !== '' && !services.has(service)) return undefined
    return lifecycle.phase === 'stopping' ? 'NOT_SERVING' : 'SERVING'
  }

  calls.unary('grpc.health', [REQUEST, HEALTH], message => {
    const { service } = message as { service: string }
    const known = status(service)
    if (known === undefined) {
      throw new ProblemError('unknown_service', `there is no service ${quotedStart(service)}`)
    }
    return { status: known }
  })

  calls.serve('grpc.health_watch', call => {
    calls.one(call, REQUEST, message => {
      const { service } = message as { service: string }
      const follower = new ChannelFollower([], () => NAME)
      streams.openSource(
        { ...calls.opening(call), tenant: streams.tenant(call.exchange.tenant), protocol },
        {
          names: [NAME],
          resumed: false,
          placeOf: () => NAME,
          check: () => {},
          follow: (connection, book) => {
            follower.follow(connection, book)
            const tell = () => {
              const item = { status: status(service) ?? 'SERVICE_UNKNOWN' }
              connection.enqueue(protocol.frame(item, acknowledgement()))
            }
            return {
              start: () => {
                tell()
                watching.add(tell)
              },
              end: () => void watching.delete(tell),
            }
          },
          abandon: () => {},
        },
      )
    })
  })
}
