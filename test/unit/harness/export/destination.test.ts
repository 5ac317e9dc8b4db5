import { describe, expect, it } from 'vitest'
import { parseDestination } from '../../../../harness/export/destination.ts'

describe('parseDestination', () => {
  it.each([
    ['otlp', { kind: 'otlp' }],
    ['prometheus', { kind: 'prometheus', host: '127.0.0.1', port: 9464 }],
    ['prometheus=0.0.0.0:9100', { kind: 'prometheus', host: '0.0.0.0', port: 9100 }],
    ['prometheus=localhost:0', { kind: 'prometheus', host: 'localhost', port: 0 }],
    ['prometheus=9100', { kind: 'prometheus', host: '127.0.0.1', port: 9100 }],
    ['prometheus=:9100', { kind: 'prometheus', host: '127.0.0.1', port: 9100 }],
    ['prometheus=[::1]:9100', { kind: 'prometheus', host: '::1', port: 9100 }],
  ])('reads %s', (text, destination) => {
    expect(parseDestination(text)).toEqual(destination)
  })

  it.each([
    'prometheu',
    'prometheus=',
    'prometheus=localhost',
    'prometheus=localhost:65536',
    'prometheus=::1:9100',
    'prometheus=http://localhost:9100',
    'prometheus=a b:9100',
    'otlp ',
    '',
  ])('refuses %j, and says what it expected', text => {
    expect(() => parseDestination(text)).toThrow(`expected otlp, prometheus, or prometheus=host:port`)
  })

  it('shows no password', () => {
    expect(() => parseDestination('prometheus=http://ada:s3cret@localhost:9100')).not.toThrow(/s3cret/)
  })

  it('names the variable for the address of a collector', () => {
    expect(() => parseDestination('otlp=http://secret@host')).toThrow(
      /set OTEL_EXPORTER_OTLP_ENDPOINT to that of the collector$/,
    )
  })
})
