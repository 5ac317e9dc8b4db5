import { gunzip } from 'node:zlib'
import type { FastifyBodyParser, FastifyInstance, FastifyRequest } from 'fastify'
import { jsonErrorOffset } from './json-position.ts'
import { ProblemError } from '../problem.ts'
import { bodyTooLarge } from './refusal.ts'

/** How bodies are read: JSON, packed or not, and nothing else unless a route adds it. */
export function readBodies(app: FastifyInstance, bodyLimitBytes: number): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  const readJson: FastifyBodyParser<Buffer> = (request, body, done) => {
    receiveText(request, body, bodyLimitBytes, (fault, text) => {
      if (fault !== null) return done(fault)
      if (request.exchange !== undefined) request.exchange.bodyText = text
      if (text === '' && request.routeOptions.config.bodyOptional === true) return done(null, undefined)
      void parseJson(request, text, (error, value) => (error === null ? done(null, value) : done(malformed(text))))
    })
  }
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson)
  app.addContentTypeParser(/^application\/[\w.+-]+\+json/, { parseAs: 'buffer' }, readJson)
}

/** Adds forms (`application/x-www-form-urlencoded`) where a route takes them. */
export function readForms(app: FastifyInstance, bodyLimitBytes: number): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      receiveText(request, body, bodyLimitBytes, (fault, text) => {
        if (fault === null) done(null, new URLSearchParams(text))
        else done(fault)
      })
    },
  )
}

/** The text of a body, unpacked if need be; what came over the wire is counted. */
function receiveText(
  request: FastifyRequest,
  body: Buffer,
  limitBytes: number,
  done: (fault: ProblemError | null, text: string) => void,
): void {
  if (request.exchange !== undefined) request.exchange.bytesIn = body.length
  const encoding = request.raw.headers['content-encoding']?.toLowerCase()
  if (encoding === undefined || encoding === 'identity') return done(null, body.toString('utf8'))
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    const fault = new ProblemError(
      'unsupported_media_type',
      `expected Content-Encoding gzip, got ${JSON.stringify(encoding.slice(0, 80))}`,
      { headers: { 'accept-encoding': 'gzip' } },
    )
    return done(fault, '')
  }
  // Unpacking ends at the limit, however much more a bomb holds.
  gunzip(body, { maxOutputLength: limitBytes }, (error, unpacked) => {
    if (error === null) done(null, unpacked.toString('utf8'))
    else done(notUnpacked(error, limitBytes), '')
  })
}

function notUnpacked({ code, message }: NodeJS.ErrnoException, limitBytes: number): ProblemError {
  return code === 'ERR_BUFFER_TOO_LARGE'
    ? bodyTooLarge(limitBytes, ' once unpacked')
    : new ProblemError('malformed_body', `expected a body packed with gzip: ${message}`)
}

function malformed(text: string): ProblemError {
  if (text.trim() === '') return new ProblemError('malformed_json', 'expected a JSON body, got an empty one')
  const offset = jsonErrorOffset(text)
  // The text is JSON, and was refused for a key that could reach an object's prototype.
  if (offset === undefined) {
    return new ProblemError('malformed_json', 'the keys "__proto__" and "constructor.prototype" are not accepted')
  }
  const before = text.slice(0, offset).split('\n')
  const place = `at offset ${offset} (line ${before.length}, column ${before.at(-1)!.length + 1})`
  const got =
    offset === text.length ? 'the body ends' : `got ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset)!))}`
  return new ProblemError('malformed_json', `${got} ${place}`)
}
