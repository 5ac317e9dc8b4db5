import { isUtf8 } from 'node:buffer'
import type { ResponseHeaders } from '../../client/engine/engine.ts'
import { decompressed, mediaTypeOf, parsedIfJson, textOf } from '../../client/message/content.ts'
import { formatCount } from '../../../core/number-format.ts'
import type { Concealment } from './concealment.ts'
import { jsonLines } from './json-lines.ts'

/** Characters of a body that are shown unless all are asked for. */
const SHOWN_CHARACTERS = 2048
/** A body that decompresses to more is not shown. */
const MOST_BYTES = 64 * 1024 * 1024

/** Shows bodies as text: JSON in lines, the beginning of a long one, binary data by its size. */
export class BodyText {
  readonly #concealment: Concealment
  readonly #mostCharacters: number

  /** @param whole shows all of each body. */
  constructor(concealment: Concealment, whole: boolean) {
    this.#concealment = concealment
    this.#mostCharacters = whole ? Number.POSITIVE_INFINITY : SHOWN_CHARACTERS
  }

  /** Returns the body of a request or response as text of several lines; '' if it has none. */
  of(bytes: Buffer, headers: ResponseHeaders): string {
    if (bytes.length === 0) return ''
    let content = bytes
    try {
      content = decompressed(bytes, headers, MOST_BYTES)
    } catch (error) {
      return `(${formatCount(bytes.length)} bytes that cannot be shown: ${(error as Error).message})`
    }
    const type = mediaTypeOf(headers['content-type'])
    if (type === 'multipart/form-data') return this.#parts(content)
    if (!isText(type, content)) return summaryOf(content, type)
    const text = textOf(content, headers)
    if (type === 'application/x-www-form-urlencoded') return this.#bounded(this.#concealment.form(text))
    return this.#bounded(this.#readable(text, jsonLines))
  }

  /** Returns an event or a frame on one line. */
  line(data: string | Buffer, isBinary: boolean): string {
    if (typeof data !== 'string' && isBinary) return summaryOf(data, '')
    return this.#bounded(this.#readable(data.toString(), JSON.stringify))
  }

  #readable(text: string, write: (value: unknown) => string): string {
    const value = parsedIfJson(text)
    if (typeof value === 'string' && value === text) return this.#concealment.text(text)
    return write(this.#concealment.json(value))
  }

  #bounded(text: string): string {
    if (text.length <= this.#mostCharacters) return text
    const rest = text.length - this.#mostCharacters
    return `${text.slice(0, this.#mostCharacters).toWellFormed()}\n… and ${formatCount(rest)} more characters (--show bodies)`
  }

  /** Returns the fields of a form, and the sizes of its files. */
  #parts(content: Buffer): string {
    // One character for each byte, so that places in the text are places in the body.
    const [boundary = '', ...parts] = content.toString('latin1').split(/\r?\n(?=--)/)
    const lines = [boundary, ...parts].flatMap(part => {
      const headEnd = part.indexOf('\r\n\r\n')
      const [, bytesOfName = ''] = /\bname="([^"]*)"/i.exec(part.slice(0, headEnd)) ?? []
      const name = Buffer.from(bytesOfName, 'latin1').toString()
      if (headEnd === -1 || name === '') return []
      const value = Buffer.from(part.slice(headEnd + 4), 'latin1')
      const [, file] = /\bfilename="([^"]*)"/i.exec(part.slice(0, headEnd)) ?? []
      if (file === undefined)
        return [
          `${name}=${this.#concealment.form(`${encodeURIComponent(name)}=${value.toString()}`).slice(encodeURIComponent(name).length + 1)}`,
        ]
      const [, type = ''] = /content-type:\s*(\S+)/i.exec(part.slice(0, headEnd)) ?? []
      return [`${name}=${summaryOf(value, type)} in a file ${JSON.stringify(Buffer.from(file, 'latin1').toString())}`]
    })
    return this.#bounded(lines.join('\n'))
  }
}

const TEXT_TYPE = /^text\/|[/+](?:json|xml|javascript|ecmascript|yaml|graphql|x-www-form-urlencoded|x-ndjson)\b/

function isText(type: string, content: Buffer): boolean {
  if (TEXT_TYPE.test(type)) return true
  return isUtf8(content) && !content.includes(0)
}

function summaryOf(bytes: Buffer, type: string): string {
  return `(${formatCount(bytes.length)} bytes${type === '' ? '' : ` of ${type}`})`
}
