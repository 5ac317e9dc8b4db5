import type { GatewayDependencies, GraphqlGateway } from './gateway.ts'
import { GatewayNotServed } from '../not-served.ts'

/** Loads GraphQL with its library, which is optional: most targets do not serve it. @throws GatewayNotServed */
export async function loadGraphql(dependencies: GatewayDependencies): Promise<GraphqlGateway> {
  try {
    const { createGraphqlGateway } = await import('./gateway.ts')
    return createGraphqlGateway(dependencies)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new GatewayNotServed(
      'graphql.enabled needs the package graphql, which is not installed. Install it beside loadcell: npm install --save-dev graphql@16',
    )
  }
}
