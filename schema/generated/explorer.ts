// Made by `npm run codegen` from schema/api.graphql and schema/operations. Do not edit.
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A date-time string at UTC, such as 2007-12-03T10:15:30Z, compliant with the `date-time` format outlined in section 5.6 of the RFC 3339 profile of the ISO 8601 standard for representation of dates and times using the Gregorian calendar. */
  DateTime: { input: string; output: string; }
};

/** A session: who is signed in, and the tokens to show for it. */
export type AuthPayload = {
  /** JWT to send as `Authorization: Bearer …`; lives 15 minutes. */
  readonly accessToken: Scalars['String']['output'];
  /** When the access token stops working. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Exchange it with `refresh` for new tokens within 30 days; works once. Keep it secret. */
  readonly refreshToken: Scalars['String']['output'];
  /** Who is signed in. This request was not: ask `me` with the new token for the address and the roles. */
  readonly user: User;
};

/** Which order to cancel. */
export type CancelOrderInput = {
  /** The order's id. */
  readonly orderId: Scalars['ID']['input'];
  /** Why; only staff may give another reason than CUSTOMER_REQUEST. What fits the caller when left out. */
  readonly reason?: InputMaybe<OrderCancelReason>;
};

/** The cancelled order, or why it was not cancelled; ask each `Error` for its `code` and `message`. */
export type CancelOrderResult = CancelOrderSuccess | InvalidInputError | OrderNotCancellableError | OrderNotFoundError;

/** The order was cancelled. */
export type CancelOrderSuccess = {
  /** The order as it is now. */
  readonly order: Order;
};

/** A place in the shop's tree of categories. */
export type Category = {
  /** The categories right below it, by name. */
  readonly children: ReadonlyArray<Category>;
  /** The category's id. */
  readonly id: Scalars['ID']['output'];
  /** The name that people read. */
  readonly name: Scalars['String']['output'];
  /** The category above it; null at the top of the tree. */
  readonly parent?: Maybe<Category>;
  /** Names the category in addresses of pages: small letters, digits and dashes. */
  readonly slug: Scalars['String']['output'];
};

/** There is no such category. */
export type CategoryNotFoundError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** Which product to publish or archive. */
export type ChangeProductStatusInput = {
  /** The `version` you have seen. If the product has another one by now nothing changes; without it the last edit wins. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The product's id. */
  readonly productId: Scalars['ID']['input'];
};

/** The product, or why its status is as before; ask each `Error` for its `code` and `message`. */
export type ChangeProductStatusResult = ChangeProductStatusSuccess | ProductNotFoundError | VersionConflictError;

/** The product has the status. */
export type ChangeProductStatusSuccess = {
  /** The product as it is now. */
  readonly product: Product;
};

/** A new product. */
export type CreateProductInput = {
  /** The id of the category it belongs to. */
  readonly categoryId: Scalars['ID']['input'];
  /** Plain text of at most 5000 characters. */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** A text of your own, 1 to 255 visible ASCII characters. Sent again with the same product it answers the same product instead of creating another. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** One line of 1 to 120 characters. */
  readonly name: Scalars['String']['input'];
  /** Whether it is for sale at once; otherwise it is a draft. */
  readonly publish?: InputMaybe<Scalars['Boolean']['input']>;
  /** 1 to 80 small letters and digits, in parts joined by single dashes; unique. */
  readonly slug: Scalars['String']['input'];
  /** 1 to 50 variants. */
  readonly variants: ReadonlyArray<NewVariantInput>;
};

/** The new product, or why there is none; ask each `Error` for its `code` and `message`. */
export type CreateProductResult = CategoryNotFoundError | CreateProductSuccess | InvalidInputError | SkuTakenError | SlugTakenError;

/** The product was created, now or by an earlier request with the same idempotency key. */
export type CreateProductSuccess = {
  /** The product. */
  readonly product: Product;
};

/** A currency, by its ISO 4217 code. */
export type CurrencyCode =
  | 'EUR'
  | 'GBP'
  | 'USD';

