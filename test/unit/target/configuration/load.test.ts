import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { mergePatch, successor } from '../../../../target/configuration/change.ts'
import { describeConfiguration, loadConfiguration, serviceVariables } from '../../../../target/configuration/load.ts'
import { redact } from '../../../../target/configuration/secrets.ts'
import { complaint } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-configuration-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Lists of ten aliases of the list before. */
function grown(levels: number): string {
  const names = Array.from({ length: levels }, (_, level) => String.fromCharCode(97 + level))
  return names
    .slice(1)
    .map((name, level) => `${name}: &${name} [${`*${names[level]}, `.repeat(10)}]`)
    .join('\n')
}

describe('loadConfiguration', () => {
  it('takes every default from the schema', () => {
    const configuration = loadConfiguration({ env: {}, flags: {} })
    expect(configuration.http).toMatchObject({ host: '127.0.0.1', port: 8080, bodyBytes: 1_048_576 })
    expect(configuration.streams.slowConsumer.policy).toBe('disconnect')
    expect(configuration.auth.clients).toContainEqual({
      id: 'producer-service',
      secret: 'producer-secret',
      scopes: ['events.write'],
    })
  })

  it('lets flags win over the environment, that over the file, and that over defaults', () => {
    const path = file('order.yaml', 'seed: 2\nauth: { tokenTtl: 1m, refreshTtl: 1m }\nfeed: { orders: 1 }\n')
    const { seed, auth, feed } = loadConfiguration({
      file: path,
      env: { LOADCELL_SEED: '3', LOADCELL_AUTH_TOKEN_TTL: '2m' },
      flags: { seed: '4' },
    })
    expect({
      seed,
      tokenTtl: auth.tokenTtl,
      refreshTtl: auth.refreshTtl,
      orders: feed.orders,
      pricing: feed.pricing,
    }).toEqual({ seed: 4, tokenTtl: '2m', refreshTtl: '1m', orders: 1, pricing: 5 })
  })

  it('reads JSON files, arrays in the environment, and text that looks like a number', () => {
    const path = file('c.json', '{"streams": {"slowConsumer": {"notify": true}}}')
    const configuration = loadConfiguration({
      file: path,
      env: { LOADCELL_AUTH_CLIENTS: '[{"id":"a","secret":"b","scopes":[]}]', LOADCELL_CONTROL_TOKEN: '12345' },
      flags: {},
    })
    expect(configuration.streams.slowConsumer).toMatchObject({ notify: true, policy: 'disconnect' })
    expect(configuration.auth.clients).toEqual([{ id: 'a', secret: 'b', scopes: [] }])
    expect(configuration.control.token).toBe('12345')
  })

  it('reads a file in UTF-16, as Windows PowerShell writes one', () => {
    const path = join(folder, 'utf16.yaml')
    writeFileSync(path, Buffer.from('\ufeffseed: 7\r\n', 'utf16le'))
    expect(loadConfiguration({ file: path, env: {}, flags: {} }).seed).toBe(7)
    writeFileSync(path, Buffer.from('# gr\xfc\xdfe\nseed: 7\n', 'latin1'))
    expect(complaint(() => loadConfiguration({ file: path, env: {}, flags: {} }))).toMatch(
      /utf16\.yaml.*line 1 is not UTF-8/,
    )
  })

  it.each([
    ['a pattern without quotes', 'rateLimits: { rules: [{ name: a, operations: [*.get], rate: 1 }] }'],
    ['a document that grows by its aliases', `a: &a [x, x]\n${grown(12)}`],
  ])('refuses %s', (_, text) => {
    const path = file('alias.yaml', text)
    const message = complaint(() => loadConfiguration({ file: path, env: {}, flags: {} }))
    expect(message).toMatch(/alias.* A value that begins with \* is written in quotes \(from .*alias\.yaml\)/)
  })

  it('takes an empty variable as unset where it could be no value, as Compose sets one for ${SEED-}', () => {
    const path = file('token.yaml', 'seed: 7\ncontrol: { token: secret }\n')
    const env = { LOADCELL_SEED: '', LOADCELL_CONTROL_TOKEN: '' }
    expect(loadConfiguration({ file: path, env, flags: {} })).toMatchObject({ seed: 7, control: { token: '' } })
    expect(complaint(() => loadConfiguration({ env: {}, flags: { seed: '' } }))).toContain('seed: expected an integer')
  })

  it('reports all errors at once, each with its place and source', () => {
    const path = file('bad.yaml', 'auth: { tokenTTL: 2s, verifyCache: -1 }\nport: 3\nfeed: often\n')
    const message = complaint(() =>
      loadConfiguration({
        file: path,
        env: {
          LOADCELL_STREAMS_PARTITIONS: '0',
          LOADCELL_AUTH_TOKENTTL: '1s',
          LOADCELL_TARGET_URL: 'http://x',
          LOADCELL_VAR_region: 'eu',
        },
        flags: { 'http.port': 'x', 'auth.mod': 'strict', 'auth.clients': '[{id: a, secret: b}]', zork: '1' },
      }),
    )
    expect(message.split('\n').sort()).toEqual(
      [
        `auth.clients[0].scopes: expected a value, got nothing (from --set auth.clients)`,
        `auth.mod: there is no such key; did you mean auth.mode? (from --set auth.mod)`,
        `auth.tokenTTL: there is no such key; did you mean auth.tokenTtl? (from ${path})`,
        `auth.verifyCache: expected 0…10000000, got -1 (from ${path})`,
        `feed: expected keys and values, got "often" (from ${path})`,
        `http.port: expected an integer, got "x" (from --set http.port)`,
        `LOADCELL_AUTH_TOKENTTL sets no key; did you mean LOADCELL_AUTH_TOKEN_TTL? (from the environment)`,
        `port: there is no such key; did you mean http.port? (from ${path})`,
        `streams.partitions: expected 1…256, got 0 (from LOADCELL_STREAMS_PARTITIONS)`,
        `zork: there is no such key (from --set zork)`,
      ].sort(),
    )
  })

  it('ignores the variables that an audited command or a test of Loadcell has', () => {
    const audit = { LOADCELL_TARGET: 'http://x', LOADCELL_WS: 'ws://x', LOADCELL_AUDIT: '1.2' }
    const env = { ...audit, LOADCELL_TEST_NGINX: '/usr/sbin/nginx' }
    expect(loadConfiguration({ env, flags: {} })).toEqual(loadConfiguration({ env: {}, flags: {} }))
  })

  it('ignores variables that Kubernetes and Docker set for a service of this name, and names them', () => {
    const env = {
      LOADCELL_SERVICE_HOST: '10.0.0.1',
      LOADCELL_SERVICE_PORT: '3000',
      LOADCELL_SERVICE_PORT_HTTP: '3000',
      LOADCELL_PORT: 'tcp://10.0.0.1:3000',
      LOADCELL_PORT_3000_TCP: 'tcp://10.0.0.1:3000',
      LOADCELL_PORT_3000_TCP_PROTO: 'tcp',
      LOADCELL_PORT_3000_TCP_PORT: '3000',
      LOADCELL_PORT_3000_TCP_ADDR: '10.0.0.1',
      LOADCELL_NAME: '/shop/loadcell',
      LOADCELL_ENV_NODE_VERSION: '24',
      // Of services called loadcell-control and loadcell-http, whose names are those of keys.
      LOADCELL_CONTROL_PORT: 'tcp://10.0.0.2:9090',
      LOADCELL_CONTROL_SERVICE_HOST: '10.0.0.2',
      LOADCELL_HTTP_PORT: 'tcp://10.0.0.3:80',
      LOADCELL_HTTP_PORT_80_TCP_ADDR: '10.0.0.3',
    }
    const { http, control } = loadConfiguration({
      env: { ...env, LOADCELL_TARGET_SERVICE_HOST: '10.0.0.4' },
      flags: {},
    })
    expect({ httpPort: http.port, controlPort: control.port }).toEqual({ httpPort: 8080, controlPort: 0 })
    expect(serviceVariables({ ...env, LOADCELL_SEED: '3', PATH: '/bin' })).toEqual(Object.keys(env))
  })

  it.each(['LOADCELL_SERVICE_HOSTS', 'LOADCELL_PORT', 'LOADCELL_HTTP_PORTS', 'LOADCELL_NAME', 'LOADCELL_PORT_TCP'])(
    'refuses the misspelt key %s',
    name => {
      const env = { [name]: '3000' }
      expect(complaint(() => loadConfiguration({ env, flags: {} }))).toContain(`${name} sets no key`)
      expect(serviceVariables(env)).toEqual([])
    },
  )

  it('reads a variable named like a service’s as a key if its value is valid for the key', () => {
    expect(loadConfiguration({ env: { LOADCELL_HTTP_PORT: '3000' }, flags: {} }).http.port).toBe(3000)
    const env = { LOADCELL_HTTP_PORT: '10.0.0.1:3000' }
    expect(complaint(() => loadConfiguration({ env, flags: {} }))).toContain('expected an integer')
  })

  it('checks keys against each other', () => {
    const flags = { 'http.urlBytes': '65536', 'http.headerBytes': '16384' }
    expect(complaint(() => loadConfiguration({ env: {}, flags }))).toMatch(/^http\.urlBytes: expected at most/)
    const clients = '[{id: a, secret: x, scopes: []}, {id: a, secret: y, scopes: []}]'
    expect(complaint(() => loadConfiguration({ env: {}, flags: { 'auth.clients': clients } }))).toBe(
      'auth.clients[1].id: expected an id of its own, got "a" again (from --set auth.clients)',
    )
  })

  it('names a file that is missing or no YAML, and where', () => {
    expect(complaint(() => loadConfiguration({ file: '/no/such.yaml', env: {}, flags: {} }))).toBe(
      'there is no file /no/such.yaml',
    )
    const path = file('broken.yaml', 'a: [1\nb: 2')
    expect(complaint(() => loadConfiguration({ file: path, env: {}, flags: {} }))).toMatch(/line 2/)
  })

  it('never repeats a secret that is of the wrong type', () => {
    const path = file(
      'secret.yaml',
      'control: { token: 424242 }\nauth: { clients: [{id: a, secret: 737373, scopes: []}] }',
    )
    const message = complaint(() => loadConfiguration({ file: path, env: {}, flags: {} }))
    expect(message).toContain('control.token: expected a string')
    expect(message).not.toMatch(/424242|737373/)
  })
})

