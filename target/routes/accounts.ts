import type { FastifyInstance } from 'fastify'
import type { User } from '../../contract/api/accounts.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Identity } from '../auth/identity.ts'
import type { Orders } from '../domain/orders/orders.ts'
import type { Users } from '../domain/users.ts'
import { userOwner } from '../exchange/owner.ts'
import { logIn, logOut, refreshLogin } from '../auth/logins.ts'
import { sendJson, serve } from '../http/serve.ts'
import { ProblemError } from '../exchange/problem.ts'

export function registerAccountRoutes(app: FastifyInstance, identity: Identity, users: Users, orders: Orders): void {
  const { issueCost } = identity
  const profiles = new WeakMap<User, string>()

  serve(app, 'auth.login', ({ body, exchange }, reply) => {
    void reply.header('cache-control', 'no-store')
    return issueCost.before(reply, () => reply.send(logIn(body, identity, exchange.account.tokens)))
  })

  serve(app, 'auth.refresh', ({ body, exchange }, reply) => {
    void reply.header('cache-control', 'no-store')
    return issueCost.before(reply, () =>
      reply.send(refreshLogin(body.refresh_token, identity, exchange.account.tokens)),
    )
  })

  serve(app, 'auth.logout', ({ exchange }, reply) => {
    logOut(exchange.bearer!, identity, exchange.account.tokens)
    return reply.code(204).send()
  })

  serve(app, 'users.me', ({ exchange }, reply) => {
    const user = userOf(exchange.bearer!)
    const orderCount = orders.count(userOwner(exchange.tenant, user.id))
    const profile = `${profileOf(user).slice(0, -1)},"order_count":${orderCount}}`
    return sendJson(reply, profile)
  })

  /** Returns the part of a profile that never changes, as JSON. */
  function profileOf(user: User): string {
    const known = profiles.get(user)
    if (known !== undefined) return known
    const text = JSON.stringify({ ...user, ...users.detailsOf(user) })
    profiles.set(user, text)
    return text
  }

  /** @throws ProblemError not_found */
  function userOf({ client, user }: Bearer): User {
    if (user === undefined) throw new ProblemError('not_found', `the token was issued to ${client}, which is no user`)
    const known = users.find(user.email)
    if (known?.id !== user.id) throw new ProblemError('not_found', `there is no user ${user.email} any more`)
    return known
  }
}