/** The address has an account already: log in, or use another one. */
export type EmailTakenError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** An order needs at least one line. */
export type EmptyOrderError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** A refusal that you can act on. The types that implement it say what is special about each. */
export type Error = {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** The idempotency key was used before, with other input. */
export type IdempotencyConflictError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** No account has this address and password; which of the two is wrong is not told. */
export type InvalidCredentialsError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** A value of the input breaks the rule that `message` says; `path` leads to it. */
export type InvalidInputError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** A quantity outside its bounds. Lines of one variant count together. */
export type InvalidQuantityError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** The largest quantity. */
  readonly maxQuantity: Scalars['Int']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** The smallest quantity. */
  readonly minQuantity: Scalars['Int']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** The variant of the line, as you sent it. */
  readonly variantId: Scalars['ID']['output'];
};

/** The token is unknown, used, expired or its session was ended: log in again. */
export type InvalidRefreshTokenError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** Who says they are who. */
export type LogInInput = {
  /** The address of the account. */
  readonly email: Scalars['String']['input'];
  /** Its password. */
  readonly password: Scalars['String']['input'];
};

/** A new session, or why there is none. */
export type LogInResult = AuthPayload | InvalidCredentialsError | TooManyAttemptsError;

/** Which sessions to end; nothing ends the one of the access token. */
export type LogOutInput = {
  /** True ends all sessions of whoever is signed in, on every device. */
  readonly everywhere?: InputMaybe<Scalars['Boolean']['input']>;
  /** Ends the session of this refresh token, also without an access token. */
  readonly refreshToken?: InputMaybe<Scalars['String']['input']>;
};

/** What logging out did. */
export type LogOutPayload = {
  /** How many sessions were open and are ended now. Access tokens already given out still work until they expire. */
  readonly endedSessions: Scalars['Int']['output'];
};

/** The prices of the lines are in several currencies. */
export type MixedCurrenciesError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** The currencies, by their ISO 4217 codes. */
  readonly currencies: ReadonlyArray<Scalars['String']['output']>;
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** An amount of money. Always exact: count with `amountMinor`, show `formatted`. */
export type Money = {
  /** The amount in the currency's smallest unit: 1999 in EUR is 19.99 euros. */
  readonly amountMinor: Scalars['Int']['output'];
  /** The currency of the amount. */
  readonly currency: CurrencyCode;
  /** The amount with its currency as people of a place write it, such as `€19.99`. */
  readonly formatted: Scalars['String']['output'];
};


/** An amount of money. Always exact: count with `amountMinor`, show `formatted`. */
export type MoneyFormattedArgs = {
  locale?: InputMaybe<Scalars['String']['input']>;
};

/** An amount of money. */
export type MoneyInput = {
  /** The amount in the currency's smallest unit, 0 to 100000000: 1999 is 19.99 EUR. */
  readonly amountMinor: Scalars['Int']['input'];
  /** The currency of the amount. */
  readonly currency: CurrencyCode;
};

export type Mutation = {
  /** Cancels an order of the signed-in user; staff cancel any. */
  readonly cancelOrder: CancelOrderResult;
  /** Orders variants for the signed-in user, or for the customer that a caller with `orders:write` names. Answers at once; `orderUpdated` tells when the stock is reserved or missing. */
  readonly placeOrder: PlaceOrderResult;
  /** Takes a product out of sale. What is reserved stays reserved. For staff. */
  readonly archiveProduct: ChangeProductStatusResult;
  /** Creates a product. For staff. */
  readonly createProduct: CreateProductResult;
  /** Puts a product up for sale. For staff. */
  readonly publishProduct: ChangeProductStatusResult;
  /** Changes the price of a variant. Orders placed before keep theirs. For staff. */
  readonly repriceVariant: RepriceVariantResult;
  /** Says how many units of a variant are in the warehouse; never fewer than are reserved. For staff. */
  readonly setStock: SetStockResult;
  /** Opens a session for an account. */
  readonly logIn: LogInResult;
  /** Ends sessions: their refresh tokens stop working at once. */
  readonly logOut: LogOutPayload;
  /** Continues a session: a new access token, and a new refresh token in place of the one given. Using a refresh token twice ends its session, since one of the two users may be a thief. */
  readonly refresh: RefreshResult;
  /** Opens an account and signs in. The account is a customer's. */
  readonly register: RegisterResult;
};


