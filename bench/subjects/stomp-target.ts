/** The target with STOMP, without the ambient feed. */
import { startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { serveMemory } from '../memory.ts'
import { sayReady } from '../process.ts'

const flags = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0', 'stomp.enabled': 'true' }
const configuration = loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'warn', ...flags } })
const target = await startTarget(configuration, { version: 'bench' })
serveMemory()
sayReady(target.url)
