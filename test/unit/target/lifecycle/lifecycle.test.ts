import { describe, expect, it } from 'vitest'
import { Lifecycle, type ResetScope } from '../../../../target/lifecycle/lifecycle.ts'

describe('Lifecycle.reset', () => {
  it.each<[ResetScope | 'all', string[]]>([
    ['streams', ['streams']],
    ['data', ['orders', 'tasks']],
    ['ledger', ['ledger']],
    ['all', ['streams', 'orders', 'tasks', 'ledger']],
  ])('returns what is registered for %s to its beginning', (what, expected) => {
    const ran: string[] = []
    const lifecycle = new Lifecycle()
    lifecycle.onReset('ledger', () => ran.push('ledger'))
    lifecycle.onReset('data', () => ran.push('orders'))
    lifecycle.onReset('streams', () => ran.push('streams'))
    lifecycle.onReset('data', () => ran.push('tasks'))
    lifecycle.reset(what)
    expect(ran).toEqual(expected)
  })
})

describe('Lifecycle', () => {
  it('runs each hook at its moment, in the order of registration', () => {
    const ran: string[] = []
    const lifecycle = new Lifecycle()
    lifecycle.on('close', () => ran.push('close'))
    lifecycle.on('stop', () => ran.push(`stop one while ${lifecycle.phase}`))
    lifecycle.on('stop', () => ran.push('stop another'))
    lifecycle.on('cut', () => ran.push('cut'))
    lifecycle.on('start', () => ran.push('start'))
    lifecycle.run('start')
    lifecycle.run('stop')
    lifecycle.run('cut')
    lifecycle.run('close')
    expect(ran).toEqual(['start', 'stop one while stopping', 'stop another', 'cut', 'close'])
  })
})
