import { createHash } from 'node:crypto'
import { createServer as createTlsServer } from 'node:tls'
import { Client, buildConnector } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withoutInterim } from '../../../../../../harness/client/engine/undici/interim.ts'
import { answerWith, portOf, serveRaw, writeInParts } from '../../raw-server.ts'
import { clientOf, createUser } from '../../support.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n'
const FINAL = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: {"a":1}\n\n'

const interim = {
  'one 100': CONTINUE,
  'two 100s': CONTINUE + CONTINUE,
  'a 102': 'HTTP/1.1 102 Processing\r\n\r\n',
  'a 103 with headers': HINTS,
  'all of them': `${CONTINUE}HTTP/1.1 102 Processing\r\n\r\n${HINTS}${HINTS}`,
  'a 100 with bare line feeds': 'HTTP/1.1 100 Continue\n\n',
  'a 100 of HTTP/1.0': 'HTTP/1.0 100 Continue\r\nServer: old\r\n\r\n',
  'an empty line and a 100': `\r\n${CONTINUE}`,
}

describe('interim responses that were not requested', () => {
  test.each(Object.entries(interim))(
    '%s before the final response of a GET, a POST and a stream',
    async (_what, before) => {
      const url = await serveRaw((head, socket) => {
        if (head.includes('text/event-stream')) socket.end(before + STREAM)
        else socket.write(before + FINAL)
      })
      const { http, sse } = createUser(clientOf(url, { engine: 'undici' }))
      for (let request = 0; request < 2; request += 1) {
        expect((await http.get('/')).text()).toBe('ok')
        expect((await http.post('/', { json: {} })).text()).toBe('ok')
      }
      const events = await Array.fromAsync(sse.open('/', { events: 1, reconnect: false }))
      expect(events.map(({ event }) => event)).toEqual([{ a: 1 }])
    },
  )

  test('are recognised wherever the bytes are split', async () => {
    const bytes = CONTINUE + HINTS + FINAL
    let splitAt = 0
    const url = await serveRaw((_head, socket) => {
      splitAt += 1
      void writeInParts(socket, [bytes.slice(0, splitAt), bytes.slice(splitAt)])
    })
    const { http } = createUser(clientOf(url, { engine: 'undici' }))
    for (let request = 1; request < bytes.length; request += 1) {
      expect((await http.get('/')).text(), `split at byte ${request}`).toBe('ok')
    }
  })

  test('are skipped before the 101 of a WebSocket', async () => {
    const url = await serveRaw((head, socket) => {
      const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
      socket.write(`${CONTINUE}${HINTS}${switching}Sec-WebSocket-Accept: ${accept}\r\n\r\n\u0081\u0002{}`, 'latin1')
    })
    const { ws } = createUser(clientOf(url, { engine: 'undici' }))
    const socket = await ws.open('/ws', { reconnect: false })
    expect(await socket.receive()).toEqual({})
  })

  test('are skipped over TLS, byte by byte', async () => {
    // A key known to both sides takes no certificate.
    const psk = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    const tls = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const
    const server = createTlsServer({ ...tls, pskCallback: () => psk })
    answerWith(
      server,
      (_head, socket) => void writeInParts(socket, (CONTINUE + HINTS + FINAL).split('')),
      'secureConnection',
    )
    const port = await portOf(server)
    const pskCallback = () => ({ psk, identity: 'test' })
    const options = { ...tls, allowH2: false, pskCallback, checkServerIdentity: () => undefined }
    const client = new Client(`https://127.0.0.1:${port}`, { connect: withoutInterim(buildConnector(options)) })
    onTestFinished(() => client.destroy())
    const { statusCode, body } = await client.request({ method: 'GET', path: '/' })
    expect({ statusCode, bodyText: await body.text() }).toEqual({ statusCode: 200, bodyText: 'ok' })
  })

  test('are not mistaken for a body that looks like them', async () => {
    const body = `${CONTINUE}${HINTS}`
    const url = await serveRaw((_head, socket) => {
      void writeInParts(socket, [`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, body])
    })
    const { http } = createUser(clientOf(url, { engine: 'undici' }))
    expect((await http.get('/')).text()).toBe(body)
    expect((await http.get('/')).text()).toBe(body)
  })

  test.each([
    ['too many', CONTINUE.repeat(101)],
    ['too long a head', `HTTP/1.1 103 Early Hints\r\n${`Link: </${'a'.repeat(1000)}>\r\n`.repeat(80)}`],
  ])('%s are an error with a clear reason', async (_what, before) => {
    const url = await serveRaw((_head, socket) => socket.write(before))
    const { http, recorder } = createUser(clientOf(url, { engine: 'undici' }))
    expect(await http.get('/')).toMatchObject({ ok: false, status: 0, failure: 'protocol' })
    expect(recorder.requests[0]?.failure?.example).toContain(
      'expected a final response, got more than 100 interim ones',
    )
  })
})
