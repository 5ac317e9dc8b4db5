import * as fc from 'fast-check'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliveriesOf, faultOutcomesOf } from '../../calibration/ledger-findings.ts'
import { LedgerUnavailable, readSettledLedger } from '../../calibration/ledger-client.ts'
import { reconcile } from '../../calibration/reconcile.ts'
import { systemClock } from '../../core/clock.ts'
import { MalformedHistogram } from '../../core/encoded-histogram.ts'
import { harnessSide, ledgerSide } from '../unit/calibration/sides.ts'

let answer = ''
const server = createServer((_, response) => response.end(answer))
let targetUrl = ''

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  targetUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

/** Handles an answer as a run does. @returns the reason why it was not reconciled, or the outcome */
async function reconciled(text: string, url = targetUrl): Promise<string> {
  answer = text
  try {
    const ledger = await readSettledLedger({ targetUrl: url, clock: systemClock }, 'run')
    deliveriesOf(ledger)
    faultOutcomesOf(ledger)
    return reconcile(harnessSide(), ledger).state
  } catch (error) {
    if (error instanceof LedgerUnavailable || error instanceof MalformedHistogram) return error.message
    throw error
  }
}

const whole = () => JSON.parse(JSON.stringify(ledgerSide())) as Record<string, unknown>

/** Every path within a value, as keys from its root. */
function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, child]) => placesIn(child, [...path, key]))]
}

function withValueAt(path: readonly string[], value: unknown): unknown {
  const root = { root: whole() as unknown }
  let parent = root as Record<string, unknown>
  const steps = ['root', ...path]
  for (const step of steps.slice(0, -1)) parent = parent[step] as Record<string, unknown>
  if (value === undefined) delete parent[steps.at(-1)!]
  else parent[steps.at(-1)!] = value
  return root.root
}

describe('an answer in place of a ledger', () => {
  it.each([
    ['', /is not JSON/],
    ['<!doctype html><title>Login</title>', /is not JSON \("<!doctype html>/],
    [JSON.stringify(ledgerSide()).slice(0, 500), /is not JSON/],
    [JSON.stringify(ledgerSide()).replace('"late":0', '"late":NaN'), /is not JSON/],
    ['null', /keeps no ledger/],
    ['[]', /keeps no ledger/],
    ['{"status":"ok"}', /keeps no ledger/],
    ['{"format":"loadcell.ledger/2"}', /has the format "loadcell.ledger\/2", expected "loadcell.ledger\/1"/],
    ['{"format":"loadcell.ledger/1"}', /cannot be read: \/run: expected a value, got nothing, and \d+ more/],
    [JSON.stringify({ ...ledgerSide(), run: 'other' }), /of another run: expected run, got "other"/],
    [JSON.stringify(ledgerSide()).replace('"received":10', '"received":1e999'), /\/events\/received/],
    [JSON.stringify(ledgerSide()).replace('"received":10', '"received":-1'), /\/events\/received/],
    [
      JSON.stringify(ledgerSide()).replace('"received":10', '"received":"10"'),
      /\/events\/received: expected .*integer/,
    ],
  ])('is refused with what is wrong about it: %s', async (text, why) => {
    expect(await reconciled(text)).toMatch(why)
  })

  it('is quoted without any credentials in it', async () => {
    const url = targetUrl.replace('//', '//load:s3cr3t@')
    const basic = Buffer.from('load:s3cr3t').toString('base64')
    expect(await reconciled(`authorization: Basic ${basic}`, url)).toMatch(
      /is not JSON \("authorization: Basic \*\*\*"\)/,
    )
  })

  it('is reconciled if it is a ledger, even one with fields of a later version', async () => {
    expect(await reconciled(JSON.stringify({ ...ledgerSide(), more: { than: ['we', 'know'] } }))).toBe('agrees')
  })

  it('never throws, whatever replaces one of its values', async () => {
    const place = fc.constantFrom(...placesIn(whole()).filter(path => path.length > 0))
    const value = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, -1, 0.5, 1e308, 2 ** 53, '', 'NaN', [], {}, [null], { a: null }),
      fc.constantFrom<unknown>(['__proto__'], { constructor: 1 }, [{ key: 'constructor', delivered: 1 }]),
      fc.jsonValue(),
    )
    const property = fc.asyncProperty(place, value, async (path, wrong) => {
      expect(typeof (await reconciled(JSON.stringify(withValueAt(path, wrong)) ?? ''))).toBe('string')
    })
    await fc.assert(property, { seed: 11, numRuns: 400 })
  })

  it('accepts stream names such as "constructor" that every object has', async () => {
    const ledger = ledgerSide()
    const account = { takenOver: 0, polled: 0, dropped: {}, filtered: 0, elsewhere: 0, expired: 0, unsent: 0 }
    ledger.streams.deliveries = [{ ...account, stream: 'constructor', offered: 1, delivered: 1 }]
    expect(deliveriesOf(ledger)[0]?.accepted).toBe(0)
  })
})
