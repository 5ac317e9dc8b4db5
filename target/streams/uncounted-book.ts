import type { StreamBook, WindowSource } from '../exchange/account.ts'

/** The account of a subscription whose events are counted with those of its WebSocket. */
export class UncountedBook implements StreamBook {
  readonly key: string
  source: WindowSource | undefined
  unsettled: undefined

  constructor(key: string) {
    this.key = key
  }

  reset(): void {}
  delivered(): void {}
  dropped(): void {}
  injected(): void {}
  closed(): void {}
}
