/** The target as `loadcell target` starts it, but without the ambient feed: its streams carry only events of the bench. */
import { startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { serveMemory } from '../memory.ts'
import { sayReady } from '../process.ts'

const feedOff = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
const configuration = loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'warn', ...feedOff } })
const target = await startTarget(configuration, { version: 'bench' })
serveMemory()
sayReady(target.url)
