import type { ResponseHead, ResponseHeaders } from '../engine.ts'

/** The fields of a head that has been checked. They are read when somebody asks for them, which few requests do. */
export class FieldBlock implements ResponseHead {
  readonly setsCookies: boolean
  /** Lines that end with CRLF, each character one byte; emptied once they are read. */
  #text: string
  #headers: ResponseHeaders | undefined

  constructor(text: string, setsCookies: boolean) {
    this.#text = text
    this.setsCookies = setsCookies
  }

  get headers(): ResponseHeaders {
    if (this.#headers === undefined) {
      this.#headers = headersIn(this.#text)
      this.#text = ''
    }
    return this.#headers
  }
}

function headersIn(text: string): ResponseHeaders {
  // Without a prototype, because a server may choose any name, such as `__proto__`.
  const headers = Object.create(null) as ResponseHeaders
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\r\n', start)
    const colon = text.indexOf(':', start)
    const name = text.slice(start, colon).toLowerCase()
    const value = withoutPadding(text.slice(colon + 1, end))
    const known = headers[name]
    if (known === undefined) headers[name] = value
    else if (typeof known === 'string') headers[name] = [known, value]
    else known.push(value)
    start = end + 2
  }
  return headers
}

/** Removes optional white space, which is of spaces and tabs only: `trim` would also take characters of the value. */
function withoutPadding(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '')
}
