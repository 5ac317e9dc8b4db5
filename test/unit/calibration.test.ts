import { describe, expect, it } from 'vitest'
import { connectionFaultCases } from '../../calibration/faults/connection-fault-cases.ts'
import { distributionCases } from '../../calibration/faults/distribution-cases.ts'
import { handshakeFaultCases } from '../../calibration/faults/handshake-fault-cases.ts'
import { messageFaultCases } from '../../calibration/faults/message-fault-cases.ts'
import { requestFaultCases } from '../../calibration/faults/request-fault-cases.ts'
import { stationCases } from '../../calibration/stations/stations-check.ts'
import { checker } from '../../core/check.ts'
import { DistributionValue } from '../../core/distributions/value.ts'
import { ruleErrors } from '../../contract/faults/check-rule.ts'
import { type Fault, faults, faultScopes, type FaultType } from '../../contract/faults/fault.ts'

/** All cases that are calibrated, by wire. A fault without a case has no row in the table. */
const cases: { name: string; wire: string; scope: string; fault: Fault }[] = [
  ...requestFaultCases.map(each => ({ ...each, scope: 'request' })),
  ...stationCases.map(each => ({ ...each, wire: 'http', scope: 'request' })),
  ...messageFaultCases.map(({ name, wire, rule }) => ({ name, wire, scope: 'message', fault: rule.fault })),
  ...handshakeFaultCases.map(({ name, fault }) => ({ name, wire: 'tls', scope: 'handshake', fault })),
  ...connectionFaultCases.map(each => ({
    ...each,
    scope: ['partial_ack', 'misdirected_ack'].includes(each.fault.type) ? 'message' : 'connection',
  })),
]
const types = Object.keys(faults) as FaultType[]
const of = (type: FaultType) => cases.filter(({ fault }) => fault.type === type)
/** As JSON Schema. */
type Schema = { properties: Record<string, { enum?: unknown[] }>; required?: string[] }
const schemaOf = (type: FaultType) => faults[type] as unknown as Schema

/** Faults that the models of `queueing-check.ts` cover, with rows of their own. */
const elsewhere: Partial<Record<FaultType, string[]>> = { capacity: ['station'] }

describe('the calibration of faults has a case', () => {
  it.each(types)('of %s in each of its scopes, on each wire that has it', type => {
    const found = of(type).map(({ scope }) => scope)
    expect(new Set(found)).toEqual(new Set<string>(faultScopes[type]))
    const streamed = of(type).filter(({ scope }) => scope !== 'request')
    const wires = type.endsWith('_ack') ? ['websocket'] : ['sse', 'websocket']
    const [scope] = faultScopes[type]
    if (streamed.length > 0 && scope !== 'handshake')
      expect(new Set(streamed.map(({ wire }) => wire))).toEqual(new Set(wires))
  })

  it.each(types)('of %s with each of its parameters, and each value of an enumeration', type => {
    const { properties } = schemaOf(type)
    for (const [key, schema] of Object.entries(properties)) {
      if (key === 'type' || elsewhere[type]?.includes(key)) continue
      const values = of(type).map(({ fault }) => (fault as Record<string, unknown>)[key])
      const wanted = schema.enum ?? []
      for (const word of wanted) expect(values, `${type}.${key}: ${String(word)}`).toContain(word)
      expect(
        values.some(value => value !== undefined),
        `${type}.${key}`,
      ).toBe(true)
    }
  })

  it('of every fault that passes validation, each under a unique name', () => {
    for (const { name, scope, fault } of cases) {
      expect(ruleErrors({ id: 'a', scope: scope as 'request', fault }), name).toEqual([])
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  it('of handshakes of both streams and WebSockets', () => {
    const handshakes = requestFaultCases.filter(({ wire }) => wire !== 'http')
    for (const wire of ['sse', 'websocket'])
      expect(handshakes.filter(each => each.wire === wire).map(({ fault }) => fault.type)).toEqual([
        'status',
        'reset',
        'hang',
      ])
  })

  it('of each kind of distribution, and of its upper bound if it takes one', () => {
    const kinds = (DistributionValue as unknown as { anyOf: (Partial<Schema> & object)[] }).anyOf
    expect(kinds.length).toBeGreaterThan(10)
    for (const kind of kinds) {
      const kindChecker = checker(kind as never)
      const fitting = distributionCases.filter(({ value }) => kindChecker.errors(value).length === 0)
      expect(fitting, JSON.stringify(kind).slice(0, 200)).not.toEqual([])
      if (kind.properties?.['max'] !== undefined)
        expect(fitting.some(({ value }) => typeof value === 'object' && 'max' in value)).toBe(true)
    }
    const loops = distributionCases.flatMap(({ value }) =>
      typeof value === 'object' && value.type === 'replay' ? [value.loop] : [],
    )
    expect(new Set(loops)).toEqual(new Set([true, false]))
  })
})
