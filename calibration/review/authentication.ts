import { formatCount } from '../../core/number-format.ts'
import { counted } from '../../harness/report/quantity.ts'
import { distinct, type DetailedRecord, exampleOf, type Reviewer, recordsOf } from './evidence.ts'

/** Fewest requests that show a habit. */
const FEWEST = 20
/** Share of requests with a token of their own from which tokens are not reused. */
const OWN_TOKEN_SHARE = 0.3
/** Fewest 401s with one token that show that nobody looks at them. */
const IGNORED_401S = 3
const REFUSED_SHARE = 0.01

/** A login or a token request for each request, instead of one for each user. */
export const tokenPerRequest: Reviewer = evidence => {
  const asked = recordsOf(evidence, 'oauth.token', 'auth.login')
  const shown = evidence.records.filter(({ details, status }) => details.token !== undefined && status < 400)
  const tokens = distinct(shown.map(({ details }) => details.token))
  if (shown.length < FEWEST || asked.length < FEWEST || tokens < OWN_TOKEN_SHARE * shown.length) return undefined
  const users = distinct(shown.map(({ details }) => details.caller))
  return {
    id: 'token-per-request',
    harm: 'high',
    title: `${formatCount(asked.length)} tokens were requested for ${formatCount(shown.length)} requests of ${counted(users, 'user')}`,
    count: asked.length,
    of: shown.length,
    example: exampleOf(asked[0]!),
    why: 'Real clients reuse a token until it expires. Logins cost the service more than most requests, so the test measures them instead.',
    advice: 'Request the token once for each user, before its first request, and keep it.',
  }
}

/** A token that was refused and shown again, again and again. */
export const staleToken: Reviewer = ({ records }) => {
  const refusals = new Map<number, DetailedRecord[]>()
  const accepted = new Set<number>()
  for (const record of records) {
    const { token } = record.details
    if (token === undefined) continue
    if (record.status !== 401) accepted.add(token)
    else if (accepted.has(token)) {
      const earlier = refusals.get(token)
      if (earlier === undefined) refusals.set(token, [record])
      else earlier.push(record)
    }
  }
  const stale = [...refusals.values()].filter(({ length }) => length >= IGNORED_401S)
  if (stale.length === 0) return undefined
  const count = stale.reduce((sum, { length }) => sum + length, 0)
  return {
    id: 'stale-token',
    harm: 'high',
    title: `${formatCount(count)} requests showed a token that had been refused before`,
    count,
    of: records.length,
    example: exampleOf(stale[0]![1]!),
    why: 'The tokens ran out during the test, and from then on the target only refused: an answer that is much cheaper than the real one.',
    advice: 'Refresh a token before its expires_in is over, or when a request is answered with 401.',
  }
}

/** Requests that were refused for a missing or bad token from the start. */
export const ignored401: Reviewer = ({ records }) => {
  const accepted = new Set<number>()
  const refused = records.filter(({ status, details: { token } }) => {
    if (status !== 401 && token !== undefined) accepted.add(token)
    return status === 401 && (token === undefined || !accepted.has(token))
  })
  if (refused.length < IGNORED_401S || refused.length < REFUSED_SHARE * records.length) return undefined
  const share = refused.length / records.length
  return {
    id: 'ignored-401',
    harm: share > 0.1 ? 'high' : 'medium',
    title: `${formatCount(refused.length)} requests were refused with 401, and the script went on`,
    count: refused.length,
    of: records.length,
    example: exampleOf(refused[0]!),
    why: 'A refusal never reaches the service behind it, so its speed says nothing about the service.',
    advice:
      'Send Authorization: Bearer with a token of POST /oauth/token or of a login, and let the script fail on 401.',
  }
}