export type MutationCancelOrderArgs = {
  input: CancelOrderInput;
};


export type MutationPlaceOrderArgs = {
  input: PlaceOrderInput;
};


export type MutationArchiveProductArgs = {
  input: ChangeProductStatusInput;
};


export type MutationCreateProductArgs = {
  input: CreateProductInput;
};


export type MutationPublishProductArgs = {
  input: ChangeProductStatusInput;
};


export type MutationRepriceVariantArgs = {
  input: RepriceVariantInput;
};


export type MutationSetStockArgs = {
  input: SetStockInput;
};


export type MutationLogInArgs = {
  input: LogInInput;
};


export type MutationLogOutArgs = {
  input?: InputMaybe<LogOutInput>;
};


export type MutationRefreshArgs = {
  input: RefreshInput;
};


export type MutationRegisterArgs = {
  input: RegisterInput;
};

/** A variant of a new product. */
export type NewVariantInput = {
  /** Units in the warehouse: 0 to 1000000. None when left out. */
  readonly onHand?: InputMaybe<Scalars['Int']['input']>;
  /** At most 10 choices. */
  readonly options?: InputMaybe<ReadonlyArray<VariantOptionInput>>;
  /** What one unit costs. All variants of a product are in one currency. */
  readonly price: MoneyInput;
  /** 2 to 40 capital letters and digits, in parts joined by single dashes; unique. */
  readonly sku: Scalars['String']['input'];
  /** What tells it from the other variants: one line of 1 to 120 characters. */
  readonly title: Scalars['String']['input'];
  /** The weight of one unit: 0 to 1000000 grams. */
  readonly weightGrams: Scalars['Int']['input'];
};

/** What a customer bought. Visible to its customer and to staff; for everyone else it does not exist. */
export type Order = {
  /** Each status that can follow; empty when the order is at its end. */
  readonly allowedTransitions: ReadonlyArray<OrderStatus>;
  /** Why it was cancelled; null while it is not. */
  readonly cancelReason?: Maybe<OrderCancelReason>;
  /** Who placed it. */
  readonly customer: User;
  /** The order's id. */
  readonly id: Scalars['ID']['output'];
  /** What was bought, in the order in which it was put in. */
  readonly lines: ReadonlyArray<OrderLine>;
  /** The order's number, for people: `T-20261121-000042`. */
  readonly number: Scalars['String']['output'];
  /** When it was placed. */
  readonly placedAt: Scalars['DateTime']['output'];
  /** Where the order stands. */
  readonly status: OrderStatus;
  /** The sum of all lines. */
  readonly total: Money;
  /** When it last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** 1 when placed, one more with each change: the larger one is the newer state. */
  readonly version: Scalars['Int']['output'];
};

/** Why an order was cancelled. */
export type OrderCancelReason =
  /** The customer asked for it. */
  | 'CUSTOMER_REQUEST'
  /** There were not enough units. */
  | 'OUT_OF_STOCK'
  /** A product was taken out of sale. */
  | 'PRODUCT_UNAVAILABLE'
  /** Staff did it. */
  | 'STAFF_REQUEST';

