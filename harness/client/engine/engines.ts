import { CONTROL_ALPN } from '../../../contract/headers.ts'
import { Connector, type ConnectorOptions } from './connector.ts'
import type { Engine } from './engine.ts'
import type { EngineName } from './engine-names.ts'
import { throughProxies } from './forwarding-engine.ts'
import { Http2Engine } from './http2/engine.ts'
import type { HttpVersion } from '../../scenario/http-version.ts'
import { LeanEngine, type LeanEngineOptions } from './lean/engine.ts'
import { UndiciEngine } from './undici/engine.ts'

const makers: Record<EngineName, (options: LeanEngineOptions) => Engine> = {
  lean: options => new LeanEngine(options),
  undici: options => new UndiciEngine(options),
}

export interface CreateEngineOptions extends LeanEngineOptions {
  /** Version of HTTP over TLS; default 1.1. */
  version?: HttpVersion | undefined
  /** Maximum number of requests at once on a connection of HTTP/2; default: that of the server. */
  mostStreams?: number | undefined
}

export function createEngine(
  name: EngineName,
  { version = '1.1', mostStreams, ...options }: CreateEngineOptions,
): Engine {
  const engine = makers[name](options)
  return version === '1.1' ? engine : new Http2Engine(engine, { ...options, version, mostStreams })
}

/** Returns an engine for requests that are not part of the load, such as those to the control plane. */
export function sideEngine(options: ConnectorOptions): Engine {
  const connector = new Connector({ ...options, protocols: [CONTROL_ALPN, 'http/1.1'] })
  return throughProxies(new LeanEngine({ clock: options.clock, connector }), connector)
}
