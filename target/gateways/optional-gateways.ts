import type { FastifyInstance } from 'fastify'
import type { Configuration } from '../configuration/configuration.ts'
import type { Endpoint } from '../sockets/endpoint.ts'
import type { GatewayDependencies } from './graphql/gateway.ts'
import type { GrpcGatewayDependencies } from './grpc/gateway.ts'
import type { SocketioDependencies } from './socketio/gateway.ts'
import type { StompEndpointDependencies } from './stomp/endpoint.ts'

/** Thrown when a protocol is on and cannot be served. The message says what to do. */
export class GatewayUnavailable extends Error {}

/** The gateways that are on, loaded. */
interface OptionalGateways {
  graphql: typeof import('./graphql/gateway.ts') | undefined
  grpc: typeof import('./grpc/gateway.ts') | undefined
  socketio: typeof import('./socketio/gateway.ts') | undefined
  stomp: typeof import('./stomp/endpoint.ts') | undefined
}

/** The dependencies of all gateways. */
type GatewaysDependencies = GatewayDependencies &
  GrpcGatewayDependencies &
  SocketioDependencies &
  StompEndpointDependencies

/**
 * Loads the gateways that are on. Most need a package that is optional, because few targets serve them. They are loaded before any part of the target exists: parts that wait for something would keep its process alive.
 * @throws GatewayUnavailable
 */
export async function loadGateways(configuration: Configuration): Promise<OptionalGateways> {
  const { graphql, grpc, http2, socketio, stomp } = configuration
  if (grpc.enabled && !http2.enabled) {
    throw new GatewayUnavailable('grpc.enabled needs HTTP/2: set http2.enabled to true')
  }
  return {
    graphql: graphql.enabled
      ? await withPackage('graphql', 'graphql', '16', import('./graphql/gateway.ts'))
      : undefined,
    grpc: grpc.enabled
      ? await withPackage('grpc', '@grpc/proto-loader', '0.8', import('./grpc/gateway.ts'))
      : undefined,
    socketio: socketio.enabled
      ? await withPackage('socketio', 'socket.io', '4', import('./socketio/gateway.ts'))
      : undefined,
    stomp: stomp.enabled ? await import('./stomp/endpoint.ts') : undefined,
  }
}

/** Puts the gateways in front of the target. Returns the endpoints of those that speak over WebSockets. */
export function serveGateways(
  app: FastifyInstance,
  { graphql, grpc, socketio, stomp }: OptionalGateways,
  parts: GatewaysDependencies,
): Endpoint[] {
  const endpoints: Endpoint[] = []
  if (graphql !== undefined) {
    const gateway = graphql.createGraphqlGateway(parts)
    gateway.register(app)
    endpoints.push(gateway.endpoint)
  }
  if (stomp !== undefined) endpoints.push(new stomp.StompEndpoint(parts))
  grpc?.registerGrpc(app, parts)
  if (socketio !== undefined) {
    const gateway = new socketio.SocketioGateway(parts)
    gateway.polls.register(app)
    endpoints.push(gateway)
  }
  return endpoints
}

async function withPackage<T>(protocol: string, name: string, version: string, gateway: Promise<T>): Promise<T> {
  try {
    return await gateway
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new GatewayUnavailable(
      `${protocol}.enabled needs the package ${name}, which is not installed. Install it beside loadcell: npm install --save-dev ${name}@${version}`,
    )
  }
}
