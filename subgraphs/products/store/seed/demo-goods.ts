/** The forms a demo product comes in: what varies, and how the price follows. */
export type Choice = "none" | "colour" | "size" | "format";

export interface DemoGoods {
  readonly name: string;
  readonly description: string;
  readonly priceMinor: number;
  readonly weightGrams: number;
  readonly stem: string;
  readonly choice: Choice;
}

const goods = (
  name: string,
  stem: string,
  priceMinor: number,
  weightGrams: number,
  choice: Choice,
  description: string,
): DemoGoods => ({ name, stem, priceMinor, weightGrams, choice, description });

/** What the demo shop sells, by the slug of its category. Data only: that is why this file is as long as it is. */
export const DEMO_GOODS: Readonly<Record<string, readonly DemoGoods[]>> = {
  tableware: [
    goods("Estuary Dinner Plate", "PLATE-EST", 2_200, 640, "colour", "Stoneware plate, 27 cm, glazed like wet sand."),
    goods("Headwater Carafe", "CARAFE-HEAD", 3_400, 780, "none", "Mouth-blown carafe for a litre, with a cork ball."),
    goods("Ripple Bowl Set", "BOWL-RIP", 4_800, 1_450, "colour", "Four porcelain bowls that stack without a sound."),
    goods("Otter Espresso Cups", "CUP-OTTER", 2_900, 420, "colour", "Two cups for 80 ml, with room for a thumb."),
    goods("Willow Serving Board", "BOARD-WIL", 3_900, 1_100, "size", "Oiled walnut board with a groove for the juice."),
  ],
  textiles: [
    goods("Mist Linen Throw", "THROW-MIST", 8_900, 900, "colour", "Washed linen, 130 by 180 cm, heavy enough to stay."),
    goods("Reed Cushion Cover", "CUSHION-REED", 3_200, 280, "colour", "Woven cotton cover, 50 by 50 cm, hidden zip."),
    goods("Bank Tea Towels", "TOWEL-BANK", 1_900, 210, "none", "Three half-linen towels that dry a glass at once."),
    goods("Confluence Blanket", "BLANKET-CON", 12_900, 1_600, "size", "Merino blanket with two patterns that meet."),
    goods("Ferry Apron", "APRON-FERRY", 4_400, 350, "colour", "Canvas apron with crossed straps and one deep pocket."),
    goods("Pebble Bath Mat", "MAT-PEB", 3_600, 800, "colour", "Thick cotton terry, 60 by 90 cm."),
  ],
  lighting: [
    goods(
      "Lantern of the Lock",
      "LAMP-LOCK",
      7_900,
      1_300,
      "colour",
      "Rechargeable lantern, twelve hours on warm light.",
    ),
    goods("Heron Desk Lamp", "LAMP-HERON", 11_900, 2_100, "colour", "One-legged lamp that bends where you read."),
    goods("Moonwake Night Light", "LAMP-MOON", 2_900, 180, "none", "A dim line of light along the floor."),
    goods("Drift Pendant", "LAMP-DRIFT", 15_900, 1_900, "size", "Paper shade on a steel frame, folded by hand."),
    goods("Tealight Fleet", "LIGHT-FLEET", 1_600, 300, "none", "Six small brass boats for tealights."),
    goods("Beacon Floor Lamp", "LAMP-BEACON", 18_900, 4_800, "colour", "Tall, slim, with a dimmer under the foot."),
  ],
  prints: [
    goods("Watershed Map", "PRINT-WATER", 3_900, 240, "format", "Every river that ends in the same sea, in one blue."),
    goods("Oxbow", "PRINT-OXBOW", 3_400, 240, "format", "A bend that the river forgot. Risograph, two colours."),
    goods("Braided River", "PRINT-BRAID", 4_200, 240, "format", "Aerial photograph, pigment print on cotton paper."),
    goods("Tide Table", "PRINT-TIDE", 2_900, 240, "format", "A year of high water, drawn day by day."),
    goods("Source", "PRINT-SOURCE", 3_400, 240, "format", "Linocut of the spring where it starts."),
  ],
  ceramics: [
    goods("Silt Vase", "VASE-SILT", 6_900, 1_200, "size", "Thrown from river clay, no two alike."),
    goods("Weir Planter", "POT-WEIR", 4_900, 1_800, "size", "Terracotta planter with an overflow that is meant."),
    goods("Kingfisher Tile", "TILE-KING", 1_800, 350, "colour", "Hand-painted tile, 15 cm, hangs or lies."),
    goods("Shoal Dish", "DISH-SHOAL", 2_600, 420, "colour", "For keys, rings and what comes out of pockets."),
    goods("Current Sculpture", "SCULPT-CUR", 24_900, 3_200, "none", "A still piece of moving water, signed."),
    goods("Gravel Candle Holder", "HOLDER-GRAV", 2_200, 500, "colour", "Three stones, drilled and glazed."),
  ],
  bags: [
    goods(
      "Portage Pack",
      "PACK-PORT",
      13_900,
      1_250,
      "colour",
      "Thirty litres, rolls shut, keeps out an hour of rain.",
    ),
    goods("Ferryman Tote", "TOTE-FERRY", 4_900, 480, "colour", "Waxed canvas with handles for shoulder and hand."),
    goods("Eddy Hip Bag", "HIP-EDDY", 3_900, 220, "colour", "Phone, keys, a map; nothing rattles."),
    goods("Raft Duffel", "DUFFEL-RAFT", 15_900, 1_500, "size", "Welded seams, four handles, one big opening."),
    goods("Minnow Pouch", "POUCH-MIN", 1_900, 90, "colour", "For cables and small things that swim away."),
    goods("Canal Messenger", "MESS-CANAL", 9_900, 1_050, "colour", "Flat on a bicycle, wide open on a desk."),
  ],
  bottles: [
    goods("Spring Bottle", "BOTTLE-SPR", 2_400, 320, "colour", "Single-walled steel, 750 ml, light as promised."),
    goods("Thermal Flask", "FLASK-THERM", 3_900, 460, "size", "Hot for twelve hours, cold for a day."),
    goods("Rapids Filter Bottle", "BOTTLE-RAP", 4_900, 390, "colour", "Filters while you squeeze; a thousand litres."),
    goods("Brook Kids Bottle", "BOTTLE-BROOK", 1_900, 210, "colour", "Survives playgrounds. Straw and lid included."),
    goods("Pier Travel Mug", "MUG-PIER", 2_900, 350, "colour", "Closes tight, opens with one finger."),
    goods("Reservoir Water Bag", "BAG-RES", 3_400, 260, "none", "Six litres, folds to the size of a fist."),
  ],
  "camp-kitchen": [
    goods("Campfire Kettle", "KETTLE-CAMP", 5_400, 680, "none", "Boils a litre on anything that burns."),
    goods("Trout Pan", "PAN-TROUT", 6_400, 1_300, "size", "Carbon steel pan with a handle that folds."),
    goods("Ladle and Spoon", "SET-LADLE", 2_100, 190, "none", "Beech wood, oiled; they hang on each other."),
    goods("Driftwood Stove", "STOVE-DRIFT", 8_900, 1_100, "none", "Burns twigs, packs flat, leaves no scar."),
    goods("Island Cutlery", "CUTLERY-ISL", 2_700, 160, "colour", "Knife, fork and spoon in a roll of canvas."),
    goods("Nesting Pots", "POTS-NEST", 7_900, 1_200, "none", "Three pots, two lids, one bundle."),
  ],
  notebooks: [
    goods("Logbook", "BOOK-LOG", 1_800, 380, "colour", "Dotted, thread-sewn, numbered pages, lies flat."),
    goods("Field Notes, set of three", "BOOK-FIELD", 1_400, 150, "none", "Pocket notebooks on paper that takes rain."),
    goods("Sketchbook", "BOOK-SKETCH", 2_200, 520, "format", "Heavy paper for pencil, ink and a little water."),
    goods("River Year Planner", "BOOK-YEAR", 2_600, 430, "colour", "A week on two pages, a tide on each."),
    goods("Index Cards", "CARDS-IDX", 900, 220, "none", "Two hundred, with a box that stands up."),
    goods("Music Notebook", "BOOK-MUSIC", 1_700, 340, "none", "Twelve staves a page, for what you hear outside."),
  ],
  writing: [
    goods(
      "Quill Fountain Pen",
      "PEN-QUILL",
      5_900,
      30,
      "colour",
      "Steel nib, converter included, forgives left hands.",
    ),
    goods("Riverbed Inks", "INK-BED", 1_900, 180, "colour", "Fifty millilitres of a colour found under water."),
    goods("Cedar Pencils", "PENCIL-CED", 1_200, 70, "none", "A dozen, from hard to soft."),
    goods("Brass Sharpener", "SHARP-BRASS", 800, 40, "none", "Two sizes, blades you can change."),
    goods("Ferry Letter Set", "LETTER-FERRY", 1_600, 260, "colour", "Paper and envelopes for slow answers."),
    goods("Sealing Wax", "WAX-SEAL", 1_300, 120, "colour", "Three sticks and a brass wave to press in."),
  ],
};
