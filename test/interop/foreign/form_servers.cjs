// Servers that read forms with the parsers that servers on Node use. Each answers with what it understood. Prints their URLs.
const { createHash } = require('node:crypto')
const { createServer } = require('node:http')
const busboy = require('busboy')
const express = require('express')
const fastify = require('fastify')
const fastifyMultipart = require('@fastify/multipart')
const multer = require('multer')

const MOST_BYTES = 64 * 1024 * 1024
const digest = bytes => createHash('sha256').update(bytes).digest('hex')
const shown = (name, filename, type, bytes) => [name, filename, type, bytes.length, digest(bytes)]

const plain = createServer((request, response) => {
  const fields = []
  const parser = busboy({ headers: request.headers, defParamCharset: 'utf8', limits: { fileSize: MOST_BYTES } })
  parser.on('field', (name, value) => fields.push([name, value]))
  parser.on('file', (name, stream, { filename, mimeType }) => {
    const chunks = []
    stream.on('data', chunk => chunks.push(chunk))
    stream.on('end', () => fields.push(shown(name, filename, mimeType, Buffer.concat(chunks))))
  })
  parser.on('close', () => response.end(JSON.stringify(fields)))
  request.pipe(parser)
})

const withMulter = express()
withMulter.post('/', multer({ defParamCharset: 'utf8' }).any(), (request, response) => {
  const files = request.files.map(file => shown(file.fieldname, file.originalname, file.mimetype, file.buffer))
  response.json([...Object.entries(request.body), ...files])
})

const withFastify = fastify()
withFastify.register(fastifyMultipart, { limits: { fileSize: MOST_BYTES } })
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- it is one of fastify
withFastify.post('/', async request => {
  const fields = []
  for await (const part of request.parts()) {
    if (part.type === 'field') fields.push([part.fieldname, part.value])
    else fields.push(shown(part.fieldname, part.filename, part.mimetype, await part.toBuffer()))
  }
  return fields
})

const port = server => new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))

void (async () => {
  const ports = { busboy: await port(plain), multer: await port(createServer(withMulter)) }
  await withFastify.listen({ port: 0, host: '127.0.0.1' })
  ports['@fastify/multipart'] = withFastify.server.address().port
  console.log(JSON.stringify(ports))
})()
