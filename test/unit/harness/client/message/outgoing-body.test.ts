import { openAsBlob } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { outgoingBody } from '../../../../../harness/client/message/outgoing-body.ts'
import type { RequestOptions } from '../../../../../harness/scenario/http.ts'
import { bodyOf, serve } from '../support.ts'

/** Reads a request with the parser of Node's `fetch`. */
async function fieldsOf(bytes: Buffer, type: string | undefined): Promise<Record<string, unknown>> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type ?? '' } }).formData()
  return Object.fromEntries(
    [...form].map(([name, value]) => [name, typeof value === 'string' ? value : `${value.name} ${value.size}`]),
  )
}

async function echo(options: RequestOptions) {
  const user = await serve(async (request, response) => {
    const body = await bodyOf(request)
    const { 'content-type': type, 'content-length': length, 'transfer-encoding': transfer } = request.headers
    const fields = type?.startsWith('multipart/') ? await fieldsOf(body, type) : body.toString()
    response.end(JSON.stringify({ type: type?.split(';')[0], exact: Number(length) === body.length, transfer, fields }))
  })
  const response = await user.http.post('/', options)
  return { answer: response.json<Record<string, unknown>>(), sentBytes: user.recorder.requests[0]!.sentBytes, user }
}

describe('a form with files', () => {
  it.each([
    ['multipart', (photo: File) => ({ multipart: { title: 'My cat', photo } })],
    [
      'FormData',
      (photo: File) => {
        const form = new FormData()
        form.append('title', 'My cat')
        form.append('photo', photo)
        return { body: form }
      },
    ],
  ])('is sent as %s, with its exact length, and its bytes are counted', async (_, options) => {
    for (const size of [10, 1_000_000]) {
      const photo = new File(['x'.repeat(size)], 'cat.jpg')
      const { answer, sentBytes } = await echo(options(photo))
      expect(answer).toEqual({
        type: 'multipart/form-data',
        exact: true,
        fields: { title: 'My cat', photo: `cat.jpg ${size}` },
      })
      expect(sentBytes).toBeGreaterThan(size)
      expect(sentBytes).toBeLessThan(size + 500)
    }
  })

  it('is compressed if that is asked for', async () => {
    const body = await outgoingBody({ multipart: { a: 'x'.repeat(1000) }, compression: 'gzip' }, 'key', undefined)
    expect(body!.headers).toMatchObject({ 'content-encoding': 'gzip' })
    expect(body!.headers).not.toHaveProperty('content-length')
    expect(gunzipSync(body!.bytes as Buffer).toString()).toContain('x'.repeat(1000))
  })

  it('is sent again whole after a redirect that keeps it', async () => {
    const { http } = await serve(async (request, response) => {
      const body = await bodyOf(request)
      if (request.url === '/old') return response.writeHead(307, { location: '/new' }).end()
      return response.end(JSON.stringify(await fieldsOf(body, request.headers['content-type'])))
    })
    const response = await http.post('/old', { multipart: { f: new File(['x'.repeat(100_000)], 'f') } })
    expect(response.json()).toEqual({ f: 'f 100000' })
  })
})

describe('a long upload', () => {
  const long = new File([new Uint8Array(20_000_000)], 'long.bin')

  it('that is refused early is a response', async () => {
    const { http, recorder } = await serve((_request, response) => response.writeHead(413).end('too long'))
    const responses = await Promise.all([1, 2, 3].map(() => http.post('/', { multipart: { long } })))
    expect(responses.map(({ status }) => status)).toEqual([413, 413, 413])
    expect(recorder.requests.map(({ failure }) => failure?.reason)).toEqual(['status', 'status', 'status'])
  })

  it('that is not read, or cut, fails with a reason', async () => {
    const { http } = await serve((request, response) => {
      if (request.url === '/cut') request.socket.destroy()
      if (request.url === '/read') request.resume().once('end', () => response.end())
    })
    const timeout = '300ms'
    expect(await http.post('/unread', { multipart: { long }, timeout })).toMatchObject({ failure: 'timeout' })
    expect(['reset', 'closed']).toContain((await http.post('/cut', { multipart: { long } })).failure)
    expect(await http.post('/read', { multipart: { long } })).toMatchObject({ status: 200 })
  })

  it('of a blob that is read after the end of the run is not sent', async () => {
    const { http, interrupt, recorder } = await serve((_request, response) => response.end())
    const sending = http.post('/', { body: new Blob(['x']) })
    interrupt()
    expect(await sending).toMatchObject({ ok: false, failure: 'interrupted' })
    expect(recorder.requests).toEqual([])
  })
})

describe('a blob as a body', () => {
  it('is sent with its type', async () => {
    const { answer } = await echo({ body: new Blob(['<a/>'], { type: 'text/xml' }) })
    expect(answer).toEqual({ type: 'text/xml', exact: true, fields: '<a/>' })
  })

  it('may be on the disk', async () => {
    const { answer } = await echo({ body: await openAsBlob(import.meta.filename) })
    expect(answer['fields']).toContain('may be on the disk')
  })
})

describe('a body that cannot be sent', () => {
  it.each([
    [{ multipart: {}, json: 1 }, 'expected one of json, form, multipart and body, got several'],
    [{ multipart: {}, body: 'x' }, 'expected one of json, form, multipart and body, got several'],
    [{ body: new FormData(), form: {} }, 'expected one of json, form, multipart and body, got several'],
    [{ multipart: {}, headers: { 'Content-Type': 'multipart/form-data' } }, 'expected no header "content-type"'],
    [{ multipart: {}, compression: 'br' }, 'expected compression to be none or gzip'],
    [{ multipart: { a: Symbol('a') } }, 'as the field "a", got a value of type symbol'],
  ])('rejects before anything is sent: %j', async (options, message) => {
    const { http, recorder } = await serve((_request, response) => response.end())
    await expect(http.post('/', options as RequestOptions)).rejects.toThrow(message)
    expect(recorder.requests).toEqual([])
  })
})
