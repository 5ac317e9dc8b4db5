import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request as undiciRequest, Agent } from 'undici'
import { afterAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { buildTarget } from '../../../target/app.ts'
import { certificate } from '../../support/certificates.ts'
import { secureTarget } from './secure.ts'
import { connectTo } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const authority = certificate({ name: 'Authority', isAuthority: true })
const own = certificate({ name: 'own', hosts: ['127.0.0.1'], issuer: authority })
const client = certificate({ name: 'client', issuer: authority })
const files = {
  'tls.cert': file('own.pem', own.cert),
  'tls.key': file('own.key', own.key),
}
const ca = file('ca.pem', authority.cert)

describe('a target with TLS', async () => {
  const caFile = join(folder, 'made.pem')
  const target = await secureTarget({ 'tls.caFile': caFile })

  it('tells the fingerprint of the certificate that clients see, and writes its authority to a file', async () => {
    const socket = await target.secured()
    expect(target.url).toMatch(/^https:/)
    expect(socket.getPeerCertificate().fingerprint256).toBe(target.tls?.fingerprint)
    expect(new X509Certificate(readFileSync(caFile)).ca).toBe(true)
  })

  it.each(['127.0.0.1', 'localhost'])('has a certificate for %s', async name => {
    const socket = await target.secured({ host: '127.0.0.1', servername: name === 'localhost' ? name : '' })
    expect(socket.authorized).toBe(true)
  })

  it.each([
    ['h2', ['h2', 'http/1.1']],
    ['http/1.1', ['http/1.1']],
  ])('chooses %s where a client offers %j', async (chosen, offered) => {
    const socket = await target.secured({ ALPNProtocols: offered })
    expect(socket.alpnProtocol).toBe(chosen)
  })

  it.each([true, false])('answers undici the same over HTTP/2 (%s)', async allowH2 => {
    const dispatcher = new Agent({ allowH2, connect: { ca: target.tls!.trusted } })
    const answer = await undiciRequest(`${target.url}/products/7`, { dispatcher })
    expect(answer.statusCode).toBe(200)
    expect(await answer.body.json()).toMatchObject({ id: 7 })
    await dispatcher.close()
  })

  it('serves WebSockets as wss', async () => {
    const socket = new WebSocket(`${target.url.replace('https', 'wss')}/ws/chat?token=demo-jwt-token-a`, {
      ca: target.tls!.trusted,
    })
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () => socket.send('{"action":"ping"}'))
      socket.on('message', (data: Buffer) => resolve(data.toString()))
    })
    socket.close()
    expect(JSON.parse(answer)).toMatchObject({ type: 'pong' })
  })

  it('counts clients that speak no TLS as failed handshakes, and goes on', async () => {
    const before = await target.metric('loadcell_tls_handshakes_failed_total')
    expect(await target.raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).not.toContain('200')
    expect(await target.metric('loadcell_tls_handshakes_failed_total')).toBe(before + 1)
  })

  it('lets go of a client that refuses its certificate, and counts the handshake as failed', async () => {
    const before = await target.metric('loadcell_tls_handshakes_failed_total')
    await expect(target.secured({ ca: [] })).rejects.toThrow('unable to verify')
    while ((await target.metric('loadcell_tls_handshakes_failed_total')) === before) continue
    expect(await target.metric('loadcell_tls_handshakes_failed_total')).toBe(before + 1)
  })

  it('ends without waiting for a handshake that never does', async () => {
    const ending = await secureTarget({ 'http.drainTimeout': '50ms' })
    const silent = connectTo(ending.port)
    await once(silent, 'connect')
    await ending.metrics()
    await ending.close()
    silent.destroy()
  })
})

describe('a target with its own certificate', async () => {
  const target = await secureTarget({ ...files, 'tls.clientCertificates': 'required', 'tls.ca': ca })

  it('serves only clients with a certificate of the authority that it names', async () => {
    const socket = await target.secured({ ca: authority.cert, cert: client.cert, key: client.key })
    expect(socket.getPeerCertificate().fingerprint256).toBe(new X509Certificate(own.cert).fingerprint256)
    const stranger = await target.secured({ ca: authority.cert })
    // With TLS 1.3, a client learns of its refusal only after the handshake.
    const refusal = await new Promise<Error>(resolve => {
      stranger.on('error', resolve)
      stranger.on('close', () => resolve(new Error('closed')))
      stranger.resume()
    })
    expect(refusal.message).toMatch(/certificate required|closed/)
  })
})

describe('a target does not start', () => {
  const wrong: Record<string, [flags: Record<string, string>, words: RegExp]> = {
    'with a file that is not there': [{ 'tls.cert': join(folder, 'none.pem') }, /tls\.cert: .*cannot be read/],
    'with a key of another certificate': [
      { ...files, 'tls.key': file('other.key', client.key) },
      /tls\.key: expected the key of/,
    ],
    'with a file that is no certificate': [
      { 'tls.cert': file('text.pem', 'text') },
      /tls\.cert: expected a certificate/,
    ],
    'with a key alone': [{ 'tls.key': files['tls.key'] }, /tls\.key: expected tls\.cert with it/],
    'if it asks for certificates of nobody': [{ 'tls.clientCertificates': 'asked' }, /expected tls\.ca with asked/],
  }

  it.each(Object.entries(wrong))('%s, and says which setting is wrong', async (_how, [flags, words]) => {
    const configuration = loadConfiguration({
      env: {},
      flags: { 'tls.enabled': 'true', 'http.port': '0', 'log.level': 'silent', ...flags },
    })
    await expect(buildTarget(configuration)).rejects.toThrow(words)
    await expect(buildTarget(configuration)).rejects.not.toThrow(/PRIVATE KEY/)
  })

  it('and writes nothing, without TLS', () => expect(existsSync(join(folder, 'none.pem'))).toBe(false))
})
