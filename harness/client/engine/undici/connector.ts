import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import type { Clock } from '../../../../core/clock.ts'
import { dial } from '../dial.ts'

/** Returns a connector like undici's that races the addresses of a name. */
export function racingConnector(clock: Clock, timeoutMs: number): buildConnector.connector {
  const direct = buildConnector({ allowH2: false, timeout: timeoutMs })
  return (target, callback) => {
    const { hostname, protocol } = target
    if (isIP(hostname) !== 0) return direct(target, callback)
    const isSecure = protocol === 'https:'
    const port = Number(target.port || (isSecure ? 443 : 80))
    dial({ clock, host: hostname, port, timeoutMs }, (error, socket) => {
      if (error !== null) callback(error, null)
      else if (socket === undefined) callback(new Error(`no connection to ${hostname}`), null)
      else if (isSecure) direct({ ...target, httpSocket: socket }, callback)
      else callback(null, socket)
    })
  }
}
