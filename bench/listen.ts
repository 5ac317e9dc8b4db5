import type { Server } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { sayReady } from './process.ts'

/** Listens on a free loopback port and tells the bench where. */
export function listen(server: Server | NetServer): void {
  server.listen(0, '127.0.0.1', () => sayReady({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
}
