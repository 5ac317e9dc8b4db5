import type { FastifyInstance } from 'fastify'
import type { GrpcGatewayDependencies } from './gateway.ts'
import { GatewayNotServed } from '../not-served.ts'

/** Loads gRPC with its library, which is optional: most targets do not serve it. @throws GatewayNotServed */
export async function loadGrpc(app: FastifyInstance, dependencies: GrpcGatewayDependencies): Promise<void> {
  if (!dependencies.settings.current.http2.enabled) {
    throw new GatewayNotServed('grpc.enabled needs HTTP/2: set http2.enabled to true')
  }
  try {
    const { registerGrpc } = await import('./gateway.ts')
    registerGrpc(app, dependencies)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new GatewayNotServed(
      'grpc.enabled needs the package @grpc/proto-loader, which is not installed. Install it beside loadcell: npm install --save-dev @grpc/proto-loader@0.8',
    )
  }
}
