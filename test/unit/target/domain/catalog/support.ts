import type { Product } from '../../../../../contract/api/catalog.ts'
import { random } from '../../../../../core/random.ts'
import { Catalog } from '../../../../../target/domain/catalog/catalog.ts'
import { createVocabulary } from '../../../../../target/domain/vocabulary.ts'

/** As the target makes it for a seed. */
export function catalogOf(products: number, seed = 1): Catalog {
  const root = random(seed)
  const vocabulary = createVocabulary(root.fork('vocabulary'))
  return new Catalog({ products, random: root.fork('catalog'), vocabulary })
}

export function allProducts(catalog: Catalog): Product[] {
  return Array.from({ length: catalog.size }, (_, place) => catalog.product(place + 1) as Product)
}
