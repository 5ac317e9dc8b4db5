import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NatsFlags, readNatsSettings } from '../../../../../harness/bus/nats/nats-settings.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nats-settings-'))
  for (const name of ['creds', 'seed', 'ca', 'cert', 'key']) writeFileSync(join(folder, name), `the ${name}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
const read = (flags: Partial<NatsFlags> = {}, env: NodeJS.ProcessEnv = {}) =>
  readNatsSettings({ cluster: 'nats://10.0.0.5', ...flags }, env)

describe('the settings of NATS', () => {
  it.each([
    ['nats://10.0.0.5', ['10.0.0.5:4222'], 'nats://10.0.0.5:4222'],
    ['10.0.0.5:9999', ['10.0.0.5:9999'], 'nats://10.0.0.5:9999'],
    ['nats://[::1]:4222', ['[::1]:4222'], 'nats://[::1]:4222'],
    ['nats://kim:secret@a:1, nats://b:2', ['a:1', 'b:2'], 'nats://a:1,nats://b:2'],
  ])('have the servers of %s, without credentials', (cluster, servers, place) => {
    expect(read({ cluster })).toMatchObject({ servers, place })
  })

  it.each(['http://a', 'nats://', 'nats://a/b', 'nats://kim:pa/ss@a', 'nats://a?x=secret', ''])(
    'refuse the URL %j without showing it',
    cluster => {
      expect(() => read({ cluster })).toThrow(
        /^--cluster: expected nats:\/\/host:port or tls:\/\/host:port, got another text$/,
      )
    },
  )

  it.each([
    ['nothing', {}, {}, { by: 'nothing' }],
    ['a user of the URL', { cluster: 'nats://kim:s%3A3@a' }, {}, { by: 'password', user: 'kim', pass: 's:3' }],
    ['a token of the URL', { cluster: 'nats://s3cret@a' }, {}, { by: 'token', token: 's3cret' }],
    ['a token of the environment', {}, { LOADCELL_CLUSTER_TOKEN: 's3cret' }, { by: 'token', token: 's3cret' }],
    [
      'a user of the environment',
      {},
      { LOADCELL_CLUSTER_USER: 'kim', LOADCELL_CLUSTER_PASSWORD: 'x' },
      { by: 'password', user: 'kim', pass: 'x' },
    ],
  ])('log in with %s', (_what, flags, env, login) => {
    expect(read(flags, env).login).toEqual(login)
  })

  it('log in with files', () => {
    expect(read({ clusterCreds: at('creds') }).login).toEqual({ by: 'credentials file', text: 'the creds\n' })
    expect(read({ clusterNkey: at('seed') }).login).toEqual({ by: 'nkey', text: 'the seed' })
  })

  it('refuse two kinds of credentials, and a file that is missing', () => {
    expect(() => read({ clusterNkey: at('seed') }, { LOADCELL_CLUSTER_TOKEN: 'x' })).toThrow(
      /takes one kind of credentials, and there are --cluster-nkey and LOADCELL_CLUSTER_TOKEN$/,
    )
    expect(() => read({ clusterCreds: at('none') })).toThrow(/^--cluster-creds .*none: there is no such file$/)
    expect(() => read({ clusterCa: folder })).toThrow(/^--cluster-ca .*: it is not a file$/)
  })

  it('are encrypted by the URL or by certificates', () => {
    expect(read().tls).toBeUndefined()
    expect(read({ cluster: 'tls://a' }).tls).toEqual({})
    expect(read({ clusterCa: at('ca'), clusterCert: at('cert'), clusterKey: at('key') }).tls).toEqual({
      ca: 'the ca\n',
      cert: 'the cert\n',
      key: 'the key\n',
    })
    expect(() => read({ clusterCert: at('cert') })).toThrow(/--cluster-cert and --cluster-key belong together/)
  })
})
