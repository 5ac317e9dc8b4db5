import { describe, expect, it } from 'vitest'
import type { Quote } from '../../../../../contract/sockets/quotes.ts'
import { random } from '../../../../../core/random.ts'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { Market } from '../../../../../target/domain/quotes/market.ts'
import { symbols } from '../../../../../target/domain/quotes/symbols.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

const AAPL = 'NASDAQ:AAPL'
const IBM = 'NYSE:IBM'

function open(rate = 10) {
  const clock = new FakeClock()
  const settings = new LiveSettings(loadConfiguration({ env: {}, flags: { 'quotes.rate': String(rate) } }))
  const quotes: (Quote & { at: number })[] = []
  const onQuote = (quote: Quote) => void quotes.push({ ...quote, at: clock.now() })
  const market = new Market({ settings, clock, random: random(1), onQuote })
  return {
    clock,
    market,
    quotes,
    of: (symbol: string) => quotes.filter(quote => quote.symbol === symbol),
    setRate: (rate: number) => settings.change({ ...settings.current, quotes: { ...settings.current.quotes, rate } }),
  }
}

const sequences = (quotes: Quote[]) => quotes.map(({ sequence }) => sequence)
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('a market', () => {
  it('quotes only followed symbols, at the rate and without gaps', async () => {
    const { market, clock, quotes, of } = open()
    market.follow(AAPL)
    await clock.advance(1000)
    expect(sequences(of(AAPL))).toEqual(upTo(10))
    expect(quotes).toHaveLength(10)
    for (const { ts, at } of quotes) expect(ts - at).toBeCloseTo(clock.wallTime() - clock.now(), 2)
  })

  it('does not drift: quotes are a period apart, however long it runs', async () => {
    const { market, clock, of } = open(3)
    market.follow(AAPL)
    await clock.advance(100_000)
    const times = of(AAPL).map(({ at }) => at)
    expect(times).toHaveLength(300)
    for (const [index, at] of times.entries()) expect(at).toBeCloseTo((times[0] as number) + (index * 1000) / 3, 6)
  })

  it('spreads its symbols over the period', async () => {
    const { market, clock, quotes } = open()
    for (const symbol of symbols) market.follow(symbol)
    await clock.advance(100)
    quotes.length = 0
    await clock.advance(100)
    expect(quotes).toHaveLength(symbols.length)
    const perTenth = Array.from({ length: 10 }, () => 0)
    for (const { at } of quotes) perTenth[Math.floor((at - 100) / 10) % 10]! += 1
    // What is due within 5 ms comes together, so that a tenth may get what is due in half as much again.
    for (const due of perTenth) expect(due).toBeLessThan((symbols.length / 10) * 1.7)
  })

  it('keeps a thousand quotes a second', async () => {
    const { market, clock, of } = open(1000)
    market.follow(AAPL)
    market.follow(IBM)
    await clock.advance(1010)
    expect(of(AAPL).length).toBeGreaterThanOrEqual(1000)
    expect(sequences(of(IBM))).toEqual(upTo(of(IBM).length))
  })

  it('pauses a symbol without followers, and continues where it was', async () => {
    const { market, clock, of } = open()
    market.follow(AAPL)
    await clock.advance(500)
    market.rest(AAPL)
    await clock.advance(5000)
    expect(of(AAPL)).toHaveLength(5)
    expect(market.snapshot(AAPL)).toMatchObject({ sequence: 5, ts: clock.wallTime() })
    market.follow(AAPL)
    await clock.advance(500)
    expect(sequences(of(AAPL))).toEqual(upTo(10))
  })

  it('walks the same way whichever other symbols are followed', async () => {
    const alone = open()
    alone.market.follow(AAPL)
    await alone.clock.advance(1000)
    const inCompany = open()
    inCompany.market.follow(IBM)
    await inCompany.clock.advance(300)
    inCompany.market.follow(AAPL)
    await inCompany.clock.advance(1000)
    const prices = (quotes: Quote[]) => quotes.map(({ bid, last, ask, volume }) => [bid, last, ask, volume])
    expect(prices(inCompany.of(AAPL))).toEqual(prices(alone.of(AAPL)))
  })

  it('makes up for a short delay, and after a stall quotes later, with no gap and no burst', async () => {
    const { market, clock, of } = open(100)
    market.follow(AAPL)
    await clock.advance(100)
    expect(sequences(of(AAPL))).toEqual(upTo(10))
    clock.stall(80)
    await clock.advance(0)
    expect(sequences(of(AAPL))).toEqual(upTo(18))
    clock.stall(5000)
    await clock.advance(0)
    expect(of(AAPL).length).toBeLessThanOrEqual(29)
    await clock.advance(100)
    expect(of(AAPL).length).toBeLessThanOrEqual(39)
    expect(sequences(of(AAPL))).toEqual(upTo(of(AAPL).length))
  })

  it('misses no quote of a slow symbol when the loop is late', async () => {
    const { market, clock, of } = open(1)
    market.follow(AAPL)
    await clock.advance(2000)
    clock.stall(900)
    await clock.advance(1100)
    expect(sequences(of(AAPL))).toEqual(upTo(4))
  })

  it('applies another rate while it runs; 0 switches it off', async () => {
    const { market, clock, of, setRate } = open(0)
    market.follow(AAPL)
    await clock.advance(1000)
    expect(of(AAPL)).toEqual([])
    setRate(10)
    await clock.advance(1050)
    expect(sequences(of(AAPL))).toEqual(upTo(10))
    setRate(0)
    await clock.advance(1000)
    expect(of(AAPL).length).toBeLessThanOrEqual(11)
  })

  it('returns to the seed, except for followed symbols', async () => {
    const { market, clock } = open()
    const opening = market.snapshot(IBM)
    market.follow(AAPL)
    market.follow(IBM)
    await clock.advance(1000)
    market.rest(IBM)
    market.reset()
    expect(market.snapshot(IBM)).toEqual({ ...opening, ts: clock.wallTime() })
    expect(market.snapshot(AAPL)).toMatchObject({ sequence: 10 })
  })
})
