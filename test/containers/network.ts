import { getContainerRuntimeClient } from 'testcontainers'
import type { Container } from './container.ts'

/** A network whose addresses can be chosen, so that who is cut off from it may come back under the same one, or another. */
export interface CuttableNetwork {
  name: string
  /** Plugs a container in as `target`, at the address with this last number. */
  connect(container: Container, host: number): Promise<void>
  disconnect(container: Container): Promise<void>
  remove(): Promise<void>
}

/** Private networks that are tried until one is free on this machine. */
const PREFIXES = [201, 202, 203, 204, 205, 206].map(third => `10.213.${third}`)

export async function createCuttableNetwork(): Promise<CuttableNetwork> {
  const { container, network } = await getContainerRuntimeClient()
  const name = `loadcell-cut-${process.pid}`
  for (const prefix of PREFIXES) {
    try {
      const IPAM = { Driver: 'default', Config: [{ Subnet: `${prefix}.0/24` }] }
      const created = await container.dockerode.createNetwork({ Name: name, Driver: 'bridge', IPAM })
      return {
        name,
        connect: ({ docker }, host) =>
          created.connect({
            Container: docker.id,
            EndpointConfig: { Aliases: ['target'], IPAMConfig: { IPv4Address: `${prefix}.${host}` } },
          }) as Promise<void>,
        disconnect: ({ docker }) => created.disconnect({ Container: docker.id, Force: true }) as Promise<void>,
        remove: () => network.remove(created),
      }
    } catch (error) {
      if (!String(error).includes('overlap')) throw error
    }
  }
  throw new Error(`none of the networks ${PREFIXES.join(', ')} is free`)
}
