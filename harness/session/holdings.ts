/** A resource that a virtual user can hold open. */
export interface Holding {
  /** Resolves once it is closed and all of it is counted; never rejects. */
  release(): Promise<unknown>
}

/** Resources that one virtual user holds open: those of `begin` and its streams until its end, others until the end of the iteration. */
export class Holdings {
  /** Created when they are needed: most users hold nothing. */
  #kept: Set<Holding> | undefined
  #unkept: Set<Holding> | undefined

  add(holding: Holding): void {
    this.#unkept ??= new Set()
    this.#unkept.add(holding)
  }

  /** Adds a resource that stays open between iterations. */
  addKept(holding: Holding): void {
    this.#kept ??= new Set()
    this.#kept.add(holding)
  }

  /** Removes a resource that has closed. */
  delete(holding: Holding): void {
    this.#unkept?.delete(holding)
    this.#kept?.delete(holding)
  }

  /** Keeps everything that is held now until the end. */
  keep(): void {
    if (this.#unkept === undefined) return
    this.#kept = new Set([...(this.#kept ?? []), ...this.#unkept])
    this.#unkept = undefined
  }

  /** Releases what is not kept; undefined when there is nothing to wait for. */
  releaseUnkept(): Promise<void> | undefined {
    return this.#unkept?.size ? this.#release([...this.#unkept]) : undefined
  }

  releaseAll(): Promise<void> | undefined {
    this.keep()
    return this.#kept?.size ? this.#release([...this.#kept]) : undefined
  }

  async #release(holdings: Holding[]): Promise<void> {
    await Promise.all(holdings.map(holding => holding.release()))
    for (const holding of holdings) this.delete(holding)
  }
}