/** A page of a list of Order. */
export type OrderConnection = {
  /** The items with their cursors, in the order of the list. */
  readonly edges: ReadonlyArray<OrderEdge>;
  /** The items alone. */
  readonly nodes: ReadonlyArray<Order>;
  /** Whether there is more, and where. */
  readonly pageInfo: PageInfo;
  /** How many items the whole list has. Costs a count: ask only when you show it. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One Order in a list, with its place there. */
export type OrderEdge = {
  /** Opaque: hand it back as `after` or `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The item itself. */
  readonly node: Order;
};

/** Which orders to list; what is left out does not narrow the list. */
export type OrderFilter = {
  /** Only orders that stand there. */
  readonly status?: InputMaybe<OrderStatus>;
};

/** A variant in an order, as it was when it was ordered. */
export type OrderLine = {
  /** Quantity times unit price. */
  readonly lineTotal: Money;
  /** How many units. */
  readonly quantity: Scalars['Int']['output'];
  /** The stock keeping unit at that time. */
  readonly sku: Scalars['String']['output'];
  /** The title at that time. */
  readonly title: Scalars['String']['output'];
  /** The price of one unit at that time. */
  readonly unitPrice: Money;
  /** The variant as it is now. */
  readonly variant: ProductVariant;
};

/** Units of one variant to order. */
export type OrderLineInput = {
  /** How many units: 1 to 1000. */
  readonly quantity: Scalars['Int']['input'];
  /** The variant's id. */
  readonly variantId: Scalars['ID']['input'];
};

/** The order cannot be cancelled any more. */
export type OrderNotCancellableError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Where the order stands. */
  readonly status: OrderStatus;
};

/** There is no such order that you may see. */
export type OrderNotFoundError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** Where an order stands. */
export type OrderStatus =
  /** Ended; `cancelReason` says why. */
  | 'CANCELLED'
  /** Its stock is reserved. */
  | 'CONFIRMED'
  /** Placed; its stock is being reserved. */
  | 'PENDING';

