import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Configuration } from '../configuration/configuration.ts'
import { openApiDocument } from '../openapi/document.ts'
import { isKnown } from '../http/conditional.ts'
import { jsonType } from '../http/serve.ts'
import { docsPage, docsScript, docsStyle, frontPage } from './pages.ts'

const html = 'text/html; charset=utf-8'
const javascript = 'text/javascript; charset=utf-8'
const css = 'text/css; charset=utf-8'

/** Files of the Swagger UI package that `/docs` serves. */
const swaggerFiles = {
  'swagger-ui.css': css,
  'swagger-ui-bundle.js': javascript,
  'favicon-32x32.png': 'image/png',
} as const

/** The pages load everything from the target, and nothing is inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Registers `/openapi.json`, the page at `/docs` that shows it, and a front page. The ledger does not count them. */
export function registerDocumentRoutes(
  app: FastifyInstance,
  version: string,
  { llm, graphql, stomp, grpc, socketio }: Pick<Configuration, 'llm' | 'graphql' | 'stomp' | 'grpc' | 'socketio'>,
): void {
  const isServed = (operation: string) =>
    (llm.enabled || !operation.startsWith('llm.')) &&
    (graphql.enabled || !operation.startsWith('graphql.')) &&
    (stomp.enabled || !operation.startsWith('stomp.')) &&
    (grpc.enabled || !operation.startsWith('grpc.')) &&
    (socketio.enabled || !operation.startsWith('socketio.'))
  text('/openapi.json', jsonType, JSON.stringify(openApiDocument(version, isServed)))
  text('/', html, frontPage)
  text('/docs', html, docsPage)
  text('/docs/', html, docsPage)
  text('/docs/page.js', javascript, docsScript)
  text('/docs/page.css', css, docsStyle)

  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'))
  for (const [name, mediaType] of Object.entries(swaggerFiles)) {
    let file: Promise<Document> | undefined
    // Read at the first request, because most targets never serve the page.
    const read = () => (file ??= readFile(join(folder, name)).then(body => documentOf(mediaType, body)))
    app.get(`/docs/${name}`, async (request, reply) => send(request, reply, await read()))
  }

  function text(path: string, mediaType: string, body: string): void {
    const document = documentOf(mediaType, body)
    app.get(path, (request, reply) => send(request, reply, document))
  }
}

interface Document {
  mediaType: string
  body: string | Buffer
  etag: string
}

function documentOf(mediaType: string, body: string | Buffer): Document {
  return { mediaType, body, etag: `"${hash('sha256', body, 'base64url')}"` }
}

function send(request: FastifyRequest, reply: FastifyReply, { mediaType, body, etag }: Document): FastifyReply {
  // Revalidated at each request, because another version of the target may be started at the same address.
  void reply.header('etag', etag).header('cache-control', 'no-cache').header('x-content-type-options', 'nosniff')
  if (mediaType === html) void reply.header('content-security-policy', contentSecurityPolicy)
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(mediaType).send(body)
}
