import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderCertificate } from '../../../../../calibration/harness/html/page.ts'
import { certificate, invalidRow, outsideRow, unboundedRow, withinRow } from '../certificate-fixture.ts'

const blocks = (page: string, tag: string) =>
  [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(match => match[1] as string)
const hashOf = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`
const bodyOf = (page: string) => page.slice(page.indexOf('<body>')).replace(/<script[\s\S]*?<\/script>/g, '')

describe('the page of a certificate', () => {
  const page = renderCertificate(certificate(withinRow, unboundedRow, invalidRow, outsideRow))

  it('allows exactly its own style and script, and fetches nothing', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.split('; ')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`style-src ${blocks(page, 'style').map(hashOf).join(' ')}`)
    expect(policy).toContain(`script-src ${blocks(page, 'script').map(hashOf).join(' ')}`)
    expect(bodyOf(page)).not.toMatch(/\s(src|style|on[a-z]+)=/)
  })

  it('is headed by the verdict and its numbers', () => {
    expect(page).toContain('<h1>DEVIATING</h1>')
    expect(page).toContain('<title>DEVIATING · calibration of the harness · Loadcell</title>')
    expect(page).toMatch(
      /Planted defects<\/span><span class="value">1<\/span><span class="note"><span>of 1 detected<\/span>/,
    )
    expect(renderCertificate(certificate(withinRow))).toContain('<h1>CALIBRATED</h1>')
    expect(renderCertificate(certificate(invalidRow))).toContain('<h1>UNPROVEN</h1>')
  })

  it('has a section for each subject, and shows first what is not within', () => {
    const ids = [...page.matchAll(/<section id="([a-z]+)"/g)].map(match => match[1])
    expect(ids).toEqual(['overview', 'resolution', 'latency', 'defects', 'machine', 'reading'])
    const latency = page.slice(page.indexOf('<section id="latency"'), page.indexOf('<section id="defects"'))
    expect(latency.slice(0, latency.indexOf('<details'))).toMatch(/! invalid[\s\S]*✗ outside/)
    expect(latency.slice(0, latency.indexOf('<details'))).not.toContain('✓ within')
    expect(latency).toContain('<summary>All 4 rows</summary>')
    expect(latency).toContain('timers beside the harness were late by 80.0 ms at p99')
  })

  it('escapes text, and shows no NaN, Infinity or undefined', () => {
    expect(page).not.toContain('<b>constant-vus')
    expect(page).not.toContain('A <fast> CPU')
    expect(bodyOf(page)).not.toMatch(/NaN|Infinity|undefined|null|\[object/)
  })

  it('names rows and columns for screen readers', () => {
    expect(page).not.toMatch(/<th(?![a-z])(?![^>]*scope=)/)
    expect(page.match(/<table/g)?.length).toBe(page.match(/<caption>/g)?.length)
  })
})