/** Where a page stands in its list. */
export type PageInfo = {
  /** The cursor of the last item; null on an empty page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there is more behind this page: ask with `after: endCursor`. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether there is more before this page: ask with `before: startCursor`. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first item; null on an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** What to order. Prices are the shop's at that moment. */
export type PlaceOrderInput = {
  /** For whom: the id of a user. Only callers with the scope `orders:write` say so, such as partners; you, when left out. */
  readonly customerId?: InputMaybe<Scalars['ID']['input']>;
  /** A text of your own, 1 to 255 visible ASCII characters. Sent again with the same lines it answers the same order instead of placing another. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 100 lines; lines of the same variant are put together. */
  readonly lines: ReadonlyArray<OrderLineInput>;
};

/** The placed order, or why it was not placed; ask each `Error` for its `code` and `message`. */
export type PlaceOrderResult = EmptyOrderError | IdempotencyConflictError | InvalidInputError | InvalidQuantityError | MixedCurrenciesError | PlaceOrderSuccess | TooManyLinesError | UnknownVariantError;

/** The order was placed, now or by an earlier request with the same idempotency key. */
export type PlaceOrderSuccess = {
  /** The order; PENDING until its stock is reserved. */
  readonly order: Order;
};

/** From the cheapest to the dearest. */
export type PriceRange = {
  /** The highest price; equal to the lowest when there is one price only. */
  readonly max: Money;
  /** The lowest price. */
  readonly min: Money;
};

/** What the shop shows. It is sold as one of its variants. */
export type Product = {
  /** Where it stands in the shop. */
  readonly category: Category;
  /** When it was created. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** What it is, in plain text; may be empty. */
  readonly description: Scalars['String']['output'];
  /** The product's id. */
  readonly id: Scalars['ID']['output'];
  /** The name that people read. */
  readonly name: Scalars['String']['output'];
  /** What its variants cost. They are all in one currency. */
  readonly priceRange: PriceRange;
  /** Names the product in addresses of pages: small letters, digits and dashes. */
  readonly slug: Scalars['String']['output'];
  /** Who sees it, and whether it is sold. */
  readonly status: ProductStatus;
  /** The forms in which it is sold; at least one. */
  readonly variants: ReadonlyArray<ProductVariant>;
  /** 1 when created, one more with each edit; stock moves without it. Send it back as `expectedVersion`. */
  readonly version: Scalars['Int']['output'];
};

/** A page of a list of Product. */
export type ProductConnection = {
  /** The items with their cursors, in the order of the list. */
  readonly edges: ReadonlyArray<ProductEdge>;
  /** The items alone. */
  readonly nodes: ReadonlyArray<Product>;
  /** Whether there is more, and where. */
  readonly pageInfo: PageInfo;
  /** How many items the whole list has. Costs a count: ask only when you show it. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One Product in a list, with its place there. */
export type ProductEdge = {
  /** Opaque: hand it back as `after` or `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The item itself. */
  readonly node: Product;
};

/** Which products to list; what is left out does not narrow the list. */
export type ProductFilter = {
  /** Only products of this category or of one below it. */
  readonly categorySlug?: InputMaybe<Scalars['String']['input']>;
  /** Only products of which a variant can be ordered now; or, when false, only those that are sold out. */
  readonly inStock?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only products in which every one of these words begins a word: of the name, the variants, the SKUs or the description. At most 8 words and 100 characters. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
};

/** There is no such product. */
export type ProductNotFoundError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** The order of a list of products. */
export type ProductSort =
  /** By name, from A to Z. */
  | 'NAME'
  /** The latest first. */
  | 'NEWEST'
  /** By the amount of the cheapest variant, the highest first. */
  | 'PRICE_HIGH_TO_LOW'
  /** By the amount of the cheapest variant, the lowest first. */
  | 'PRICE_LOW_TO_HIGH';

/** Who sees a product, and whether it is sold. */
export type ProductStatus =
  /** Taken out of sale: seen by staff only. */
  | 'ARCHIVED'
  /** Being prepared: seen by staff only. */
  | 'DRAFT'
  /** Seen by everyone, and for sale. */
  | 'PUBLISHED';

/** A form of a product that can be ordered. */
export type ProductVariant = {
  /** The variant's id. */
  readonly id: Scalars['ID']['output'];
  /** Units that can be ordered now: those on hand without the reserved ones. */
  readonly available: Scalars['Int']['output'];
  /** Whether there is at least one unit to order now. */
  readonly inStock: Scalars['Boolean']['output'];
  /** Units in the warehouse, the reserved ones included. For staff. */
  readonly onHand?: Maybe<Scalars['Int']['output']>;
  /** The choices that make this variant; may be empty. */
  readonly options: ReadonlyArray<VariantOption>;
  /** What one unit costs now. An order keeps the price it was placed at. */
  readonly price: Money;
  /** The product of which this is a variant. */
  readonly product: Product;
  /** Units set aside for orders. For staff. */
  readonly reserved?: Maybe<Scalars['Int']['output']>;
  /** The stock keeping unit: the shop's own number for it. */
  readonly sku: Scalars['String']['output'];
  /** What tells it from the product's other variants. */
  readonly title: Scalars['String']['output'];
  /** The weight of one unit in grams. */
  readonly weightGrams: Scalars['Int']['output'];
};

export type Query = {
  /** One order, by its id or by its number: give exactly one. Null when there is none that you may see. */
  readonly order?: Maybe<Order>;
  /** The orders of all customers, newest first. For staff. */
  readonly orders: OrderConnection;
  /** The categories at the top of the shop's tree, by name. */
  readonly categories: ReadonlyArray<Category>;
  /** One category, by its id or by its slug: give exactly one. Null when there is none. */
  readonly category?: Maybe<Category>;
  /** One product, by its id or by its slug: give exactly one. Null when there is none that you may see. */
  readonly product?: Maybe<Product>;
  /** One variant, by its id or by its SKU: give exactly one. Null when there is none that you may see. */
  readonly productVariant?: Maybe<ProductVariant>;
  /** The products of the shop. */
  readonly products: ProductConnection;
  /** Whoever is signed in; null for anonymous callers and for partners. */
  readonly me?: Maybe<User>;
  /** Any user, for staff; null when there is none with this id. */
  readonly user?: Maybe<User>;
};


export type QueryOrderArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  number?: InputMaybe<Scalars['String']['input']>;
};


export type QueryOrdersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<OrderFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryCategoryArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  slug?: InputMaybe<Scalars['String']['input']>;
};


