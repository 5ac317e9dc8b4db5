import { Connector, type ConnectorOptions } from './connector.ts'
import type { Engine } from './engine.ts'
import type { EngineName } from './engine-names.ts'
import { throughProxies } from './forwarding-engine.ts'
import { LeanEngine, type LeanEngineOptions } from './lean/engine.ts'
import { UndiciEngine } from './undici/engine.ts'

const makers: Record<EngineName, (options: LeanEngineOptions) => Engine> = {
  lean: options => new LeanEngine(options),
  undici: options => new UndiciEngine(options),
}

export function createEngine(name: EngineName, options: LeanEngineOptions): Engine {
  return makers[name](options)
}

/** Returns an engine for requests that are not part of the load, such as those to the control plane. */
export function sideEngine(options: ConnectorOptions): Engine {
  const connector = new Connector(options)
  return throughProxies(new UndiciEngine({ connector }), connector)
}
