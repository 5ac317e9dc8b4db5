import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Names of this machine that no foreign DNS can point here. */
const ownHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i

/**
 * Returns why a request is refused: it comes from a page of another origin, or under a name that foreign DNS points here. The port
 * may be another one, such as that of an SSH tunnel.
 */
export function foreignPage({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | undefined {
  if (host === undefined || !ownHost.test(host)) return `expected Host to be localhost or a loopback address`
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 'expected no Origin or that of this page'
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'expected Sec-Fetch-Site to be same-origin or none'
  return undefined
}

const KEY_BYTES = 16

/** The secret of one run. With it, a page may change the run; without it, it may only look. It is in memory only. */
export class PageKey {
  /** As the address of the page has it, behind a #, which browsers never send. */
  readonly text = randomBytes(KEY_BYTES).toString('base64url')
  readonly #digest = digestOf(this.text)

  /** Tells whether a request carries it as `Authorization: Bearer`. */
  isIn({ authorization = '' }: IncomingHttpHeaders): boolean {
    const [, shown] = /^Bearer ([\w-]{1,100})$/.exec(authorization) ?? []
    return shown !== undefined && timingSafeEqual(digestOf(shown), this.#digest)
  }
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
