import { Connector, type ConnectorOptions } from '../engine/connector.ts'
import type { Engine } from '../engine/engine.ts'
import { throughProxies } from '../engine/forwarding-engine.ts'
import { UndiciEngine } from '../engine/undici/engine.ts'

/** Returns an engine for requests that are not part of the load, such as those to the control plane. */
export function sideEngine(options: ConnectorOptions): Engine {
  const connector = new Connector(options)
  return throughProxies(new UndiciEngine({ connector }), connector)
}