export type QueryProductArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  slug?: InputMaybe<Scalars['String']['input']>;
};


export type QueryProductVariantArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  sku?: InputMaybe<Scalars['String']['input']>;
};


export type QueryProductsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProductFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  sort?: ProductSort;
};


export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};

/** What a session is continued with. */
export type RefreshInput = {
  /** The newest one of the session; it works once. */
  readonly refreshToken: Scalars['String']['input'];
};

/** The session with new tokens, or why it cannot be continued. */
export type RefreshResult = AuthPayload | InvalidRefreshTokenError;

/** What an account needs. */
export type RegisterInput = {
  /** Where the user gets mail; blanks around it and the case of letters do not matter. */
  readonly email: Scalars['String']['input'];
  /** 1 to 100 characters, shown to others. */
  readonly name: Scalars['String']['input'];
  /** 8 to 128 characters, any; passwords that everyone uses are refused. */
  readonly password: Scalars['String']['input'];
};

/** A session of the new account, or why there is none. */
export type RegisterResult = AuthPayload | EmailTakenError | InvalidInputError;

/** A new price for a variant. */
export type RepriceVariantInput = {
  /** The `version` you have seen. If the product has another one by now nothing changes; without it the last edit wins. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** What one unit costs from now on. */
  readonly price: MoneyInput;
  /** The variant's id. */
  readonly variantId: Scalars['ID']['input'];
};

/** The variant, or why its price is as before; ask each `Error` for its `code` and `message`. */
export type RepriceVariantResult = InvalidInputError | RepriceVariantSuccess | VariantNotFoundError | VersionConflictError;

/** The variant has the price. */
export type RepriceVariantSuccess = {
  /** The variant as it is now. */
  readonly variant: ProductVariant;
};

/** What a user may be. The scopes in their access token follow from their roles. */
export type Role =
  /** Staff who may also change users. */
  | 'ADMIN'
  /** Buys: places orders and sees their own. */
  | 'CUSTOMER'
  /** Runs the shop: products, everyone's orders, and who the users are. */
  | 'STAFF';

/** How many units of a variant there are. */
export type SetStockInput = {
  /** Units in the warehouse, those reserved for orders included: 0 to 1000000. */
  readonly onHand: Scalars['Int']['input'];
  /** The variant's id. */
  readonly variantId: Scalars['ID']['input'];
};

/** The variant, or why its stock is as before; ask each `Error` for its `code` and `message`. */
export type SetStockResult = InvalidInputError | SetStockSuccess | StockReservedError | VariantNotFoundError;

/** The variant has the stock. */
export type SetStockSuccess = {
  /** The variant as it is now. */
  readonly variant: ProductVariant;
};

/** A variant of another product has this SKU. */
export type SkuTakenError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** The SKU, as you sent it. */
  readonly sku: Scalars['String']['output'];
};

/** Another product has this slug. */
export type SlugTakenError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** The slug, as you sent it. */
  readonly slug: Scalars['String']['output'];
};

/** Orders have more units reserved than you want to keep. */
export type StockReservedError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** How many units are reserved. */
  readonly reserved: Scalars['Int']['output'];
};

export type Subscription = {
  /** Each of the viewer's own orders when it is placed and each time it changes. */
  readonly myOrders: Order;
  /** The order as it is now, then again each time it changes. Only for its customer and for staff. */
  readonly orderUpdated: Order;
  /** Each variant of these products when its price changes, while the product is for sale. For everyone. */
  readonly productPriceChanged: ProductVariant;
  /** Each variant at the moment when the units that can be ordered fall from above the threshold to it or below. For staff. */
  readonly stockLow: ProductVariant;
};


