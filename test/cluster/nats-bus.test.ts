import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { busWire } from '../../harness/bus/bus-wire.ts'
import { PACKET_BYTES } from '../../harness/bus/packets.ts'
import { ReliableLink } from '../../harness/bus/reliable-link.ts'
import { JetstreamStore } from '../../harness/bus/nats/jetstream-store.ts'
import { NatsBus } from '../../harness/bus/nats/nats-bus.ts'
import { loadNatsPackages } from '../../harness/bus/nats/nats-packages.ts'
import { type NatsFlags, readNatsSettings } from '../../harness/bus/nats/nats-settings.ts'
import { asText } from '../../harness/cluster/text-codec.ts'
import { certificate } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { cuttableNetwork } from './cuttable-network.ts'
import { hasNats, natsServer } from './nats-server.ts'

const packages = await loadNatsPackages()

async function bus(cluster: string, flags: Partial<NatsFlags> = {}, env: NodeJS.ProcessEnv = {}): Promise<NatsBus> {
  const settings = readNatsSettings({ cluster, ...flags }, env)
  const made = await NatsBus.connect(settings, packages, { name: 'test', tell: () => {} })
  onTestFinished(() => made.close())
  return made
}

function link(over: NatsBus, to: string, from: string): ReliableLink<string, string> {
  const wire = busWire(over, { to: `loadcell.test.${to}`, from: `loadcell.test.${from}` })
  return new ReliableLink(wire, {
    clock: systemClock,
    codec: asText,
    mostPacketBytes: over.mostBytes,
    lostAfterMs: 20_000,
  })
}

function file(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-nats-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** Sends numbers both ways while something happens to the bus. @returns what each side received */
async function exchanged(near: NatsBus, far: NatsBus, happen: () => Promise<void>) {
  const [a, b] = [link(near, 'to-b', 'to-a'), link(far, 'to-a', 'to-b')]
  const [atA, atB]: [string[], string[]] = [[], []]
  a.receive(message => atA.push(message))
  b.receive(message => atB.push(message))
  let count = 0
  const over = new AbortController()
  const sending = (async () => {
    while (!over.signal.aborted) {
      count += 1
      a.send(`a${count}`)
      b.send(`b${count}`)
      await systemClock.sleep(10)
    }
  })()
  await happen()
  over.abort()
  await sending
  // The side that closes the link no longer receives, so everything must have come before.
  for (let look = 0; look < 2000 && atA.length < count; look++) await systemClock.sleep(10)
  a.send('x'.repeat(1_000_000))
  a.close()
  const [ends] = [await Promise.all([a.ended, b.ended])]
  return { count, atA, atB, states: ends.map(({ state }) => state) }
}

function expectAll({ count, atA, atB, states }: Awaited<ReturnType<typeof exchanged>>): void {
  const numbers = (side: string) => Array.from({ length: count }, (_, index) => `${side}${index + 1}`)
  expect(atB.slice(0, -1)).toEqual(numbers('a'))
  expect(atB.at(-1)).toHaveLength(1_000_000)
  expect(atA).toEqual(numbers('b'))
  expect(states).toEqual(['closed', 'closed'])
}

describe.runIf(hasNats)('links over NATS', () => {
  test('lose and repeat nothing when NATS is killed and started again', async () => {
    const server = await natsServer()
    const [near, far] = [await bus(server.url), await bus(server.url)]
    const result = await exchanged(near, far, async () => {
      await systemClock.sleep(300)
      await server.restart(1000)
      await systemClock.sleep(1500)
    })
    expectAll(result)
    expect(result.count).toBeGreaterThan(100)
  })

  test('lose and repeat nothing when the network of one side is cut and healed', async () => {
    const server = await natsServer()
    const network = await cuttableNetwork(server.port)
    const [near, far] = [await bus(server.url), await bus(`nats://127.0.0.1:${network.port}`)]
    expectAll(
      await exchanged(near, far, async () => {
        await systemClock.sleep(300)
        network.cut()
        await systemClock.sleep(3000)
        network.heal()
        await systemClock.sleep(7000)
      }),
    )
  })

  test('carry messages that are larger than NATS takes', async () => {
    const server = await natsServer('max_payload: 2000')
    const [near, far] = [await bus(server.url), await bus(server.url)]
    expect(near.mostBytes).toBe(2000)
    expect(near.mostBytes).toBeGreaterThan(PACKET_BYTES)
    expectAll(await exchanged(near, far, () => systemClock.sleep(100)))
  })
})

describe.runIf(hasNats)('bundles in JetStream', () => {
  const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 251))

  test('come back as they were, also after NATS was started again, until they are removed', async () => {
    const server = await natsServer()
    const store = new JetstreamStore(await bus(server.url), 'loadcell.test.bundle')
    const stored = await store.put('bundle-1', bytes)
    expect(stored.parts).toBe(3)
    await server.restart(100)
    const reader = new JetstreamStore(await bus(server.url), 'loadcell.test.bundle')
    expect(bytes.equals(await reader.get(stored))).toBe(true)
    await store.remove(stored)
    await expect(reader.get(stored)).rejects.toThrow(/stream not found/)
  })

  test.each([
    ['without JetStream', '', /has no JetStream, which keeps the scenario for the workers/],
    ['that is full', 'jetstream { max_file: 100KB, max_mem: 100KB }', /JetStream of NATS at .* is full: /],
  ])('are refused by a NATS %s, which is said', async (_what, configuration, message) => {
    const server = await natsServer(configuration)
    const store = new JetstreamStore(await bus(server.url), 'loadcell.test.bundle')
    await expect(store.put('bundle-1', bytes)).rejects.toThrow(message)
  })
})

