/** Where requests go: the target's origin, and the path that every request path is put behind. */
export interface Target {
  readonly origin: string
  /** Without a slash at its end; '' for most. */
  readonly basePath: string
  /**
   * Put behind the names of consumer groups. A group keeps its place when its members leave: what a warm-up left unread would
   * be delivered to the run.
   */
  readonly groupSuffix: string
}

const GROUP = /([?&]consumer_group=[^&#]+)/

/** @throws TypeError when the URL is none, or not HTTP. */
export function parseTarget(targetUrl: string, groupSuffix = ''): Target {
  const url = URL.parse(targetUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`expected the URL of a target such as http://127.0.0.1:8080, got ${JSON.stringify(targetUrl)}`)
  }
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, ''), groupSuffix }
}

/**
 * The path to ask the target for: behind the target's own, unless it is there already, as in what a target says that knows
 * where it lies. A whole URL is taken as it is when it is the target's own.
 * @throws TypeError for a URL of somebody else: load goes to the target only.
 */
export function pathOn(target: Target, path: string): string {
  const wholePath = wholePathOn(target, path)
  return target.groupSuffix === '' ? wholePath : wholePath.replace(GROUP, `$1${target.groupSuffix}`)
}

function wholePathOn({ origin, basePath }: Target, path: string): string {
  if (path.startsWith('/')) return isBehind(basePath, path) ? path : basePath + path
  const url = URL.parse(path)
  if (url?.origin === origin) return url.pathname + url.search
  throw new TypeError(`expected a path such as /v1/orders, or a URL of ${origin}, got ${JSON.stringify(path)}`)
}

/** The path as the target itself knows it, where what stands before it takes its own path away. */
export function pathWithin({ basePath }: Target, wholePath: string): string {
  return isBehind(basePath, wholePath) ? wholePath.slice(basePath.length) || '/' : wholePath
}

function isBehind(basePath: string, path: string): boolean {
  if (basePath === '' || !path.startsWith(basePath)) return false
  const next = path[basePath.length]
  return next === undefined || next === '/' || next === '?'
}
