import { describe, expect, it } from 'vitest'
import type { ChangeRequest } from '../../../../../contract/target-page.ts'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { Changes } from '../../../../../target/control/page/changes.ts'
import { Lifecycle } from '../../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

const errors = (share: number, id = 'page.errors'): [ChangeRequest, unknown] => [
  { title: `errors ${share}`, place: 'rule', name: id, expiresAfterMs: 1000 },
  { id, share, fault: { type: 'status', status: 503 } },
]
const ADDRESS = 'http://127.0.0.1:8080'

function setUp() {
  const clock = new FakeClock()
  const settings = new LiveSettings(loadConfiguration({ env: {}, flags: {} }))
  const changes = new Changes({ settings, clock, lifecycle: new Lifecycle(), onTimeline: () => {} })
  const make = (...[request, value]: [ChangeRequest, unknown]) => changes.make(request, value, ADDRESS)
  const shares = () => Object.fromEntries(settings.current.faults.rules.map(({ id, share }) => [id, share]))
  return { clock, settings, changes, make, shares }
}

describe('a change', () => {
  it('ends at its time, and brings back what was set before', async () => {
    const { clock, settings, make, shares, changes } = setUp()
    const { faults } = settings.current
    settings.change({ ...settings.current, faults: { ...faults, rules: [errors(0.5)[1] as never] } })
    make(...errors(0.1))
    expect(shares()).toEqual({ 'page.errors': 0.1 })
    await clock.advance(999)
    expect(shares()).toEqual({ 'page.errors': 0.1 })
    await clock.advance(1)
    expect(shares()).toEqual({ 'page.errors': 0.5 })
    expect(changes.list).toEqual([])
  })

  it('that is hidden by a later one ends without a trace, and the later one restores what was before both', async () => {
    const { clock, make, shares } = setUp()
    make(...errors(0.1))
    await clock.advance(500)
    make(...errors(0.2))
    await clock.advance(500)
    expect(shares()).toEqual({ 'page.errors': 0.2 })
    await clock.advance(500)
    expect(shares()).toEqual({})
  })

  it('leaves other places alone when it is undone', () => {
    const { make, changes, shares } = setUp()
    const first = make(...errors(0.1))
    make(...errors(0.2, 'other'))
    expect(changes.undo(first.id)).toEqual({ undone: true })
    expect(shares()).toEqual({ other: 0.2 })
  })

  it('is not undone over the change of somebody else', () => {
    const { settings, make, changes, shares } = setUp()
    const made = make(...errors(0.1))
    const { faults } = settings.current
    settings.change({ ...settings.current, faults: { ...faults, rules: [errors(0.9)[1] as never] } })
    expect(changes.undo(made.id)).toMatchObject({ undone: false })
    expect(shares()).toEqual({ 'page.errors': 0.9 })
    expect(() => changes.undo(made.id)).toThrow('there is no change 1')
  })

  it('of others is named when everything is undone', () => {
    const { settings, make, changes, shares } = setUp()
    make(...errors(0.1))
    make(...errors(0.2, 'other'))
    const { faults } = settings.current
    const rules = faults.rules.map(rule => (rule.id === 'page.errors' ? { ...rule, share: 0.9 } : rule))
    settings.change({ ...settings.current, faults: { ...faults, rules } })
    expect(changes.undoAll()).toEqual({
      undone: false,
      detail: 'errors 0.1 (something else has changed it since, and it stays as it is)',
    })
    expect(shares()).toEqual({ 'page.errors': 0.9 })
    make(...errors(0.2, 'other'))
    expect(changes.undoAll()).toEqual({ undone: true })
  })

  it('stays once it is confirmed', async () => {
    const { clock, make, changes, shares } = setUp()
    changes.confirm(make(...errors(0.1)).id)
    await clock.advance(5000)
    expect(shares()).toEqual({ 'page.errors': 0.1 })
    changes.undoAll()
    expect(shares()).toEqual({})
  })

  it('takes something away, and brings it back', async () => {
    const { clock, settings, make, shares } = setUp()
    const { faults } = settings.current
    settings.change({ ...settings.current, faults: { ...faults, rules: [errors(0.5)[1] as never] } })
    const { yaml, command } = make(errors(0)[0], undefined)
    expect(shares()).toEqual({})
    expect(yaml).toContain('without the rule page.errors')
    expect(command).toBe(`curl -X DELETE '${ADDRESS}/_loadcell/faults/page.errors'`)
    await clock.advance(1000)
    expect(shares()).toEqual({ 'page.errors': 0.5 })
  })

  it('is refused beyond forty that wait, and pushes out the oldest that is confirmed', () => {
    const { make, changes } = setUp()
    const first = make(...errors(0.1, 'rule0'))
    for (let at = 1; at < 40; at++) make(...errors(0.1, `rule${at}`))
    expect(() => make(...errors(0.1, 'more'))).toThrow('40 changes wait to be confirmed')
    changes.confirm(first.id)
    make(...errors(0.1, 'more'))
    expect(changes.list).toHaveLength(40)
  })

  it('quotes what it sends for a shell', () => {
    const { changes } = setUp()
    const value = { id: 'q', fault: { type: 'status', status: 503, body: "it's" } }
    const { command } = changes.preview({ title: 'q', place: 'rule', name: 'q' }, value, ADDRESS)
    expect(command).toContain(String.raw`it'\''s`)
  })
})
