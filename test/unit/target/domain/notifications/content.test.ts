import { describe, expect, it } from 'vitest'
import { topicKinds } from '../../../../../contract/sockets/notifications.ts'
import { random } from '../../../../../core/random.ts'
import { madeUpContent, orderNews } from '../../../../../target/domain/notifications/content.ts'
import { topicParts } from '../../../../../target/domain/notifications/topic.ts'

const news = (event_type: string, data: Record<string, unknown>) =>
  orderNews({ event_type, event_id: 'e1', data }, random(1))

describe('generated content', () => {
  it('is of the kind of its topic, and the same for the same draws', () => {
    const made = (seed: number) => topicKinds.map(kind => madeUpContent(kind, random(seed)))
    expect(made(1).map(({ type }) => type)).toEqual(['notification', 'order_update', 'invoice_ready'])
    expect(made(1)).toEqual(made(1))
    expect(made(1)).not.toEqual(made(2))
  })
})

describe('an order event', () => {
  it('is news for its account on every topic when the order is created', () => {
    expect(news('order.created', { order_id: 7, customer_id: 42, total: 12.5, currency: 'USD' })).toEqual({
      account: '42',
      contents: {
        notifications: { type: 'notification', title: 'Order 7: created' },
        orders: { type: 'order_update', order_id: 7, status: 'created' },
        billing: { type: 'invoice_ready', invoice_id: 'INV-7', amount: 12.5, currency: 'USD' },
      },
    })
  })

  it('brings no invoice later, and its own status if it has one', () => {
    expect(news('order.updated', { order_id: 'o-1', account_id: 'a', status: 'shipped' })?.contents).toEqual({
      notifications: { type: 'notification', title: 'Order o-1: shipped' },
      orders: { type: 'order_update', order_id: 'o-1', status: 'shipped' },
    })
    expect(news('order.cancelled', { user_id: 3 })?.contents.orders).toEqual({
      type: 'order_update',
      order_id: 'e1',
      status: 'cancelled',
    })
  })

  it('is addressed to the customer, else to the account, else to the user', () => {
    const all = { customer_id: 'c', account_id: 'a', user_id: 'u' }
    expect(news('order.created', all)?.account).toBe('c')
    expect(news('order.created', { ...all, customer_id: undefined })?.account).toBe('a')
    expect(news('order.created', { user_id: 'u' })?.account).toBe('u')
  })

  it('is not a notification if it has no account or another subject', () => {
    expect(news('order.created', { order_id: 1 })).toBeUndefined()
    expect(news('order.cancelled', { customer_id: { nested: true } })).toBeUndefined()
    expect(news('order.cancelled', { customer_id: 'x'.repeat(257) })).toBeUndefined()
    expect(news('orders.created', { customer_id: 1 })).toBeUndefined()
    expect(news('price.changed', { customer_id: 1 })).toBeUndefined()
  })

  it('limits the length of the text that a custom type adds to a push', () => {
    const contents = news('order.cancelled', { customer_id: 1, order_id: 2, status: 'x'.repeat(10_000) })?.contents
    expect(JSON.stringify(contents).length).toBeLessThan(500)
  })
})

describe('a topic’s name', () => {
  it('names its account, whatever the account’s id looks like', () => {
    expect(topicParts('account.42.orders')).toEqual({ account: '42', kind: 'orders' })
    expect(topicParts('account.qa.user1@example.com.billing')).toEqual({
      account: 'qa.user1@example.com',
      kind: 'billing',
    })
    expect(topicParts('account.orders.orders.orders')).toEqual({ account: 'orders.orders', kind: 'orders' })
  })
})