describe('describeConfiguration', () => {
  it('prints YAML that says where values came from and shows no secret', () => {
    const text = describeConfiguration({ env: { LOADCELL_CONTROL_TOKEN: 'hush' }, flags: { 'auth.tokenTtl': '2s' } })
    expect(text).toContain('tokenTtl: 2s # from --set auth.tokenTtl')
    expect(text).toContain('token: "***" # from LOADCELL_CONTROL_TOKEN')
    expect(text).not.toMatch(/hush|super-secret-producer-key/)
    expect(parse(text)).toMatchObject({ auth: { tokenTtl: '2s' }, seed: 1 })
  })
})

describe('a change at run time', () => {
  const current = loadConfiguration({ env: {}, flags: { 'control.token': 'hush' } })

  it('fills in defaults for missing keys', () => {
    expect(successor(current, { auth: { tokenTtl: '2s' } })).toEqual({
      ...loadConfiguration({ env: {}, flags: { 'auth.tokenTtl': '2s' } }),
    })
  })

  it('accepts its own output as input, with masked secrets', () => {
    expect(successor(current, redact(current))).toEqual(current)
  })

  it('refuses changes of keys that need a restart, and names their values', () => {
    const patch = { seed: 9, http: { port: 1 }, streams: { partitions: 3 }, ledger: { runs: 2 } }
    const message = complaint(() => successor(current, mergePatch(current, patch)))
    expect(message.split('\n').map(line => line.split(':')[0])).toEqual([
      'seed',
      'http.port',
      'streams.partitions',
      'ledger.runs',
    ])
    expect(message).toContain('expected 8 until the target is started again, got 3')
  })

  it('merges a parameter into a distribution, and replaces it by another with its type', () => {
    const duration = (patch: object) => successor(current, mergePatch(current, { reports: { duration: patch } }))
    expect(duration({ max: '4s' }).reports.duration).toEqual({ type: 'uniform', min: '500ms', max: '4s' })
    const exponential = { type: 'exponential', mean: '1s' }
    expect(duration(exponential).reports.duration).toEqual(exponential)
    expect(complaint(() => duration({ type: 'gamma', shape: 2, scale: 0 }))).toBe(
      'reports.duration.scale: expected more than 0, got 0',
    )
  })

  it('merges according to RFC 7386: null restores the default', () => {
    const changed = successor(current, mergePatch(current, { auth: { mode: 'strict' }, feed: { orders: 0 } }))
    const back = successor(changed, mergePatch(changed, { auth: { mode: null } }))
    expect({
      changedAuthMode: changed.auth.mode,
      backAuthMode: back.auth.mode,
      backFeedOrders: back.feed.orders,
    }).toEqual({ changedAuthMode: 'strict', backAuthMode: 'lenient', backFeedOrders: 0 })
  })
})
