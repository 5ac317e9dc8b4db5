/** The products of a category, and the words that describe them. */
interface Department {
  name: string
  /** Kinds of its products, such as `Wireless`. Without kinds, the names contain a material. */
  kinds?: readonly string[]
  /** Nouns of its products, with a usual price in whole units. */
  things: Readonly<Record<string, number>>
  /** At most eight. */
  tags: readonly string[]
  /** A sentence about any of its products. */
  pitches: readonly string[]
}

const assortment: readonly Department[] = [
  {
    name: 'Electronics',
    kinds: ['Wireless', 'Bluetooth', 'Portable', 'Compact', 'Smart', 'Gaming', 'Professional', 'Solar'],
    things: {
      Laptop: 950,
      Phone: 620,
      Tablet: 380,
      Headphones: 120,
      Speaker: 90,
      Camera: 480,
      Keyboard: 75,
      Mouse: 35,
      Monitor: 260,
      Charger: 28,
      Watch: 210,
    },
    tags: ['wireless', 'rechargeable', 'bluetooth', 'usb', 'portable', 'energy-saving', 'office', 'travel'],
    pitches: [
      'A device that is ready when you are.',
      'Built around a battery that lasts all day.',
      'Sharp pictures, clear sound and no cables in the way.',
      'Small enough for a bag, strong enough for the office.',
    ],
  },
  {
    name: 'Books',
    kinds: ['Illustrated', 'Historical', 'Scientific', 'Pocket', 'Annotated', 'Classic', 'Beginner', 'Collected'],
    things: { Novel: 16, Cookbook: 29, Atlas: 42, Biography: 22, Handbook: 34, Dictionary: 38, Anthology: 24 },
    tags: ['hardcover', 'paperback', 'bestseller', 'fiction', 'reference', 'award', 'signed', 'large-print'],
    pitches: [
      'A book that is hard to put down.',
      'Read by thousands, and lent to as many friends.',
      'Printed on heavy paper and bound to last.',
      'Everything about its subject, in plain words.',
    ],
  },
  {
    name: 'Home',
    things: { Chair: 110, Table: 240, Lamp: 60, Shelf: 85, Sofa: 780, Rug: 140, Mirror: 70, Cushion: 25, Desk: 290 },
    tags: ['furniture', 'living-room', 'bedroom', 'minimalist', 'vintage', 'assembled', 'decor', 'office'],
    pitches: [
      'Makes a room look as if somebody had thought about it.',
      'Comfortable at breakfast and after midnight.',
      'Fits a small flat as well as a large house.',
      'Put together in ten minutes, with the tool in the box.',
    ],
  },
  {
    name: 'Fitness',
    kinds: ['Adjustable', 'Foldable', 'Weighted', 'Magnetic', 'Resistance', 'Training', 'Balance', 'Competition'],
    things: { Dumbbell: 45, Treadmill: 890, Kettlebell: 38, Mat: 27, Bench: 160, Bike: 540, Rower: 720, Rope: 15 },
    tags: ['strength', 'cardio', 'yoga', 'indoor', 'non-slip', 'heavy-duty', 'beginner', 'recovery'],
    pitches: [
      'For a workout that fits between two meetings.',
      'Takes whatever you lift, pull or push.',
      'Quiet enough for the neighbours below.',
      'Grows with you from the first week to the first race.',
    ],
  },
  {
    name: 'Clothing',
    kinds: ['Cotton', 'Woollen', 'Linen', 'Denim', 'Leather', 'Fleece', 'Waterproof', 'Knitted'],
    things: { Shirt: 32, Jacket: 120, Trousers: 58, Dress: 74, Sweater: 64, Shoes: 90, Scarf: 22, Hat: 19, Socks: 9 },
    tags: ['women', 'men', 'kids', 'summer', 'winter', 'organic', 'slim-fit', 'casual'],
    pitches: [
      'Soft on the skin and hard to wear out.',
      'Goes with what is in your wardrobe already.',
      'Cut to fit, and washed before it is sold.',
      'Warm in the wind and light on the shoulders.',
    ],
  },
  {
    name: 'Toys',
    things: { Puzzle: 18, Robot: 55, Train: 48, Doll: 26, Kite: 21, Blocks: 34, Castle: 62, Dinosaur: 17, Yoyo: 8 },
    tags: ['educational', 'toddler', 'outdoor', 'washable', 'family', 'collectible', 'creative', 'battery-free'],
    pitches: [
      'Keeps children busy on a rainy afternoon.',
      'Safe for small hands and for the furniture.',
      'Played with today and handed down tomorrow.',
      'No batteries, no screen, no instructions.',
    ],
  },
  {
    name: 'Garden',
    things: { Planter: 36, Shovel: 28, Hose: 42, Lantern: 31, Bench: 210, Barbecue: 330, Birdhouse: 24 },
    tags: ['weatherproof', 'balcony', 'lawn', 'watering', 'terrace', 'frost-proof', 'herbs', 'outdoor'],
    pitches: [
      'Stays outside all year and does not mind.',
      'For a large garden or a small balcony.',
      'Makes the neighbours ask where you got it.',
      'Lasts longer than what you plant in it.',
    ],
  },
  {
    name: 'Beauty',
    kinds: ['Herbal', 'Organic', 'Moisturising', 'Scented', 'Mineral', 'Gentle', 'Vitamin', 'Botanical'],
    things: { Cream: 24, Shampoo: 11, Soap: 6, Perfume: 68, Lipstick: 17, Serum: 39, Lotion: 14, Brush: 12, Mask: 9 },
    tags: ['vegan', 'fragrance-free', 'sensitive', 'refill', 'cruelty-free', 'night', 'daily', 'gift'],
    pitches: [
      'A little goes a long way.',
      'Made in small batches without anything you could not spell.',
      'For skin that has seen a long winter.',
      'Smells of a garden after the rain.',
    ],
  },
  {
    name: 'Sports',
    kinds: ['Carbon', 'Junior', 'Professional', 'Lightweight', 'Alpine', 'Indoor', 'Racing', 'Trail'],
    things: { Ball: 24, Racket: 95, Helmet: 78, Skis: 420, Shoes: 95, Backpack: 85, Tent: 260, Paddle: 62 },
    tags: ['outdoor', 'team', 'water', 'winter', 'waterproof', 'club', 'camping', 'running'],
    pitches: [
      'Tested by a club that trains in the rain.',
      'Light in the hand and steady in the wind.',
      'For the first match of the season and the last.',
      'Packs small and opens fast.',
    ],
  },
  {
    name: 'Kitchen',
    things: { Pan: 48, Knife: 56, Kettle: 39, Bowl: 16, Mug: 11, Toaster: 52, Blender: 84, Grinder: 44, Board: 23 },
    tags: ['dishwasher-safe', 'induction', 'non-stick', 'baking', 'coffee', 'stackable', 'compact', 'gift'],
    pitches: [
      'Heats evenly and cleans in a minute.',
      'The one that cooks reach for first.',
      'Takes little room and does much work.',
      'As good on the table as on the stove.',
    ],
  },
  {
    name: 'Music',
    kinds: ['Acoustic', 'Electric', 'Vintage', 'Digital', 'Travel', 'Concert', 'Student', 'Studio'],
    things: { Guitar: 390, Piano: 1400, Violin: 520, Microphone: 130, Turntable: 270, Trumpet: 460, Ukulele: 75 },
    tags: ['strings', 'stage', 'recording', 'beginner', 'handmade', 'vinyl', 'orchestra', 'portable'],
    pitches: [
      'Sounds as it looks, and it looks well.',
      'Stays in tune through a long evening.',
      'For the first lesson and for the last encore.',
      'Loud on a stage and polite in a flat.',
    ],
  },
  {
    name: 'Grocery',
    kinds: ['Organic', 'Smoked', 'Roasted', 'Dried', 'Spicy', 'Wholegrain', 'Salted', 'Sweet'],
    things: { Coffee: 9, Tea: 6, Chocolate: 4, Cheese: 8, Pasta: 3, Honey: 7, Sausages: 6, Almonds: 5, Crackers: 3 },
    tags: ['vegan', 'gluten-free', 'fair-trade', 'local', 'breakfast', 'snack', 'family', 'gift'],
    pitches: [
      'Tastes as it did when you were a child.',
      'From farms that we know by name.',
      'Good on its own and better with company.',
      'Keeps for months, and never gets the chance to.',
    ],
  },
]

/** The departments in the order of `GET /categories`. */
export const departments = assortment.map(department => ({ ...department, slug: department.name.toLowerCase() }))

/** Sentences that end the description of any product. */
export const promises: readonly string[] = [
  'Leaves our warehouse on the day you order.',
  'Comes with a guarantee of two years.',
  'May be returned within thirty days.',
  'Wrapped without any plastic.',
  'Spare parts are kept for ten years.',
  'Chosen by our staff.',
  'Made in small numbers, so be quick.',
  'Support answers within the hour.',
]
