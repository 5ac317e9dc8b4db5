import { join } from 'node:path'
import { runClient } from './install.ts'
import type { PeerServer } from './peer.ts'

const VERSION = 'v2.26.0'

export const goHttpbin: PeerServer = {
  name: 'go-httpbin',
  version: VERSION,
  registry: 'the Go module proxy',
  install: folder =>
    runClient(['go', 'install', `github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@${VERSION}`], {
      cwd: folder,
      env: { GOBIN: folder },
    }),
  serve(folder, port, answer) {
    const flags = ['-host', '127.0.0.1', '-port', String(port), '-log-level', 'OFF']
    // It has no answers of its users' own. This one decodes its path, which must be padded.
    const data = Buffer.from(answer).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    const path = `/base64/${data}?content-type=application%2Fjson`
    return { command: [join(folder, 'go-httpbin'), ...flags], path }
  },
}
