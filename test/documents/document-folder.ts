import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scratchFolder } from '../e2e/cli/loadcell.ts'
import { certificate } from '../support/certificates.ts'
import { type Block, blocks, moduleOf, root } from '../support/markdown.ts'
import { certifiedHost } from '../support/tls-server.ts'

export const { authority, server: shopCertificate } = certifiedHost(['shop.example.com'])
const tester = certificate({ name: 'tester', issuer: authority })

/** Writes the files that blocks of a document contain by name, and the data that its scenarios read. */
export function folderFor(document: string): string {
  const folder = scratchFolder()
  for (const { document: other, fileName, language, text } of blocks) {
    if (other !== document || fileName === undefined) continue
    mkdirSync(dirname(join(folder, fileName)), { recursive: true })
    // The scenario runs against the embedded target, whatever address the document names.
    writeFileSync(join(folder, fileName), language === 'ts' ? moduleOf({ text } as Block) : text)
  }
  copyFileSync(join(root, 'scenarios/data/accounts.csv'), join(folder, 'accounts.csv'))
  writeFileSync(join(folder, 'cat.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xd9]))
  mkdirSync(join(folder, 'certificates'), { recursive: true })
  writeFileSync(join(folder, 'certificates/authority.pem'), authority.cert)
  writeFileSync(join(folder, 'certificates/tester.pem'), tester.cert)
  writeFileSync(join(folder, 'certificates/tester.key'), tester.key)
  return folder
}

/** Documents switch on what they show, in a command before or in words. */
export const protocols = {
  'graphql.enabled': 'true',
  'llm.enabled': 'true',
  'stomp.enabled': 'true',
  'socketio.enabled': 'true',
  'grpc.enabled': 'true',
}
