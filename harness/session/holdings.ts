/** A resource that a virtual user can hold open. */
export interface Holding {
  /** Resolves once it is closed and all of it is counted; never rejects. */
  release(): Promise<unknown>
}

/** Resources that one virtual user holds open: those of `begin` until its end, others until the end of the iteration. */
export class Holdings {
  /** Made when it is needed: most users hold nothing. */
  #held: Map<Holding, { kept: boolean }> | undefined
  #unkept = 0

  add(holding: Holding): void {
    this.#held ??= new Map()
    this.#held.set(holding, { kept: false })
    this.#unkept += 1
  }

  /** Removes a resource that has closed. */
  delete(holding: Holding): void {
    const held = this.#held?.get(holding)
    if (held === undefined) return
    this.#held!.delete(holding)
    if (!held.kept) this.#unkept -= 1
  }

  /** Everything held now is kept until the end. */
  keep(): void {
    for (const held of this.#held?.values() ?? []) held.kept = true
    this.#unkept = 0
  }

  /** Releases what is not kept; undefined when there is nothing to wait for. */
  releaseUnkept(): Promise<void> | undefined {
    return this.#unkept === 0 ? undefined : this.#release(({ kept }) => !kept)
  }

  releaseAll(): Promise<void> | undefined {
    return this.#held === undefined || this.#held.size === 0 ? undefined : this.#release(() => true)
  }

  async #release(chosen: (held: { kept: boolean }) => boolean): Promise<void> {
    const holdings = [...this.#held!].filter(([, held]) => chosen(held)).map(([holding]) => holding)
    await Promise.all(holdings.map(holding => holding.release()))
    for (const holding of holdings) this.delete(holding)
  }
}
