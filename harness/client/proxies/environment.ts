import { Exceptions, isLoopback } from './exceptions.ts'
import type { Proxies, Proxy } from '../engine/proxy/proxy.ts'
import { parseProxy } from './parse-proxy.ts'

/** Returns the rules of a proxy that was asked for explicitly: everything goes through it. */
export function alwaysThrough(proxy: Proxy): Proxies {
  return { all: [proxy], find: () => proxy }
}

/**
 * Returns the rules of the environment: `http_proxy` for connections without TLS, `https_proxy` for those with it, `all_proxy` for
 * both, `no_proxy` for exceptions, and each in capital letters. This machine itself needs no proxy. Undefined without any.
 * @throws TypeError that names the variable.
 */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  const all = proxyIn(env, 'all_proxy')
  const plain = proxyIn(env, 'http_proxy') ?? all
  const secure = proxyIn(env, 'https_proxy') ?? all
  if (plain === undefined && secure === undefined) return undefined
  const exceptions = new Exceptions(valueOf(env, 'no_proxy')?.value ?? '')
  return {
    all: [plain, secure].filter(proxy => proxy !== undefined),
    find: (host, port, isSecure) =>
      isLoopback(host) || exceptions.has(host, port) ? undefined : isSecure ? secure : plain,
  }
}

function proxyIn(env: Readonly<Record<string, string | undefined>>, name: string): Proxy | undefined {
  const found = valueOf(env, name)
  if (found === undefined) return undefined
  try {
    return parseProxy(found.value)
  } catch (error) {
    throw new TypeError(`${found.name}: ${(error as Error).message}`, { cause: error })
  }
}

/** Returns the variable in small letters, or else in capitals. An empty one counts as absent. */
function valueOf(env: Readonly<Record<string, string | undefined>>, small: string) {
  for (const name of [small, small.toUpperCase()]) {
    const value = env[name]?.trim()
    if (value !== undefined && value !== '') return { name, value }
  }
  return undefined
}