export type SubscriptionOrderUpdatedArgs = {
  orderId: Scalars['ID']['input'];
};


export type SubscriptionProductPriceChangedArgs = {
  productIds: ReadonlyArray<Scalars['ID']['input']>;
};


export type SubscriptionStockLowArgs = {
  threshold: Scalars['Int']['input'];
};

/** Logging in failed too often for this address: wait, then try again. */
export type TooManyAttemptsError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Whole seconds until an attempt is heard again. */
  readonly retryAfterSeconds: Scalars['Int']['output'];
};

/** More lines than one order can have. */
export type TooManyLinesError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** The most lines that an order can have. */
  readonly maxLines: Scalars['Int']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** There is no such variant, or it is not for sale. */
export type UnknownVariantError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** The variant of the line, as you sent it. */
  readonly variantId: Scalars['ID']['output'];
};

/** Someone with an account. */
export type User = {
  /** The user's id. */
  readonly id: Scalars['ID']['output'];
  /** The orders of this user, newest first. Only for the user and for staff. */
  readonly orders: OrderConnection;
  /** When the account was opened. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** The address to log in with, in small letters. For the user and for those with the scope `users:read`. */
  readonly email?: Maybe<Scalars['String']['output']>;
  /** As the user wrote it; others see it too, for instance beside a review. */
  readonly name: Scalars['String']['output'];
  /** What the user may be. For the user and for those with the scope `users:read`. */
  readonly roles?: Maybe<ReadonlyArray<Role>>;
};


/** Someone with an account. */
export type UserOrdersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** There is no such variant. */
export type VariantNotFoundError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** One choice that tells a variant from the others, such as size: L. */
export type VariantOption = {
  /** What is chosen, such as `size`. */
  readonly name: Scalars['String']['output'];
  /** The choice, such as `L`. */
  readonly value: Scalars['String']['output'];
};

/** One choice that tells a variant from the others, such as size: L. */
export type VariantOptionInput = {
  /** What is chosen: 1 to 40 characters. */
  readonly name: Scalars['String']['input'];
  /** The choice: 1 to 80 characters. */
  readonly value: Scalars['String']['input'];
};

