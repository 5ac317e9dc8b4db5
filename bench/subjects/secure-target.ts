/** The target over TLS, with the certificate of the authority that it writes to the file in its argument. */
import { startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { serveMemory } from '../memory.ts'
import { childArgument, sayReady } from '../process.ts'

const feedOff = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
const tls = { 'tls.enabled': 'true', 'tls.caFile': childArgument() as string }
const flags = { 'http.port': '0', 'log.level': 'warn', ...feedOff, ...tls }
const target = await startTarget(loadConfiguration({ env: {}, flags }), { version: 'bench' })
serveMemory()
sayReady(target.url)
