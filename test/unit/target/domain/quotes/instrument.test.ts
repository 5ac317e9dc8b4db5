import { describe, expect, it } from 'vitest'
import type { Quote } from '../../../../../contract/sockets/quotes.ts'
import { random } from '../../../../../core/random.ts'
import { Instrument } from '../../../../../target/domain/quotes/instrument.ts'
import { symbols } from '../../../../../target/domain/quotes/symbols.ts'

function walk(symbol: string, steps: number, seed = 1): Quote[] {
  const instrument = new Instrument(symbol, random(seed))
  return Array.from({ length: steps }, () => {
    instrument.step()
    return instrument.quote(0)
  })
}

describe('an instrument', () => {
  it('walks the same way for the same seed, and another for another seed or symbol', () => {
    expect(walk('NASDAQ:AAPL', 50)).toEqual(walk('NASDAQ:AAPL', 50))
    const prices = (quotes: Quote[]) => quotes.map(({ last }) => last)
    expect(prices(walk('NASDAQ:AAPL', 50, 2))).not.toEqual(prices(walk('NASDAQ:AAPL', 50)))
    expect(prices(walk('NYSE:IBM', 50))).not.toEqual(prices(walk('NASDAQ:AAPL', 50)))
  })

  it('stands at sequence 0 until its first step', () => {
    expect(new Instrument('NYSE:IBM', random(1)).quote(7)).toMatchObject({ symbol: 'NYSE:IBM', sequence: 0, ts: 7 })
  })

  it('keeps its figures plausible over a long walk: whole cents, bid ≤ last < ask, growing volume', () => {
    for (const symbol of ['NASDAQ:AAPL', 'LSE:VOD', 'XETRA:SAP']) {
      const quotes = walk(symbol, 50_000)
      const [first] = quotes as [Quote]
      let volume = 0
      for (const [index, quote] of quotes.entries()) {
        if (quote.sequence !== index + 1) expect.fail(`sequence ${quote.sequence} at step ${index + 1}`)
        const isPlausible =
          quote.bid <= quote.last &&
          quote.last < quote.ask &&
          quote.bid > 0 &&
          quote.volume > volume &&
          quote.last > first.last / 2 &&
          quote.last < first.last * 2
        const isInCents = [quote.bid, quote.ask, quote.last].every(price => Math.round(price * 100) / 100 === price)
        if (!isPlausible || !isInCents) expect.fail(JSON.stringify(quote))
        volume = quote.volume
      }
      expect(new Set(quotes.map(({ last }) => last)).size).toBeGreaterThan(20)
    }
  })
})

describe('the symbols', () => {
  it('are many and distinct, and can all be requested', () => {
    expect(symbols.length).toBeGreaterThanOrEqual(350)
    expect(new Set(symbols).size).toBe(symbols.length)
    for (const symbol of symbols) expect(symbol).toMatch(/^[A-Z]+:[A-Z0-9./-]+$/)
    expect(symbols).toEqual(
      expect.arrayContaining(['NASDAQ:AAPL', 'NASDAQ:MSFT', 'NYSE:IBM', 'NYSE:BRK.B', 'AMEX:SPY', 'NASDAQ:SPY']),
    )
  })

  it('keep their positions, which decide when each is due, when others are added', () => {
    const places = ['NASDAQ:AAPL', 'NYSE:ABBV', 'AMEX:DIA', 'XETRA:VOW3'].map(symbol => symbols.indexOf(symbol))
    expect(places).toEqual([0, 76, 148, 170])
  })
})
