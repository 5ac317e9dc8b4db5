import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { pageQuery } from './page.ts'
import { OrderPage, OrderQuery } from './orders.ts'
import { TokenResponse } from './oauth.ts'

export const User = Type.Object({ id: Type.Integer(), email: Type.String(), name: Type.String() })
export type User = Static<typeof User>

export const Profile = Type.Object({
  ...User.properties,
  /** ISO 8601. */
  created_at: Type.String(),
  address: Type.Object({
    street: Type.String(),
    city: Type.String(),
    postal_code: Type.String(),
    country: Type.String(),
  }),
  order_count: Type.Integer(),
})
export type Profile = Static<typeof Profile>

export const LoginRequest = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254, pattern: '@', expected: 'an e-mail address' }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
})
export type LoginRequest = Static<typeof LoginRequest>

export const LoginResponse = Type.Object({ ...TokenResponse.properties, refresh_token: Type.String(), user: User })
export type LoginResponse = Static<typeof LoginResponse>

export const RefreshRequest = Type.Object({ refresh_token: Type.String({ minLength: 1, maxLength: 1024 }) })
export type RefreshRequest = Static<typeof RefreshRequest>

const noStore = { 'Cache-Control': 'no-store' }

export const accountOperations = operationsOf({ tag: 'Accounts' }, {
  'auth.login': {
    request: 'POST /api/v1/auth/login',
    summary: 'Logs a user in.',
    access: { kind: 'public' },
    body: {
      schema: LoginRequest,
      examples: { 'a default user': { email: 'qa.user1@example.com', password: 'TestPass123!' } },
    },
    answers: { 200: { description: 'Logged in.', schema: LoginResponse, headers: noStore } },
    problems: ['invalid_credentials'],
  },
  'auth.refresh': {
    request: 'POST /api/v1/auth/refresh',
    summary: 'Exchanges a single-use refresh token for new tokens.',
    access: { kind: 'public' },
    body: { schema: RefreshRequest },
    answers: { 200: { description: 'New tokens.', schema: LoginResponse, headers: noStore } },
    problems: ['invalid_refresh_token'],
  },
  'auth.logout': {
    request: 'POST /api/v1/auth/logout',
    summary: 'Revokes all tokens of this login.',
    access: { kind: 'bearer' },
    body: { schema: Type.Object({}), required: false },
    answers: { 204: { description: 'Logged out.' } },
  },
  'users.me': {
    request: 'GET /api/v1/users/me',
    aliases: ['/api/v1/user/profile'],
    summary: 'The profile of the user the token was issued to.',
    access: { kind: 'bearer', scope: 'profile' },
    answers: { 200: { description: 'The profile.', schema: Profile } },
    // The token belongs to no user.
    problems: ['not_found'],
  },
  'users.orders': {
    request: 'GET /api/v1/user/orders',
    aliases: ['/api/v1/users/me/orders'],
    summary: 'The orders of the user the token was issued to, newest first.',
    access: { kind: 'bearer', scope: 'profile' },
    query: Type.Object({ ...OrderQuery.properties, ...pageQuery }),
    answers: { 200: { description: 'A page of orders.', schema: OrderPage } },
    problems: ['invalid_limit'],
  },
} as const satisfies OperationTable)
