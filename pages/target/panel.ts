import type { TargetSetup, TargetSnapshot } from '../../contract/target-page.ts'

/** A part of the page that shows some of each snapshot. */
export interface LivePanel {
  readonly root: HTMLElement
  show(snapshot: TargetSnapshot): void
  /** Called when anything that can be changed is set in another way. */
  arrange?(setup: TargetSetup): void
  /** The target was started again, so what was drawn belongs to another one. */
  restart(): void
}
