import type { FastifyInstance } from 'fastify'
import type { GrpcGatewayDependencies } from './gateway.ts'

/** Thrown when gRPC is on and cannot be served. */
export class GrpcNotServed extends Error {}

/** Loads gRPC with its library, which is optional: most targets do not serve it. @throws GrpcNotServed */
export async function loadGrpc(app: FastifyInstance, dependencies: GrpcGatewayDependencies): Promise<void> {
  if (!dependencies.settings.current.http2.enabled) {
    throw new GrpcNotServed('grpc.enabled needs HTTP/2: set http2.enabled to true')
  }
  try {
    const { registerGrpc } = await import('./gateway.ts')
    registerGrpc(app, dependencies)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new GrpcNotServed(
      'grpc.enabled needs the package @grpc/proto-loader, which is not installed. Install it beside loadcell: npm install --save-dev @grpc/proto-loader@0.8',
    )
  }
}
