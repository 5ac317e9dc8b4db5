import { once } from 'node:events'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { CONTROL_ALPN } from '../../../contract/headers.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { freePort } from '../../support/free-port.ts'
import { secureTarget } from './secure.ts'

/** Returns why a client refuses the certificate that it is shown, with its own check; '' if it does not. */
async function refusalBy(port: number, ca: string, protocols = ['http/1.1']): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: protocols })
  const ended = once(socket, 'secureConnect').then(
    () => '',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  )
  const code = await ended
  socket.destroy()
  return code
}

function faulty(fault: FaultRule['fault'], rest: Partial<FaultRule> = {}) {
  return secureTarget({
    'faults.rules': JSON.stringify([{ id: 'handshake', fault, ...rest }]),
    'control.port': '0',
  })
}

describe('a fault of handshakes', () => {
  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong_name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ] as const)('shows a certificate that is %s, and nothing else is wrong with it', async (how, code) => {
    const target = await faulty({ type: 'certificate', how })
    expect(await refusalBy(target.port, target.tls!.trusted)).toBe(code)
    // Nor does it matter to one who does not check.
    const socket = await target.secured({ rejectUnauthorized: false })
    expect(socket.encrypted).toBe(true)
  })

  it('leaves clients of the control plane alone, by the protocol that they offer', async () => {
    const target = await faulty({ type: 'certificate', how: 'untrusted' })
    expect(await refusalBy(target.port, target.tls!.trusted, [CONTROL_ALPN, 'http/1.1'])).toBe('')
  })

  it('affects the same connections for the same seed, and is counted by its rule and in the ledger', async () => {
    const fates: string[][] = []
    for (const seed of ['7', '7', '8']) {
      const rules = [{ id: 'half', share: 0.5, fault: { type: 'certificate', how: 'expired' } }]
      // Its control plane is apart, so that the connections of this test are all there are.
      const target = await secureTarget({
        seed,
        'faults.rules': JSON.stringify(rules),
        'control.port': String(await freePort()),
      })
      const seen: string[] = []
      for (let count = 0; count < 20; count += 1) seen.push(await refusalBy(target.port, target.tls!.trusted))
      fates.push(seen)
      const refused = seen.filter(code => code !== '').length
      const { faults } = await target.ledger()
      expect(faults.rules).toMatchObject([{ id: 'half', matched: 20, injected: refused }])
      expect(refused).toBeGreaterThan(0)
    }
    expect(fates[0]).toEqual(fates[1])
    expect(fates[0]).not.toEqual(fates[2])
  })

  it('delays the handshake, not the connection, and reports how long', async () => {
    const target = await faulty({ type: 'slow_handshake', distribution: '80ms' })
    const socket = connect({ host: '127.0.0.1', port: target.port, ca: target.tls!.trusted })
    const order: string[] = []
    socket.on('connect', () => order.push('connect'))
    await once(socket, 'secureConnect')
    socket.destroy()
    const { faults } = await target.ledger()
    expect(order).toEqual(['connect'])
    // The client of this test that reads the ledger offers nothing but HTTP, so its handshake is delayed as well.
    expect(faults.rules[0]).toMatchObject({ id: 'handshake', injected: 2 })
    expect(faults.rules[0]?.plannedDelay?.count).toBe(2)
  })

  it.each([
    [{ scope: 'request' as const }, /scope/],
    [{ match: { operation: 'orders.*' } }, /match/],
  ])('is refused with %j, because no request is known yet', async (rest, words) => {
    await expect(faulty({ type: 'certificate', how: 'expired' }, rest)).rejects.toThrow(words)
  })
})
