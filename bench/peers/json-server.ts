import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from './install.ts'
import { ANSWER_PATH, type PeerServer } from './peer.ts'

const VERSION = '0.17.4'

export const jsonServer: PeerServer = {
  name: 'json-server',
  version: VERSION,
  registry: 'npm',
  install: folder => runClient(['npm', ...NPM_INSTALL, folder, `json-server@${VERSION}`], { cwd: folder }),
  serve(folder, port, answer) {
    const database = join(folder, 'db.json')
    writeFileSync(database, `{"${ANSWER_PATH.slice(1)}":${answer}}`)
    const program = join(folder, 'node_modules/json-server/lib/cli/bin.js')
    const flags = ['--quiet', '--host', '127.0.0.1', '--port', String(port)]
    return { command: [process.execPath, program, ...flags, database], path: ANSWER_PATH }
  },
}

/** Installs what follows below a folder, without the scripts of packages. */
export const NPM_INSTALL = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent', '--prefix'] as const
