import { describe, expect, it } from 'vitest'
import { renderDocument } from '../../../../../harness/report/html/document.ts'
import { html } from '../../../../../harness/report/html/markup.ts'

const data = { seconds: [], marks: [], bands: [], charts: {}, spectrum: { nines: [], series: [] }, recoveries: {} }
const css = renderDocument({ title: '', main: html`<p></p>`, footer: '', data })

type Channels = [red: number, green: number, blue: number]

/** Returns the variables of a theme as linear light. */
function themeOf(block: string): Map<string, Channels> {
  const colours = [...block.matchAll(/--([a-z]+): #([0-9a-f]{6});/g)]
  return new Map(
    colours.map(([, name = '', hex = '']) => [
      name,
      [0, 2, 4]
        .map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
        .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as Channels,
    ]),
  )
}

const [, light = '', dark = ''] = css.split(':root {')
const themes = { light: themeOf(light), dark: themeOf(dark) }

/** The sights of people with a colour blindness, in linear light (Viénot, Brettel and Mollon 1999; Machado 2009 for tritanopia). */
const sights: Record<string, readonly Channels[]> = {
  'full colours': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function seen(colour: Channels, sight: readonly Channels[]): Channels {
  return sight.map(row => row.reduce((sum, weight, at) => sum + weight * colour[at]!, 0)) as Channels
}

/** CIE 1976 L*a*b*. */
function lab([red, green, blue]: Channels): Channels {
  const [x, y, z] = [
    (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
    0.2126 * red + 0.7152 * green + 0.0722 * blue,
    (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
  ].map(part => (part > 0.008856 ? Math.cbrt(Math.max(0, part)) : 7.787 * part + 16 / 116)) as Channels
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function difference(one: Channels, other: Channels): number {
  const [a, b] = [lab(one), lab(other)]
  return Math.hypot(...a.map((part, at) => part - b[at]!))
}

describe.each(Object.entries(themes))('the colours of charts in %s', (_, theme) => {
  it.each(Object.entries(sights))('tell p95 from p99 with %s', (_, sight) => {
    const [p95, p99] = ['blue', 'orange'].map(name => seen(theme.get(name)!, sight)) as [Channels, Channels]
    expect(difference(p95, p99)).toBeGreaterThan(25)
  })
})
