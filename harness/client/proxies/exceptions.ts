import { BlockList, isIP } from 'node:net'

/** Hosts that are reached without a proxy, as `NO_PROXY` lists them. */
export class Exceptions {
  readonly #all: boolean
  readonly #ranges = new BlockList()
  /** Names with their subdomains, and addresses with a port; each with its port, or undefined for every port. */
  readonly #names: { name: string; port: number | undefined }[] = []

  /**
   * @param list separated by commas or spaces: names (with all subdomains), addresses, ranges such as `10.0.0.0/8`, each of them
   * perhaps with a port, or `*` for everything.
   */
  constructor(list: string) {
    const items = list.split(/[\s,]+/).filter(item => item !== '')
    this.#all = items.includes('*')
    for (const item of items) if (!this.#addRange(item)) this.#addName(item)
  }

  /** @param host a name or an address; IPv6 without brackets. */
  has(host: string, port: number): boolean {
    if (this.#all) return true
    const family = isIP(host)
    if (family !== 0 && this.#ranges.check(host, family === 6 ? 'ipv6' : 'ipv4')) return true
    const wanted = host.toLowerCase().replace(/\.$/, '')
    return this.#names.some(
      exception =>
        (exception.port === undefined || exception.port === port) &&
        (wanted === exception.name || (family === 0 && wanted.endsWith(`.${exception.name}`))),
    )
  }

  /** Returns false for anything but an address or a range of addresses. */
  #addRange(item: string): boolean {
    if (/\]:\d+$/.test(item)) return false
    const [address = '', bits] = item.replaceAll(/[[\]]/g, '').split('/')
    const family = isIP(address)
    if (family === 0) return false
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) this.#ranges.addAddress(address, type)
    else if (/^\d+$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
      this.#ranges.addSubnet(address, Number(bits), type)
    return true
  }

  #addName(item: string): void {
    const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(item.toLowerCase()) ?? []
    const bare = name.replaceAll(/^\*?\.|[[\]]|\.$/g, '')
    if (bare !== '') this.#names.push({ name: bare, port: port === undefined ? undefined : Number(port) })
  }
}

const loopback = new Exceptions('localhost, 127.0.0.0/8, ::1')

/** Tells whether a host is this machine. */
export function isLoopback(host: string): boolean {
  return loopback.has(host, 0)
}
