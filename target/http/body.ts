import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { JsonError, readJson, textOf } from '../json/read-json.ts'
import { ProblemError } from '../exchange/problem.ts'
import { bodyTooLarge } from './refusal.ts'
import { isEncodedUtf8 } from './request-target.ts'
import { SMALL_BYTES } from './request-exchange.ts'
import { askForBody } from './unread-body.ts'
import { quotedStart } from '../../core/quoted-start.ts'

/** Limits of a body. */
export interface BodyLimits {
  bodyBytes: number
  /** Levels of arrays and objects in JSON. */
  jsonDepth: number
}

/** Reads the body of a request from its JSON. @throws JsonError */
export type JsonReader = (text: string, jsonDepth: number) => unknown

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether an empty body is accepted, whatever the Content-Type. */
    bodyOptional?: boolean
    /** Reads the JSON of the body. Default: `readJson`. */
    readBody?: JsonReader
  }
}

type BodyDone = (error: Error | null, body?: unknown) => void

/** Reads JSON bodies, compressed or not. Routes add other media types themselves. */
export function readBodies(app: FastifyInstance, limits: BodyLimits): void {
  app.removeAllContentTypeParsers()
  const parse = (request: FastifyRequest, _payload: IncomingMessage, done: BodyDone) => {
    receiveText(request, limits.bodyBytes, (error, text) => {
      if (error !== null) return done(error)
      if (request.exchange !== undefined) request.exchange.bodyText = text
      const { bodyOptional, readBody = readJson } = request.routeOptions.config
      if (text === '' && bodyOptional === true) return done(null, undefined)
      let body: unknown
      try {
        body = readBody(text, limits.jsonDepth)
      } catch (error) {
        return done(error instanceof JsonError ? new ProblemError(error.code, error.message) : (error as Error))
      }
      done(null, body)
    })
  }
  app.addContentTypeParser('application/json', parse)
  app.addContentTypeParser(/^application\/[\w.+-]+\+json/, parse)
}

/** Adds forms (`application/x-www-form-urlencoded`) to a scope. */
export function readForms(app: FastifyInstance, bodyLimitBytes: number): void {
  const parse = (request: FastifyRequest, _payload: IncomingMessage, done: BodyDone) => {
    receiveText(request, bodyLimitBytes, (error, text) => {
      if (error !== null) done(error)
      else if (isEncodedUtf8(text)) done(null, new URLSearchParams(text))
      else done(new ProblemError('malformed_body', 'expected a form encoded as UTF-8, got bytes that are not UTF-8'))
    })
  }
  app.addContentTypeParser('application/x-www-form-urlencoded', parse)
}

/** Adds plain text to a scope. */
export function readTexts(app: FastifyInstance, bodyLimitBytes: number): void {
  app.addContentTypeParser('text/plain', (request: FastifyRequest, _payload: IncomingMessage, done: BodyDone) => {
    receiveText(request, bodyLimitBytes, done)
  })
}

type TextDone = (error: ProblemError | null, text: string) => void

/**
 * Reads the text of a body, unpacked if necessary and without a byte order mark. The limit holds before and after
 * unpacking.
 */
function receiveText(request: FastifyRequest, limitBytes: number, done: TextDone): void {
  const { headers } = request.raw
  const encoding = packingIn(headers['content-encoding'])
  const isPacked = encoding !== undefined
  if (isPacked && encoding !== 'gzip' && encoding !== 'x-gzip') {
    const error = new ProblemError(
      'unsupported_media_type',
      `expected Content-Encoding gzip, got ${quotedStart(encoding)}`,
      { headers: { 'accept-encoding': 'gzip' } },
    )
    return done(error, '')
  }
  const charset = otherCharset(headers['content-type'])
  if (charset !== undefined) {
    const detail = `expected charset utf-8 in Content-Type, got ${quotedStart(charset)}`
    return done(new ProblemError('unsupported_media_type', detail), '')
  }
  receive(request, limitBytes, (error, body) => {
    if (error !== null) return done(error, '')
    if (!isPacked) return decode(body, done)
    // Unpacking stops at the limit, so that a decompression bomb cannot fill the memory.
    gunzip(body, { maxOutputLength: limitBytes }, (error, unpacked) => {
      if (error === null) decode(unpacked, done)
      else done(notUnpacked(error, limitBytes), '')
    })
  })
}

/** Returns the encodings that a `Content-Encoding` header names, without `identity`; undefined if none is left. */
function packingIn(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const encodings = header.split(',').map(encoding => encoding.trim().toLowerCase())
  return encodings.filter(encoding => encoding !== 'identity' && encoding !== '').join(', ') || undefined
}

/** Returns the charset of a content type if it is not UTF-8. US-ASCII is a part of UTF-8. */
function otherCharset(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/charset/i.test(contentType)) return undefined
  const named = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i.exec(contentType)
  const charset = named?.[1] ?? named?.[2]
  return charset === undefined || /^(?:|utf-?8|us-ascii)$/i.test(charset) ? undefined : charset
}

function decode(bytes: Buffer, done: TextDone): void {
  if (!isUtf8(bytes)) {
    return done(new ProblemError('malformed_body', 'expected text in UTF-8, got bytes that are not UTF-8'), '')
  }
  done(null, textOf(bytes))
}

/** A body is kept both as bytes and as text while it is read. */
const COPIES = 2

/** Reads the bytes of a body and counts them. */
function receive(
  { raw, exchange }: FastifyRequest,
  limitBytes: number,
  done: (error: ProblemError | null, body: Buffer) => void,
): void {
  const declaredBytes = Number(raw.headers['content-length'])
  if (declaredBytes > limitBytes) return done(bodyTooLarge(limitBytes), EMPTY)
  const chunks: Buffer[] = []
  let bytes = 0
  let isOver = false
  const finish = (error: ProblemError | null) => {
    if (isOver) return
    isOver = true
    // A body that was read to its end emits nothing more, and taking listeners off takes time.
    if (error !== null) {
      raw.off('data', onData)
      raw.off('end', onEnd)
      raw.off('error', onEnd)
    }
    if (exchange !== undefined) exchange.bytesIn = bytes
    if (error !== null) done(error, EMPTY)
    else done(null, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes))
  }
  function onData(chunk: Buffer): void {
    bytes += chunk.length
    if (bytes > limitBytes) finish(bodyTooLarge(limitBytes))
    else if (bytes > SMALL_BYTES && exchange?.reserve(COPIES * bytes) === false) finish(exchange.memoryRefusal(bytes))
    else chunks.push(chunk)
  }
  function onEnd(error?: Error): void {
    // The client is gone and will not read the answer.
    if (error !== undefined || (raw as { aborted?: boolean }).aborted === true)
      finish(new ProblemError('malformed_body', 'the body ended early'))
    else if (bytes !== declaredBytes && !Number.isNaN(declaredBytes)) {
      finish(new ProblemError('malformed_body', `expected ${declaredBytes} bytes (Content-Length), got ${bytes}`))
    } else finish(null)
  }
  // Without a body there is nothing to wait for, and `end` is not emitted.
  if (raw.readableEnded) return finish(null)
  raw.on('data', onData)
  raw.on('end', onEnd)
  raw.on('error', onEnd)
  askForBody(raw)
}

const EMPTY = Buffer.alloc(0)

function notUnpacked({ code, message }: NodeJS.ErrnoException, limitBytes: number): ProblemError {
  return code === 'ERR_BUFFER_TOO_LARGE'
    ? bodyTooLarge(limitBytes, ' once unpacked')
    : new ProblemError('malformed_body', `expected a body packed with gzip: ${message}`)
}
