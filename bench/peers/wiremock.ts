import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from './install.ts'
import { ANSWER_PATH, type PeerServer } from './peer.ts'

const VERSION = '3.13.2'

export const wiremock: PeerServer = {
  name: 'WireMock',
  version: VERSION,
  registry: 'Maven Central',
  install: folder =>
    runClient(
      [
        'mvn',
        '-q',
        '-B',
        'dependency:copy',
        `-Dartifact=org.wiremock:wiremock-standalone:${VERSION}`,
        `-DoutputDirectory=${folder}`,
      ],
      { cwd: folder },
    ),
  serve(folder, port, answer) {
    const stubs = join(folder, 'mappings')
    mkdirSync(stubs, { recursive: true })
    const stub = {
      request: { method: 'GET', urlPath: ANSWER_PATH },
      response: { status: 200, headers: { 'Content-Type': 'application/json' }, body: answer },
    }
    writeFileSync(join(stubs, 'answer.json'), JSON.stringify(stub))
    // Without a journal, as its manual advises for load: with one, it keeps every request.
    const flags = ['--no-request-journal', '--disable-banner', '--bind-address', '127.0.0.1', '--root-dir', folder]
    const jar = join(folder, `wiremock-standalone-${VERSION}.jar`)
    return { command: ['java', '-jar', jar, '--port', String(port), ...flags], path: ANSWER_PATH }
  },
}
