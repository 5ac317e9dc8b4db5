import { seededOrder, type SeededOrderDependencies } from '../orders/seeded-order.ts'
import { userOwner } from '../../exchange/owner.ts'
import type { Category, Product } from '../../../contract/api/catalog.ts'
import { type Order, seededOrderIds } from '../../../contract/api/orders.ts'

export type DatasetName = 'products' | 'categories' | 'orders'

/** The data of a report, as records in the form of the API and as rows of a table. */
export interface Dataset<T = unknown> {
  readonly columns: readonly string[]
  /** Whether each tenant has different records. */
  readonly isPerTenant: boolean
  records(tenant: string): Iterable<T>
  rows(record: T): CsvCell[][]
}

export type Datasets = Readonly<Record<DatasetName, Dataset>>

/** Number of users whose seeded orders are reported. */
const USERS = 5

/** Returns the dataset for a type of report, which is any text. Without a known word it is `orders`. */
export function datasetOf(type: string): DatasetName {
  if (/categor/i.test(type)) return 'categories'
  return /product|inventory|stock|catalog/i.test(type) ? 'products' : 'orders'
}

export function createDatasets(dependencies: SeededOrderDependencies): Datasets {
  const { catalog } = dependencies
  const products: Dataset<Product> = {
    columns: [...productColumns, 'tags'],
    isPerTenant: false,
    *records() {
      for (let id = 1; id <= catalog.size; id++) yield catalog.product(id) as Product
    },
    rows: product => [[...productColumns.map(column => product[column]), product.tags.join(';')]],
  }
  const categories: Dataset<Category> = {
    columns: ['slug', 'name', 'product_count'],
    isPerTenant: false,
    records: () => catalog.categories,
    rows: ({ slug, name, product_count }) => [[slug, name, product_count]],
  }
  const seededOrders: Dataset<Order> = {
    columns: [...orderColumns.map(column => `order_${column}`), ...itemColumns],
    isPerTenant: true,
    *records(tenant) {
      for (let userId = 1; userId <= USERS; userId++) {
        const owner = userOwner(tenant, userId)
        for (let id = seededOrderIds.first; id <= seededOrderIds.last; id++) {
          yield seededOrder(owner, id, dependencies)
        }
      }
    },
    // One row for each item.
    rows: order =>
      order.items.map(item => [
        ...orderColumns.map(column => order[column]),
        ...itemColumns.map(column => item[column]),
      ]),
  }
  return { products, categories, orders: seededOrders }
}

const productColumns = [
  'id',
  'sku',
  'name',
  'description',
  'brand',
  'category',
  'price',
  'currency',
  'rating',
  'reviews',
  'stock',
  'created_at',
] as const satisfies (keyof Product)[]
const orderColumns = ['id', 'user_id', 'status', 'created_at', 'currency', 'total'] as const satisfies (keyof Order)[]
const itemColumns = [
  'product_id',
  'name',
  'quantity',
  'unit_price',
  'total',
] as const satisfies (keyof Order['items'][number])[]

export type CsvCell = string | number | null

/** Returns a record of RFC 4180, with quotes only where needed and a final CRLF. Null is written as an empty cell. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return ''
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
