/** Rows of the demo shop: the same on every machine and every day. */

export type Row = readonly (string | number)[];

/** Rows by table, in an order in which references exist before they are used. */
export interface ShopData {
  readonly customers: readonly Row[];
  readonly products: readonly Row[];
  readonly orders: readonly Row[];
  readonly order_items: readonly Row[];
}

const firstNames =
  "Ada Bela Chiara Daniel Elif Farid Greta Hana Ivo Jana Kofi Lena Mateo Nora Omar Petra Quinn Rosa Sven Tara";
const lastNames = "Adler Berg Costa Dietrich Eriksen Ferrari Grant Haas Ito Jensen Kaya Lopez Moreau Novak Okafor Park";
const countries = ["Germany", "France", "Italy", "Spain", "Poland", "Sweden"];
const categories: Readonly<Record<string, readonly [string, number][]>> = {
  Coffee: [
    ["House blend 500 g", 1190],
    ["Single origin 250 g", 990],
    ["Decaf 250 g", 890],
    ["Espresso roast 1 kg", 2190],
  ],
  Tea: [
    ["Earl Grey 100 g", 690],
    ["Sencha 100 g", 1090],
    ["Rooibos 200 g", 790],
  ],
  Equipment: [
    ["Hand grinder", 6900],
    ["Pour-over kettle", 5490],
    ["French press", 3490],
    ["Kitchen scale", 2990],
    ["Milk frother", 1990],
  ],
  Accessories: [
    ["Paper filters, 100", 390],
    ["Glass cup, set of 2", 1590],
    ["Storage tin", 1290],
    ["Cleaning brush", 590],
  ],
};
const customerCount = 120;
const orderCount = 900;
const firstDay = Date.UTC(2024, 0, 1);
const days = 547;
const dayMs = 86_400_000;

/** Makes the shop: 120 customers, 16 products and 900 orders from January 2024 to June 2025; money in cents. */
export function createShopData(): ShopData {
  const random = createRandom(20_240_101);
  const products = Object.entries(categories)
    .flatMap(([category, items]) => items.map(([name, cents]) => [name, category, cents] as const))
    .map(([name, category, cents], index) => [index + 1, name, category, cents, random.below(200)] as const);
  const customers = Array.from({ length: customerCount }, (_, index) => customer(index + 1, random));
  const orders: Row[] = [];
  const items: Row[] = [];
  for (let id = 1; id <= orderCount; id += 1) {
    const lines = pickProducts(products, random).map(
      ([product, , , cents]) => [product, 1 + random.below(3), cents] as const,
    );
    const total = lines.reduce((sum, [, quantity, cents]) => sum + quantity * cents, 0);
    // Squared, so that some customers order often and most seldom.
    const customerId = 1 + Math.floor(random.next() ** 2 * customerCount);
    const ordered = new Date(firstDay + Math.floor(((id - 1 + random.next()) / orderCount) * days) * dayMs);
    orders.push([id, customerId, ordered.toISOString().slice(0, 10), status(random), total]);
    for (const line of lines) items.push([id, ...line]);
  }
  return { customers, products, orders, order_items: items };
}

function customer(id: number, random: Random): Row {
  const first = random.pick(firstNames.split(" "));
  const last = random.pick(lastNames.split(" "));
  const since = new Date(firstDay - random.below(700) * dayMs).toISOString().slice(0, 10);
  const email = `${first}.${last}.${id}@example.com`.toLowerCase();
  return [id, `${first} ${last}`, email, random.pick(countries), since];
}

type Product = readonly [id: number, name: string, category: string, cents: number, stock: number];

function pickProducts(products: readonly Product[], random: Random): Product[] {
  const count = 1 + random.below(4);
  const picked = new Set<Product>();
  while (picked.size < count) picked.add(random.pick(products));
  return [...picked];
}

function status(random: Random): string {
  const roll = random.next();
  if (roll < 0.05) return "cancelled";
  return roll < 0.12 ? "returned" : "delivered";
}

interface Random {
  /** From 0 up to 1. */
  next(): number;
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** mulberry32: small, fast, and the same sequence everywhere. */
function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("nothing to pick from");
      return item;
    },
  };
}
