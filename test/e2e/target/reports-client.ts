import { setTimeout as delay } from 'node:timers/promises'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { Report, ReportAccepted } from '../../../contract/api/reports.ts'
import type { RunningTarget } from '../../../target/app.ts'

/** Acts on reports as the client `reporting-service`. */
export async function reportsClient(target: RunningTarget) {
  const grant = { grant_type: 'client_credentials', client_id: 'reporting-service', client_secret: 'reporting-secret' }
  const answer = await fetch(`${target.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(grant) })
  const bearer = { authorization: `Bearer ${((await answer.json()) as TokenResponse).access_token}` }
  const send = async (method: string, path: string, headers: Record<string, string> = {}, body?: object | null) => {
    const response = await fetch(target.url + path, {
      method,
      headers: { ...bearer, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a test knows what it asked for
      json: <T>() => JSON.parse(bytes.toString()) as T,
    }
  }
  const submit = async (body: object = {}, headers: Record<string, string> = {}) =>
    (await send('POST', '/api/v1/reports', headers, body)).json<ReportAccepted>()
  const poll = async (path: string, headers: Record<string, string> = {}) =>
    (await send('GET', path, headers)).json<Report>()
  return {
    bearer,
    send,
    submit,
    poll,
    /** Polls until it is finished. */
    async finished(path: string, headers: Record<string, string> = {}): Promise<Report> {
      for (;;) {
        const report = await poll(path, headers)
        if (report.finished_at !== null) return report
        await delay(5)
      }
    },
  }
}
