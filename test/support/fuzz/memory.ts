import type { ApiOperation } from '../api/documented.ts'
import type { Received } from '../api/send.ts'
import type { Draw } from './requests.ts'

/** Values kept of each kind. */
const KEPT = 20

const conditions = ['If-Match', 'If-None-Match', 'If-Range']
const tokens = ['refresh_token', 'token']

/** Values from earlier responses for use in later requests: ids by area, tokens, ETags. */
export class Memory {
  readonly #values = new Map<string, string[]>()

  learn({ tag, method }: ApiOperation, draw: Draw, { status, headers, text }: Received): void {
    const owner = ownerOf(draw)
    if (status === 404 || (method === 'DELETE' && status < 300)) {
      for (const [name, value] of Object.entries(draw.path)) this.#forget(`${tag}/${name} of ${owner}`, value)
    }
    if (status >= 300) return
    if (headers.etag !== undefined) this.#keep('etag', owner, headers.etag)
    if (!headers['content-type']?.startsWith('application/json')) return
    const { id, job_id, refresh_token, access_token } = JSON.parse(text) as Record<string, string | number | undefined>
    if (id !== undefined) this.#keep(`${tag}/id`, owner, id)
    if (job_id !== undefined) this.#keep(`${tag}/job_id`, owner, job_id)
    if (refresh_token !== undefined) this.#keep('refresh_token', owner, refresh_token)
    if (access_token !== undefined) this.#keep('token', owner, access_token)
  }

  /** The draw, with ids of existing things. */
  recall({ tag, body: documented }: ApiOperation, draw: Draw): Draw {
    const { recalled } = draw
    if (recalled === null) return draw
    const pick = (kind: string) => {
      const own = this.#values.get(`${kind} of ${ownerOf(draw)}`)
      const values = recalled % 2 === 0 && own?.length ? own : (this.#values.get(kind) ?? [])
      return values.at(-1 - (recalled % values.length))
    }
    const path = Object.entries(draw.path).map(([name, value]) => [name, pick(`${tag}/${name}`) ?? value])
    const headers = Object.entries(draw.headers).map(([name, value]) => [
      name,
      (conditions.includes(name) ? pick('etag') : undefined) ?? value,
    ])
    const fields: object = documented?.schema['properties'] ?? {}
    const known = tokens.filter(name => name in fields && pick(name)).map(name => [name, pick(name)])
    return {
      ...draw,
      path: Object.fromEntries(path) as Record<string, string>,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: known.length === 0 ? draw.body : withFields(draw.body, Object.fromEntries(known) as Record<string, string>),
    }
  }

  #keep(kind: string, owner: string, value: string | number): void {
    for (const key of [kind, `${kind} of ${owner}`]) {
      this.#values.set(key, [...(this.#values.get(key) ?? []), String(value)].slice(-KEPT))
    }
  }

  #forget(key: string, value: string): void {
    this.#values.set(
      key,
      (this.#values.get(key) ?? []).filter(other => other !== value),
    )
  }
}

/** The caller and its tenant. */
function ownerOf({ identity, headers }: Draw): string {
  return `${identity} in ${headers['X-Tenant-Id'] ?? 'public'}`
}

/** Puts fields into a body, JSON or a form. */
function withFields(body: Buffer, fields: Record<string, string>): Buffer {
  const text = body.toString()
  if (text.startsWith('{')) {
    try {
      return Buffer.from(JSON.stringify({ ...(JSON.parse(text) as object), ...fields }))
    } catch {
      return body
    }
  }
  return Buffer.from(new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(text)), ...fields }).toString())
}
