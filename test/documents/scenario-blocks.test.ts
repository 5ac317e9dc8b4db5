import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readResult } from '../e2e/cli/loadcell.ts'
import { loadcell } from '../e2e/cli/warm-loadcell.ts'
import { type TestTarget, testTarget } from '../e2e/target/support.ts'
import { shopPaths, startDocumentedShop } from '../support/documented-shop.ts'
import { blocksIn, moduleOf } from '../support/markdown.ts'
import { authority, folderFor, protocols, shopCertificate } from './document-folder.ts'

describe('a scenario in a document', () => {
  let shared: TestTarget
  let shop: { url: string; close(): void }
  let secureShop: { url: string; close(): void }
  beforeAll(async () => {
    shared = await testTarget({ 'feed.orders': '5', ...protocols })
    shop = await startDocumentedShop()
    // It knows only clients with a certificate.
    const { cert, key } = shopCertificate
    secureShop = await startDocumentedShop({ cert, key, ca: authority.cert, requestCert: true })
  })
  afterAll(() => {
    shop.close()
    secureShop.close()
  })
  const targetOf = (text: string) => {
    if (/\btls:/.test(text)) return secureShop.url
    return shopPaths.some(path => text.includes(path)) ? shop.url : shared.url
  }

  it.each(blocksIn('ts'))(
    'runs against the reference target, or the server that it assumes: %s',
    async (_place, block) => {
      const folder = folderFor(block.document)
      writeFileSync(join(folder, 'block.ts'), moduleOf(block).replaceAll('http://127.0.0.1:8080', shared.url))
      const counted = moduleOf(block).includes('per-vu-iterations')
      const out = join(folder, 'out')
      const length = counted ? [] : ['--duration', '2s']
      // A scenario that changes its target gets one of its own; the others share one.
      const target = /\b(target|disturb|faults):/.test(block.text) ? [] : ['--target', targetOf(block.text)]
      const declared = /\bhosts: \{(.+)\}/.exec(block.text)?.[1] ?? ''
      const hosts = [...declared.matchAll(/(\w+): (?:\{ url: )?'https:/g)].flatMap(([, name]) => [
        '--host',
        `${name}=${shop.url}`,
      ])
      const { output } = await loadcell(
        ['run', 'block.ts', ...length, ...target, ...hosts, '--warmup', '0', '--quiet', '--out', out],
        {
          cwd: folder,
        },
      )
      // A run that is too short for its lesson is rejected, as the document says.
      const because = /needs: .*because: '(.+)'/.exec(block.text)?.[1]
      if (because !== undefined) return expect(output.replaceAll(/\s+/g, ' ')).toContain(because)
      expect(existsSync(join(out, 'result.json')), output).toBe(true)
      const { outcome, errors, totals, thresholds } = readResult(out)
      expect({ state: outcome.state, outcomeDetail: outcome.detail }).toEqual({
        state: 'completed',
        outcomeDetail: 'The run went through as planned.',
      })
      // Failures caused by a busy machine are not errors of the document; unknown routes are.
      const injected = block.text.includes('brownout')
      const wrong = errors.filter(({ reason }) => reason === 'exception' || (reason === 'status' && !injected))
      expect(wrong).toEqual([])
      expect(totals.iterations + totals.requests).toBeGreaterThan(0)
      expect(thresholds.filter(({ state }) => state === 'no-data')).toEqual([])
    },
  )
})
