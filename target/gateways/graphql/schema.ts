import { buildSchema, type GraphQLSchema } from 'graphql'

/** Names are those of the REST API, so that both show the same objects. */
const definitions = /* GraphQL */ `
  "Any value of JSON. A number beyond 2^53 loses digits."
  scalar JSON

  enum OrderStatus { pending paid shipped delivered cancelled }
  enum ProductSort { popularity price price_descending name rating newest }
  enum StartPoint { latest earliest }

  type Product {
    id: Int!
    sku: String!
    name: String!
    description: String!
    brand: String!
    category: String!
    price: Float!
    currency: String!
    rating: Float!
    reviews: Int!
    stock: Int!
    tags: [String!]!
    created_at: String!
  }
  type ProductPage { items: [Product!]! page: Int! limit: Int! total: Int! }
  type Category { slug: String! name: String! product_count: Int! }

  type OrderItem {
    product_id: Int!
    name: String!
    quantity: Int!
    unit_price: Float!
    total: Float!
    "The product as the catalog has it now. Over REST, this is a request for each item."
    product: Product
  }
  type Order {
    id: Int!
    "Null for the order of a guest."
    user_id: Int
    status: OrderStatus!
    items: [OrderItem!]!
    total: Float!
    currency: String!
    shipping_address: JSON
    created_at: String!
  }
  type OrderPage { items: [Order!]! page: Int! limit: Int! total: Int! }

  type StreamState { stream: String! partitions: Int! accepted: Int! kept: Int! bytes: Int! subscribers: Int! groups: Int! }

  "An event of a stream, and its place."
  type Event {
    event_type: String!
    event_id: String!
    source: String
    timestamp: JSON
    partition_key: JSON
    data: JSON!
    stream: String!
    partition: Int!
    offset: Int!
    published_at: Float!
    cursor: String!
  }
  type Published { event_id: String! stream: String! partition: Int! offset: Int! accepted_at: Float! duplicate: Boolean! }

  "A message of a chat room."
  type ChatMessage { channel: String! sequence: Int! id: JSON! senderId: JSON text: String sentAt: JSON }
  type ChatHistory { messages: [ChatMessage!]! complete: Boolean! }
  type ChatAcknowledgement { channel: String! sequence: Int! id: JSON! acceptedAt: Float! }

  input OrderItemInput { product_id: Int! quantity: Int = 1 }
  "Either product_id or items is required."
  input OrderInput { product_id: Int quantity: Int items: [OrderItemInput!] shipping_address: JSON }
  input EventInput { event_type: String! event_id: String! source: String timestamp: JSON partition_key: JSON data: JSON! }
  input ChatMessageInput { id: JSON! senderId: JSON text: String sentAt: JSON }

  type Query {
    product(id: Int!): Product
    products(q: String, category: String, min_price: Float, max_price: Float, sort: ProductSort, page: Int = 1, limit: Int = 20): ProductPage
    categories: [Category!]
    order(id: Int!): Order
    "The orders of the caller, newest first."
    orders(status: OrderStatus, page: Int = 1, limit: Int = 20): OrderPage
    streams: [StreamState!]
    "The kept messages of a room: those after a sequence, else the newest."
    messages(channel: String!, after: Int, limit: Int = 100): ChatHistory
  }
  type Mutation {
    createOrder(input: OrderInput!): Order
    publishEvent(event: EventInput!): Published
    "Sends a message to the members of a room, whichever protocol they use."
    sendMessage(channel: String!, message: ChatMessageInput!): ChatAcknowledgement
  }
  type Subscription {
    "Null only together with extensions.reset or extensions.lagged."
    events(streams: [String!]!, after: String, from: StartPoint, types: [String!], partitions: [Int!], group: String): Event
    messages(channel: String!): ChatMessage
  }
`

export function createSchema(): GraphQLSchema {
  return buildSchema(definitions)
}
