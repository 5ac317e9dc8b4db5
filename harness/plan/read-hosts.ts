import { didYouMean } from '../../core/nearest.ts'
import type { DeclaredHost } from '../client/address/hosts.ts'
import { type Target, parseTarget } from '../client/address/target.ts'
import { at, type Inspector } from './inspector.ts'

const MOST_HOSTS = 16
/** Names that would read like the scheme of a URL. */
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ws', 'wss', 'file', 'data', 'blob', 'ftp', 'mailto'])

/** Reads the other servers of a scenario. @param given URLs of the command line, by name */
export function readHosts(
  inspector: Inspector,
  path: string,
  value: unknown,
  given: Readonly<Record<string, string>>,
): DeclaredHost[] {
  const written = value === undefined ? {} : inspector.fields(path, value, Object.keys(value ?? {}))
  const names = Object.keys(written)
  if (names.length > MOST_HOSTS) inspector.note(path, `expected at most ${MOST_HOSTS} hosts, got ${names.length}`)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const known = names.length === 0 ? 'none' : names.join(', ')
    const advice = didYouMean(name, names, JSON.stringify) || `; it declares ${known}`
    inspector.note('--host', `the scenario declares no host ${JSON.stringify(name)} in ${path}${advice}`)
  }
  const hosts = names.flatMap(name => readHost(inspector, at(path, name), name, written[name], given[name]))
  noteTwins(inspector, path, hosts)
  return hosts
}

function readHost(
  inspector: Inspector,
  path: string,
  name: string,
  value: unknown,
  given: string | undefined,
): DeclaredHost[] {
  if (!/^[a-z][\w-]*$/i.test(name) || SCHEMES.has(name.toLowerCase())) {
    inspector.note(
      path,
      `expected a name of letters, digits, - and _ that is no scheme of a URL, got ${JSON.stringify(name)}`,
    )
    return []
  }
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
    inspector.expected(
      path,
      "the URL of a server such as 'https://api.example.test', or { url, token, identify }",
      value,
    )
    return []
  }
  const options = typeof value === 'string' ? {} : inspector.fields(path, value, ['url', 'token', 'identify'])
  const url = typeof value === 'string' ? value : options['url']
  const flag = (key: 'token' | 'identify') =>
    options[key] === undefined ? false : inspector.boolean(at(path, key), options[key])
  const host = { name, token: flag('token'), identify: flag('identify') }
  const address = readUrl(inspector, typeof value === 'string' ? path : at(path, 'url'), url)
  if (address === undefined) return []
  if (given === undefined) return [{ ...host, url: url as string }]
  if (readUrl(inspector, `--host ${name}`, given) === undefined) return []
  return [{ ...host, url: given, writtenUrl: url as string }]
}

/** Notes a URL that cannot be one of a server. It may hold credentials, which are not shown. */
function readUrl(inspector: Inspector, path: string, value: unknown): Target | undefined {
  if (typeof value !== 'string') {
    inspector.expected(path, 'the URL of a server such as https://api.example.test', value)
    return undefined
  }
  try {
    return parseTarget(value)
  } catch (error) {
    inspector.note(path, (error as TypeError).message)
    return undefined
  }
}

/** Notes two names of one server. The command line may lead several to one, such as a gateway on this machine. */
function noteTwins(inspector: Inspector, path: string, hosts: readonly DeclaredHost[]): void {
  const byAddress = new Map<string, string>()
  for (const { name, url, writtenUrl = url } of hosts) {
    const { origin, basePath } = parseTarget(writtenUrl)
    const twin = byAddress.get(origin + basePath)
    if (twin === undefined) byAddress.set(origin + basePath, name)
    else
      inspector.note(
        at(path, name),
        `it is the same server as ${at(path, twin)}, ${origin}${basePath}; declare it once`,
      )
  }
}