/** Someone else changed the product after you looked at it. */
export type VersionConflictError = Error & {
  /** Stable, for programs: compare this, never the message. */
  readonly code: Scalars['String']['output'];
  /** The version that the product has now. */
  readonly currentVersion: Scalars['Int']['output'];
  /** One sentence for people, in English. */
  readonly message: Scalars['String']['output'];
  /** Where in the arguments the cause lies, such as `["input", "email"]`; null when it lies nowhere. */
  readonly path?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

export type LogInAsTheDemoCustomerMutationVariables = Exact<{ [key: string]: never; }>;


export type LogInAsTheDemoCustomerMutation = { readonly logIn:
    | { readonly accessToken: string, readonly user: { readonly name: string } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type LookAroundTheShopQueryVariables = Exact<{ [key: string]: never; }>;


export type LookAroundTheShopQuery = { readonly products: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly name: string, readonly category: { readonly name: string }, readonly variants: ReadonlyArray<{ readonly id: string, readonly title: string, readonly available: number, readonly price: { readonly formatted: string } }> }> } };

export type MyOrdersAcrossThreeServicesQueryVariables = Exact<{ [key: string]: never; }>;


export type MyOrdersAcrossThreeServicesQuery = { readonly me?: { readonly name: string, readonly orders: { readonly nodes: ReadonlyArray<{ readonly number: string, readonly status: OrderStatus, readonly total: { readonly formatted: string }, readonly lines: ReadonlyArray<{ readonly quantity: number, readonly variant: { readonly available: number, readonly product: { readonly name: string, readonly slug: string } } }> }> } } | null };

export type PlaceAnOrderMutationVariables = Exact<{ [key: string]: never; }>;


export type PlaceAnOrderMutation = { readonly placeOrder:
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly order: { readonly id: string, readonly number: string, readonly status: OrderStatus } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type WatchAnOrderSubscriptionVariables = Exact<{
  orderId: Scalars['ID']['input'];
}>;


export type WatchAnOrderSubscription = { readonly orderUpdated: { readonly number: string, readonly status: OrderStatus, readonly cancelReason?: OrderCancelReason | null, readonly customer: { readonly name: string }, readonly lines: ReadonlyArray<{ readonly quantity: number, readonly variant: { readonly available: number, readonly product: { readonly name: string } } }> } };

export type CancelAnOrderMutationVariables = Exact<{
  orderId: Scalars['ID']['input'];
}>;


export type CancelAnOrderMutation = { readonly cancelOrder:
    | { readonly order: { readonly number: string, readonly status: OrderStatus } }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
    | { readonly code: string, readonly message: string }
   };

export type WatchMyOrdersSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type WatchMyOrdersSubscription = { readonly myOrders: { readonly number: string, readonly status: OrderStatus, readonly total: { readonly formatted: string } } };

export type WatchPricesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type WatchPricesSubscription = { readonly productPriceChanged: { readonly sku: string, readonly price: { readonly formatted: string }, readonly product: { readonly name: string } } };

export type WatchLowStockSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type WatchLowStockSubscription = { readonly stockLow: { readonly sku: string, readonly available: number } };


export const LogInAsTheDemoCustomerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"LogInAsTheDemoCustomer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"logIn"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"email"},"value":{"kind":"StringValue","value":"customer@tributary.test","block":false}},{"kind":"ObjectField","name":{"kind":"Name","value":"password"},"value":{"kind":"StringValue","value":"tributary-demo-1","block":false}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"AuthPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accessToken"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<LogInAsTheDemoCustomerMutation, LogInAsTheDemoCustomerMutationVariables>;
export const LookAroundTheShopDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LookAroundTheShop"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"products"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"inStock"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"category"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"variants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<LookAroundTheShopQuery, LookAroundTheShopQueryVariables>;
export const MyOrdersAcrossThreeServicesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MyOrdersAcrossThreeServices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"3"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"quantity"}},{"kind":"Field","name":{"kind":"Name","value":"variant"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"product"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<MyOrdersAcrossThreeServicesQuery, MyOrdersAcrossThreeServicesQueryVariables>;
export const PlaceAnOrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PlaceAnOrder"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"placeOrder"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"lines"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"variantId"},"value":{"kind":"StringValue","value":"01890000-0000-7000-8000-0000000c0001","block":false}},{"kind":"ObjectField","name":{"kind":"Name","value":"quantity"},"value":{"kind":"IntValue","value":"1"}}]}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PlaceOrderSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PlaceAnOrderMutation, PlaceAnOrderMutationVariables>;
export const WatchAnOrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchAnOrder"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orderUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"orderId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"cancelReason"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"quantity"}},{"kind":"Field","name":{"kind":"Name","value":"variant"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"product"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<WatchAnOrderSubscription, WatchAnOrderSubscriptionVariables>;
export const CancelAnOrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelAnOrder"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelOrder"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"orderId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderId"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CancelOrderSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CancelAnOrderMutation, CancelAnOrderMutationVariables>;
export const WatchMyOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchMyOrders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"myOrders"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}}]}}]} as unknown as DocumentNode<WatchMyOrdersSubscription, WatchMyOrdersSubscriptionVariables>;
export const WatchPricesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchPrices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"productPriceChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"productIds"},"value":{"kind":"ListValue","values":[{"kind":"StringValue","value":"01890000-0000-7000-8000-0000000b0001","block":false}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sku"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"Field","name":{"kind":"Name","value":"product"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<WatchPricesSubscription, WatchPricesSubscriptionVariables>;
export const WatchLowStockDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchLowStock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stockLow"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"threshold"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sku"}},{"kind":"Field","name":{"kind":"Name","value":"available"}}]}}]}}]} as unknown as DocumentNode<WatchLowStockSubscription, WatchLowStockSubscriptionVariables>;