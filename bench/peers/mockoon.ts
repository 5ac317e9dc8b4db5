import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from './install.ts'
import { NPM_INSTALL } from './json-server.ts'
import { ANSWER_PATH, type PeerServer } from './peer.ts'

const VERSION = '9.9.0'

export const mockoon: PeerServer = {
  name: 'Mockoon CLI',
  version: VERSION,
  registry: 'npm',
  install: folder => runClient(['npm', ...NPM_INSTALL, folder, `@mockoon/cli@${VERSION}`], { cwd: folder }),
  serve(folder, port, answer) {
    const environment = join(folder, 'environment.json')
    writeFileSync(environment, JSON.stringify(environmentWith(answer)))
    const program = join(folder, 'node_modules/@mockoon/cli/bin/run.js')
    const flags = ['--hostname', '127.0.0.1', '--port', String(port), '--repair', '--disable-log-to-file']
    const command = [program, 'start', '--data', environment, ...flags, '--disable-admin-api'] as const
    return { command: [process.execPath, ...command], path: ANSWER_PATH }
  },
}

/** An environment with one route; it fills in what is left out. */
function environmentWith(answer: string): object {
  const [environment, route, response] = [1, 2, 3].map(each => `00000000-0000-4000-8000-00000000000${each}`)
  return {
    uuid: environment,
    name: 'peer',
    endpointPrefix: '',
    latency: 0,
    routes: [
      {
        uuid: route,
        type: 'http',
        method: 'get',
        endpoint: ANSWER_PATH.slice(1),
        responses: [
          {
            uuid: response,
            statusCode: 200,
            headers: [{ key: 'Content-Type', value: 'application/json' }],
            bodyType: 'INLINE',
            body: answer,
            disableTemplating: true,
            default: true,
          },
        ],
      },
    ],
    rootChildren: [{ type: 'route', uuid: route }],
  }
}