const user = (permissions: string) => `authorization { users = [{ user: kim, password: "s:3 cret", ${permissions} }] }`

describe.runIf(hasNats)('a connection to NATS', () => {
  test('is not there', async () => {
    await expect(bus(`nats://kim:secret@127.0.0.1:${await freePort()}`)).rejects.toThrow(
      /^NATS at nats:\/\/127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED$/,
    )
  })

  test('is opened by a user and password of the URL or the environment', async () => {
    const server = await natsServer(user(''))
    const at = (login: string) => server.url.replace('//', `//${login}@`)
    await bus(at('kim:s%3A3%20cret'))
    await bus(server.url, {}, { LOADCELL_CLUSTER_USER: 'kim', LOADCELL_CLUSTER_PASSWORD: 's:3 cret' })
    await expect(bus(server.url)).rejects.toThrow(/ wants credentials$/)
    await expect(bus(at('kim:wrong'))).rejects.toThrow(/^NATS at nats:\/\/127\.0\.0\.1:\d+ refuses the password$/)
  })

  test('is opened by a token of the URL or the environment', async () => {
    const server = await natsServer('authorization { token: "s3cret" }')
    await bus(server.url.replace('//', '//s3cret@'))
    await bus(server.url, {}, { LOADCELL_CLUSTER_TOKEN: 's3cret' })
    await expect(bus(server.url, {}, { LOADCELL_CLUSTER_TOKEN: 'x' })).rejects.toThrow(/ refuses the token$/)
  })

  test('is opened by an nkey', async () => {
    const { nkeys } = await import('@nats-io/transport-node')
    const [pair, other] = [nkeys.createUser(), nkeys.createUser()]
    const server = await natsServer(`authorization { users = [{ nkey: ${pair.getPublicKey()} }] }`)
    const seedOf = (each: typeof pair) => file('seed.nk', `${Buffer.from(each.getSeed()).toString('utf8')}\n`)
    await bus(server.url, { clusterNkey: seedOf(pair) })
    await expect(bus(server.url, { clusterNkey: seedOf(other) })).rejects.toThrow(/ refuses the nkey$/)
    await expect(bus(server.url, { clusterNkey: file('seed.nk', 'no seed') })).rejects.toThrow(
      /the nkey cannot be used/,
    )
  })

  test('is encrypted, with an authority and a certificate of its own', async () => {
    const authority = certificate({ name: 'Authority', isAuthority: true })
    const host = certificate({ name: 'host', hosts: ['127.0.0.1'], issuer: authority })
    const tester = certificate({ name: 'tester', issuer: authority })
    const [ca, cert, key] = [file('ca.pem', authority.cert), file('host.pem', host.cert), file('host.key', host.key)]
    const tls = (more: string) => `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${ca}" ${more} }`
    const server = await natsServer(tls(''))
    await bus(server.url, { clusterCa: ca })
    await expect(bus(server.url)).rejects.toThrow(/ cannot be trusted: /)
    const strict = await natsServer(tls(', verify: true'))
    await bus(strict.url, {
      clusterCa: ca,
      clusterCert: file('tester.pem', tester.cert),
      clusterKey: file('tester.key', tester.key),
    })
    await expect(bus(strict.url, { clusterCa: ca })).rejects.toThrow(/^NATS at /)
    const open = await natsServer('')
    await expect(bus(open.url.replace('nats:', 'tls:'))).rejects.toThrow(/ offers no TLS$/)
  })

  test('says which permission it lacks', async () => {
    const server = await natsServer(user('permissions: { publish: "other.>", subscribe: ">" }'))
    const made = await bus(server.url, {}, { LOADCELL_CLUSTER_USER: 'kim', LOADCELL_CLUSTER_PASSWORD: 's:3 cret' })
    await expect(made.expectPermission('loadcell.test')).rejects.toThrow(
      /does not permit what a cluster needs: it refuses to publish to loadcell\.test\.check\./,
    )
  })
})
