/**
 * The target as `loadcell target` starts it, but without the ambient feed: its streams carry only events of the bench. Its argument has more
 * settings, by dotted key.
 */
import { startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { serveMemory } from '../processes/memory.ts'
import { childArgument, sayReady } from '../processes/process.ts'

const feedOff = { 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
const settings = childArgument() as Record<string, string>
const flags = { 'http.port': '0', 'log.level': 'warn', ...feedOff, ...settings }
const configuration = loadConfiguration({ env: {}, flags })
const target = await startTarget(configuration, { version: 'bench' })
serveMemory()
sayReady(target.url)
