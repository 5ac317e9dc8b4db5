import type { SocketioDependencies, SocketioGateway } from './gateway.ts'
import { GatewayNotServed } from '../not-served.ts'

/** Loads Socket.IO with its library, which is optional: most targets do not serve it. @throws GatewayNotServed */
export async function loadSocketio(dependencies: SocketioDependencies): Promise<SocketioGateway> {
  try {
    const { SocketioGateway } = await import('./gateway.ts')
    return new SocketioGateway(dependencies)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new GatewayNotServed(
      'socketio.enabled needs the package socket.io, which is not installed. Install it beside loadcell: npm install --save-dev socket.io@4',
    )
  }
}
