import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runClient } from './install.ts'
import { ANSWER_PATH, type PeerServer } from './peer.ts'

const VERSION = '7.6.0'

export const mockserver: PeerServer = {
  name: 'MockServer',
  version: VERSION,
  registry: 'Maven Central',
  install(folder) {
    writeFileSync(join(folder, 'pom.xml'), PROJECT)
    const flags = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'lib')}`]
    return runClient(['mvn', '-q', '-B', ...flags], { cwd: folder })
  },
  serve(folder, port, answer) {
    const expectations = join(folder, 'expectations.json')
    const expectation = {
      httpRequest: { method: 'GET', path: ANSWER_PATH },
      httpResponse: { statusCode: 200, headers: { 'content-type': ['application/json'] }, body: answer },
    }
    writeFileSync(expectations, JSON.stringify([expectation]))
    const settings = {
      initializationJsonPath: expectations,
      localBoundIP: '127.0.0.1',
      logLevel: 'WARN',
      disableSystemOut: 'true',
      // The fewest requests that it keeps in its log.
      maxLogEntries: '1',
    }
    const flags = Object.entries(settings).map(([name, value]) => `-Dmockserver.${name}=${value}`)
    const main = ['-cp', join(folder, 'lib', '*'), 'org.mockserver.cli.Main', '-serverPort', String(port)]
    return { command: ['java', ...flags, ...main], path: ANSWER_PATH }
  },
}

/** A project without code, whose only purpose is its dependency. */
const PROJECT = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>loadcell</groupId><artifactId>peer</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.mock-server</groupId><artifactId>mockserver-netty</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`
